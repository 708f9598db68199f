// What happens to the records elsewhere: changes are shown in place; new and deleted ones are announced, so that nothing jumps.
/* eslint-disable svelte/prefer-svelte-reactivity -- sets and maps are replaced or versioned here, never watched */
import { pb } from '$lib/api/client';
import type { CollectionModel, RecordModel } from '$lib/api/types';
import { both, idsFilter } from './filters';
import { expandOf, IDS_MAX } from '$lib/services/recordlist';
import { asStored } from '$lib/services/records';
import type { Rows } from './rows.svelte';

/** How long new ones are gathered before the server is asked which of them match, in milliseconds. */
const GATHER_MS = 300;

export class Live {
  /** Ids of records that match and came after the table was loaded. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  gone = $state.raw<ReadonlySet<string>>(new Set());
  #mine = new Set<string>();
  #gathered = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;

  constructor(readonly rows: Rows) {}

  /** Listens until what it returns is called. */
  listen(collection: CollectionModel): () => void {
    if (collection.type === 'view') return () => undefined;
    const expand = expandOf(collection);
    const take = (action: string, record: RecordModel) => this.#take(action, record);
    const heard = pb
      .collection(collection.id)
      .subscribe(
        '*',
        ({ action, record }) => asStored(collection, action, record, take, expand),
        expand ? { expand } : {},
      );
    // Without live updates the table is what it was when it was loaded.
    heard.catch(() => undefined);
    return () => {
      clearTimeout(this.#timer);
      void heard.then((stop) => stop()).catch(() => undefined);
    };
  }

  /** A record that was made or deleted here: not news. */
  mine(...ids: string[]): void {
    for (const id of ids) {
      this.#mine.add(id);
      this.#gathered.delete(id);
    }
    const others = (set: ReadonlySet<string>) => new Set([...set].filter((id) => !ids.includes(id)));
    this.fresh = others(this.fresh);
  }

  /** Forgets what was announced: the table is about to be loaded. */
  clear(): void {
    this.#gathered.clear();
    this.fresh = new Set();
    this.gone = new Set();
  }

  /** While much is written here, nothing is news. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.#isPaused = true;
    try {
      return await work();
    } finally {
      // The last events may still be on their way.
      setTimeout(() => (this.#isPaused = false), GATHER_MS);
    }
  }

  #take(action: string, record: RecordModel): void {
    if (action === 'update') {
      this.rows.put(record);
    } else if (this.#isPaused || this.#mine.has(record.id)) {
      return;
    } else if (action === 'create') {
      this.#gathered.add(record.id);
      this.#timer ??= setTimeout(() => void this.#ask(), GATHER_MS);
    } else if (action === 'delete') {
      this.#gathered.delete(record.id);
      const wasFresh = this.fresh.has(record.id);
      if (wasFresh) this.fresh = new Set([...this.fresh].filter((id) => id !== record.id));
      else if (this.rows.has(record.id)) this.gone = new Set([...this.gone, record.id]);
    }
  }

  /** Which of the gathered ones belong into the table. */
  async #ask(): Promise<void> {
    this.#timer = undefined;
    const { query } = this.rows;
    const ids = [...this.#gathered].filter((id) => !this.rows.has(id));
    this.#gathered.clear();
    if (!query || !ids.length) return;
    let matching = ids;
    if (query.filter) {
      matching = [];
      for (let at = 0; at < ids.length; at += IDS_MAX) {
        const filter = both(query.filter, idsFilter(ids.slice(at, at + IDS_MAX)));
        const options = { filter, fields: 'id', skipTotal: true };
        const list = await pb
          .collection(query.collection.id)
          .getList(1, IDS_MAX, options)
          .catch(() => undefined);
        matching.push(...(list?.items ?? []).map(({ id }) => id));
      }
    }
    this.fresh = new Set([...this.fresh, ...matching.filter((id) => !this.#mine.has(id))]);
  }
}
