// What the table's address remembers: `#/collections/posts?filter=…&sort=…&columns=…`.
import { goto } from '$app/navigation';
import { page } from '$app/state';
import type { CollectionModel } from '$lib/api/types';
import { href, path, queryOf } from '$lib/links';

/** Stands in the address where a record's id stands otherwise. */
const NEW = 'new';

export interface Shown {
  /** As it was typed: a filter, or words. */
  filter: string;
  sort: string;
  /** Only when the address names columns: those of a view. */
  columns: string;
}

export function shown(): Shown {
  const query = queryOf(page.url);
  const text = (name: string) => query.get(name) ?? '';
  return { filter: text('filter'), sort: text('sort'), columns: text('columns') };
}

/** Whether a new record is being written, and which one it is to be like: `…/records/new?like=ID`. */
export function newRecord(): { like: string } | undefined {
  return page.params['id'] === NEW ? { like: queryOf(page.url).get('like') ?? '' } : undefined;
}

/** Goes to what is to be shown; steps that are undone by other steps leave no trace in the history. */
export function show({ name }: CollectionModel, next: Shown, replaceState = false): Promise<void> {
  return goto(href(path`/collections/${name}`, { ...next }), { replaceState, keepFocus: true, noScroll: true });
}

/** The record that the address names. */
export function openId(): string | undefined {
  const id = page.params['id'];
  return id === NEW ? undefined : id;
}

/** The field at which it was opened; a link does not name one. */
export function openedAt(): string | undefined {
  return page.state.field;
}

export function openRecord({ name }: CollectionModel, id: string, field?: string): Promise<void> {
  const state = field ? { field } : {};
  return goto(href(path`/collections/${name}/records/${id}`, { ...shown() }), { noScroll: true, state });
}

export function openNew({ name }: CollectionModel, like = ''): Promise<void> {
  return goto(href(path`/collections/${name}/records/${NEW}`, { ...shown(), like }), { noScroll: true });
}
