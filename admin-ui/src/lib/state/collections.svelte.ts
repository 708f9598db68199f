// The collections: loaded once, and again after changes made here or, as far as the server tells, elsewhere.
import { pb } from '$lib/api/client';
import type { CollectionModel } from '$lib/api/types';

class Collections {
  all = $state.raw<readonly CollectionModel[]>([]);
  isLoaded = $state(false);
  error = $state.raw<unknown>();
  #asked: Promise<void> | undefined;
  /** The ids by the names that were seen. */
  #former = new Map<string, string>();

  /** What people made; then what the server keeps for itself. */
  own = $derived(this.all.filter(({ system }) => !system));
  system = $derived(this.all.filter(({ system }) => system));
  auth = $derived(this.all.filter(({ type }) => type === 'auth'));

  /** Loads them unless they are there. */
  load(): Promise<void> {
    if (this.isLoaded) return Promise.resolve();
    return this.refresh();
  }

  /** Loads them again; several calls at once are one request. */
  refresh = (): Promise<void> => {
    this.#asked ??= this.#fetch().finally(() => (this.#asked = undefined));
    return this.#asked;
  };

  /** Puts one that was just saved in its place, without asking again. */
  put(collection: CollectionModel): void {
    const others = this.all.filter(({ id }) => id !== collection.id);
    this.#take([...others, collection]);
  }

  drop(id: string): void {
    this.all = this.all.filter((collection) => collection.id !== id);
  }

  /** By name or id; by a name it had before, so that a page that shows it stays when it is renamed elsewhere. */
  find(nameOrId: string | undefined): CollectionModel | undefined {
    const former = this.#former.get(nameOrId ?? '');
    return (
      this.all.find(({ name, id }) => name === nameOrId || id === nameOrId) ?? this.all.find(({ id }) => id === former)
    );
  }

  /** Forgets everything, for the next who signs in. */
  reset(): void {
    this.all = [];
    this.#former.clear();
    this.isLoaded = false;
    this.error = undefined;
  }

  #take(list: CollectionModel[]): void {
    for (const { id, name } of this.all) this.#former.set(name, id);
    this.all = sorted(list);
  }

  async #fetch(): Promise<void> {
    try {
      this.#take(await pb.collections.getFullList());
      this.error = undefined;
      this.isLoaded = true;
    } catch (error) {
      this.error = error;
    }
  }
}

function sorted(list: CollectionModel[]): CollectionModel[] {
  return list.sort((a, b) => a.name.localeCompare(b.name, 'en', { sensitivity: 'base' }));
}

export const collections = new Collections();
