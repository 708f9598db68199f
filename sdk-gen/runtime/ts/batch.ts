// Several writes in one transaction.
import { formOf, type Http, partsOf, type RequestOptions, segment } from './http.js';
import { queryOf, type Shape } from './records.js';
import type { CollectionTypes, Expand, FieldPick, Shaped } from './schema.js';

declare const RESULT: unique symbol;

/** A write that waits to be sent with others; its answer is a `T`. */
export interface Write<T> {
  readonly [RESULT]?: T;
  readonly method: string;
  readonly url: string;
  readonly body?: object;
}

type Types<S, N extends keyof S> = S[N] extends CollectionTypes ? S[N] : never;

/** The writes of one collection. */
export interface Writes<S, N extends keyof S> {
  create<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(input: Types<S, N>['create'], options?: Shape<S, N, E, F>): Write<Shaped<S, N, E, F>>;
  update<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(id: string, input: Types<S, N>['update'], options?: Shape<S, N, E, F>): Write<Shaped<S, N, E, F>>;
  /** Makes a record with this id, or changes the one that has it. */
  upsert<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(input: Types<S, N>['create'] & { id: string }, options?: Shape<S, N, E, F>): Write<Shaped<S, N, E, F>>;
  delete(id: string): Write<void>;
}

type Writable<S> = { [N in keyof S]: S[N] extends { kind: 'view' } ? never : N }[keyof S];

/** The writes of every collection that can be written. */
export type Batch<S> = { readonly [N in Writable<S>]: Writes<S, N> };

/** What the writes answer, in their order. */
export type Results<W> = { -readonly [I in keyof W]: W[I] extends Write<infer T> ? T : never };

interface Loose {
  expand?: object;
  fields?: readonly string[];
}

/** The writes of one collection, whatever it is called. */
export function writesOf(http: Http, name: string) {
  const below = (id: string) => `/api/collections/${segment(name)}/records${id && `/${segment(id)}`}`;
  // Of the server's own addresses only path and query are told.
  const url = (id: string, options: Loose = {}) => http.address(below(id), queryOf(options)).slice(http.url.length);
  return {
    create: (body: object, options?: Loose) => ({ method: 'POST', url: url('', options), body }),
    update: (id: string, body: object, options?: Loose) => ({ method: 'PATCH', url: url(needed(id), options), body }),
    upsert: (body: object, options?: Loose) => ({ method: 'PUT', url: url('', options), body }),
    delete: (id: string) => ({ method: 'DELETE', url: url(needed(id)) }),
  };
}

function needed(id: string): string {
  if (!id) throw new TypeError('The id of a record is needed.');
  return id;
}

/** Sends them: all of them are done, or none. */
export async function sendBatch(http: Http, writes: readonly Write<unknown>[], options: RequestOptions): Promise<unknown[]> {
  const files: [string, Blob][] = [];
  const requests = writes.map(({ method, url, body }, at) => {
    if (!body) return { method, url };
    const parts = partsOf(body);
    for (const [key, file] of parts.files) files.push([`requests.${at}.${key}`, file]);
    return { method, url, body: parts.json };
  });
  const body = files.length > 0 ? formOf({ requests }, files) : { requests };
  const answers = await http.send<{ body: unknown }[]>('/api/batch', { ...options, method: 'POST', body });
  return answers.map(({ body }) => body ?? undefined);
}
