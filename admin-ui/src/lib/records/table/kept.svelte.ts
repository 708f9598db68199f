// What the browser remembers about a collection's table: its columns, and the views that were saved.
import type { CollectionModel } from '$lib/api/types';
import { readLayout, type Layout } from './columns';

export interface View {
  name: string;
  filter: string;
  sort: string;
  /** The columns, as a link names them. */
  columns: string;
}

/** How many views a collection can have. */
export const VIEWS_MAX = 50;

export class Kept {
  layout = $state.raw<Layout>(readLayout(undefined));
  views = $state.raw<readonly View[]>([]);
  readonly #key: string;

  constructor({ id }: Pick<CollectionModel, 'id'>) {
    this.#key = `bakend_records_${id}`;
    const kept = parse(localStorage.getItem(this.#key));
    this.layout = readLayout(kept['layout']);
    this.views = readViews(kept['views']);
  }

  setLayout(layout: Layout): void {
    this.layout = layout;
    this.#keep();
  }

  /** Adds a view, in the place of one that has its name. */
  save(view: View): void {
    const at = this.views.findIndex(({ name }) => name === view.name);
    this.views = at < 0 ? [...this.views, view].slice(-VIEWS_MAX) : this.views.with(at, view);
    this.#keep();
  }

  /** Takes a view away; returns how to put it back. */
  remove(name: string): () => void {
    const before = this.views;
    this.views = before.filter((view) => view.name !== name);
    this.#keep();
    return () => {
      this.views = before;
      this.#keep();
    };
  }

  #keep(): void {
    localStorage.setItem(this.#key, JSON.stringify({ layout: this.layout, views: this.views }));
  }
}

function parse(text: string | null): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(text ?? '{}');
    return typeof kept === 'object' && kept ? (kept as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function readViews(kept: unknown): View[] {
  if (!Array.isArray(kept)) return [];
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return (kept as Partial<Record<keyof View, unknown>>[])
    .map((view) => ({
      name: text(view?.name),
      filter: text(view?.filter),
      sort: text(view?.sort),
      columns: text(view?.columns),
    }))
    .filter(({ name }) => name)
    .slice(0, VIEWS_MAX);
}
