// Reads the records of a table: page by page, counted apart, by their ids, and all of them one after the other.
import { pb } from '$lib/api/client';
import type { CollectionModel, RecordModel } from '$lib/api/types';
import { both, idsFilter, quote } from '$lib/records/table/filters';

export interface ListQuery {
  collection: CollectionModel;
  /** As the server takes it, not as it was typed. */
  filter: string;
  sort: string;
}

/** How many records one request brings while somebody scrolls. */
export const PAGE_SIZE = 100;
/** The most that the server gives at once. */
const PAGE_SIZE_MAX = 1_000;
/** How many ids one filter names; the server's filters have an end. */
export const IDS_MAX = 50;
/** What is shown of long texts. */
const EXCERPT_CHARS = 200;

/** The order when nobody chose one: what came last stands first. Views have no such order of their own. */
export function defaultSort({ type }: CollectionModel): string {
  return type === 'view' ? '' : '-@rowid';
}

/** The relations, so that they can be shown by name. */
export function expandOf({ fields }: CollectionModel): string {
  return fields
    .filter(({ type }) => type === 'relation')
    .map(({ name }) => name)
    .join(',');
}

/** Everything but long texts, of which the beginning is enough. */
function fieldsOf({ fields }: CollectionModel): string | undefined {
  const long = fields.filter(({ type }) => type === 'editor');
  if (!long.length) return undefined;
  return ['*', ...long.map(({ name }) => `${name}:excerpt(${EXCERPT_CHARS},true)`)].join(',');
}

export async function page(query: ListQuery, number: number, signal?: AbortSignal): Promise<RecordModel[]> {
  const { collection, filter, sort } = query;
  const { items } = await pb.collection(collection.id).getList(number, PAGE_SIZE, {
    skipTotal: true,
    sort: sort || defaultSort(collection),
    ...(filter && { filter }),
    ...(expandOf(collection) && { expand: expandOf(collection) }),
    ...(fieldsOf(collection) && { fields: fieldsOf(collection) }),
    ...(signal && { signal }),
  });
  return items;
}

/** How many there are; asked apart since counting a large table takes longer than showing its beginning. */
export async function count({ collection, filter }: ListQuery, signal?: AbortSignal): Promise<number> {
  const options = { fields: 'id', ...(filter && { filter }), ...(signal && { signal }) };
  return (await pb.collection(collection.id).getList(1, 1, options)).totalItems;
}

/** One record as the table shows it; `undefined` when it is not among those that match. */
export async function one(query: ListQuery, id: string): Promise<RecordModel | undefined> {
  const narrowed = { ...query, sort: '', filter: both(query.filter, `id = ${quote(id)}`) };
  return (await page(narrowed, 1))[0];
}

/** Whole records by their ids, in no special order; those that are gone are missing. */
export async function byIds(collection: CollectionModel, ids: readonly string[], fields = ''): Promise<RecordModel[]> {
  const found: RecordModel[] = [];
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const filter = idsFilter(ids.slice(at, at + IDS_MAX));
    const options = { filter, skipTotal: true, ...(fields && { fields }) };
    found.push(...(await pb.collection(collection.id).getList(1, IDS_MAX, options)).items);
  }
  return found;
}

/** The ids of the records from `first` to before `end`, counted in the order of the query. */
export async function idsBetween(
  query: ListQuery,
  first: number,
  end: number,
  signal?: AbortSignal,
): Promise<string[]> {
  const { collection, filter, sort } = query;
  const ids: string[] = [];
  for (let at = Math.floor(first / PAGE_SIZE_MAX); at * PAGE_SIZE_MAX < end; at++) {
    const options = { fields: 'id', skipTotal: true, sort: sort || defaultSort(collection), ...(signal && { signal }) };
    const list = pb.collection(collection.id).getList(at + 1, PAGE_SIZE_MAX, { ...options, ...(filter && { filter }) });
    const { items } = await list;
    const from = at * PAGE_SIZE_MAX;
    ids.push(...items.filter((_, index) => from + index >= first && from + index < end).map(({ id }) => id));
    if (items.length < PAGE_SIZE_MAX) break;
  }
  return ids;
}

/**
 * Every record that matches, whole, a thousand at a time. Without a chosen order they come by id: then each page begins
 * behind the last one, which stays quick however many there are.
 */
export async function* everything(query: ListQuery, signal: AbortSignal): AsyncGenerator<RecordModel[]> {
  const { collection, filter, sort } = query;
  const byId = !sort && collection.type !== 'view';
  let last = '';
  for (let number = 1; ; number++) {
    const wanted = byId && last ? both(filter, `id > ${quote(last)}`) : filter;
    const { items } = await pb.collection(collection.id).getList(byId ? 1 : number, PAGE_SIZE_MAX, {
      skipTotal: true,
      sort: byId ? 'id' : sort,
      ...(wanted && { filter: wanted }),
      signal,
    });
    if (items.length) yield items;
    if (items.length < PAGE_SIZE_MAX) return;
    last = items.at(-1)?.id ?? '';
  }
}
