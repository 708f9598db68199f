// The records of one collection.
import { type FilterOf, filterText } from './filter.js';
import { bodyOf, type Http, type Query, type RequestOptions, segment } from './http.js';
import type { Listener, Realtime, RecordEvent } from './realtime.js';
import { type CollectionTypes, type Expand, expandText, type FieldPick, fieldsText, type Known, type Shaped, type Sort } from './schema.js';

/** What of a record is sent. */
export interface Shape<S, N extends keyof S, E, F> extends RequestOptions {
  /** Related records to send along, as `{ author: true, comments_via_post: { user: true } }`. */
  expand?: E & Known<S, N, E>;
  /** Only these fields. */
  fields?: F;
}

/** Which records, and what of them. */
export interface Find<S, N extends keyof S, E, F> extends Shape<S, N, E, F> {
  filter?: FilterOf<S, N>;
  sort?: Sort<S, N> | readonly Sort<S, N>[];
}

/** Which page. */
export interface FindPage<S, N extends keyof S, E, F> extends Find<S, N, E, F> {
  /** From 1. */
  page?: number;
  /** How many on a page, 1000 at most; 30 without it. */
  perPage?: number;
  /** Does not count all, which is faster: both totals are -1. */
  skipTotal?: boolean;
}

/** A page of records. */
export interface Page<T> {
  page: number;
  perPage: number;
  totalItems: number;
  totalPages: number;
  items: T[];
}

/** What to hear of. */
export interface SubscribeOptions<S, N extends keyof S, E, F> extends Omit<Shape<S, N, E, F>, keyof RequestOptions> {
  filter?: FilterOf<S, N>;
}

/** Many records a request, so that walking over all takes few. */
const WALK_PER_PAGE = 500;

type Types<S, N extends keyof S> = S[N] extends CollectionTypes ? S[N] : never;

/** Reading a collection. */
export interface Reading<S, N extends keyof S> {
  /** A page of records. */
  list<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(options?: FindPage<S, N, E, F>): Promise<Page<Shaped<S, N, E, F>>>;
  /** All records, page by page; nothing is counted. */
  pages<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(options?: Omit<FindPage<S, N, E, F>, 'skipTotal'>): AsyncGenerator<Shaped<S, N, E, F>[], void, undefined>;
  /** All records, one by one: `for await (const post of db.posts.all())`. */
  all<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(options?: Omit<FindPage<S, N, E, F>, 'skipTotal'>): AsyncGenerator<Shaped<S, N, E, F>, void, undefined>;
  /** The first record that is found; `null`: there is none. */
  first<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(options?: Find<S, N, E, F>): Promise<Shaped<S, N, E, F> | null>;
  /** How many records there are. */
  count(options?: { filter?: FilterOf<S, N> } & RequestOptions): Promise<number>;
  /** One record, by its id. */
  view<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(id: string, options?: Shape<S, N, E, F>): Promise<Shaped<S, N, E, F>>;
  /** The address of a file. */
  fileUrl(record: { id: string }, name: string, options?: FileOptions): string;
}

/** Writing into a collection. */
export interface Writing<S, N extends keyof S> {
  /** Makes a record. */
  create<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(input: Types<S, N>['create'], options?: Shape<S, N, E, F>): Promise<Shaped<S, N, E, F>>;
  /** Changes a record; what is not given stays as it is. */
  update<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(id: string, input: Types<S, N>['update'], options?: Shape<S, N, E, F>): Promise<Shaped<S, N, E, F>>;
  /** Deletes a record. */
  delete(id: string, options?: RequestOptions): Promise<void>;
  /** Hears of every change to all records (`'*'`) or to one. Goes on by itself after the connection was lost, without missing anything. Returns what ends it. */
  subscribe<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(
    id: '*' | (string & {}),
    listener: Listener<RecordEvent<Shaped<S, N, E, F>>>,
    options?: SubscribeOptions<S, N, E, F>,
  ): Promise<() => Promise<void>>;
}

/** What of a file, and how. */
export interface FileOptions {
  /** A smaller form of a picture. */
  thumb?: `${number}x${number}` | `${number}x${number}${'t' | 'b' | 'f'}`;
  /** For protected files: from `$fileToken`. */
  token?: string;
  /** To be saved rather than shown. */
  download?: boolean;
}

interface Loose extends RequestOptions {
  expand?: object;
  fields?: readonly string[];
  filter?: FilterOf<Record<string, CollectionTypes>, string>;
  sort?: string | readonly string[];
  page?: number;
  perPage?: number;
  skipTotal?: boolean;
}

/** The parameters that say which records and what of them. */
export function queryOf(options: Loose = {}): Query {
  const expand = expandText(options.expand);
  return {
    expand,
    fields: fieldsText(options.fields, expand !== ''),
    filter: filterText(options.filter),
    sort: typeof options.sort === 'string' ? options.sort : options.sort?.join(','),
    page: options.page,
    perPage: options.perPage,
    skipTotal: options.skipTotal,
  };
}

/** What can be done with the records of a collection, as far as its kind allows: the types say how far. */
export class Records {
  readonly name: string;
  protected readonly http: Http;
  readonly #realtime: () => Realtime;

  constructor(name: string, http: Http, realtime: () => Realtime) {
    this.name = name;
    this.http = http;
    this.#realtime = realtime;
  }

  list(options: Loose = {}): Promise<Page<unknown>> {
    return this.ask('/records', options, queryOf(options));
  }

  async *pages(options: Loose = {}): AsyncGenerator<unknown[], void, undefined> {
    const perPage = options.perPage ?? WALK_PER_PAGE;
    for (let page = options.page ?? 1; ; page++) {
      const found = await this.list({ ...options, page, perPage, skipTotal: true });
      if (found.items.length > 0) yield found.items;
      // The server may give fewer on a page than were asked for.
      if (found.items.length < found.perPage) return;
    }
  }

  async *all(options: Loose = {}): AsyncGenerator<unknown, void, undefined> {
    for await (const items of this.pages(options)) yield* items;
  }

  async first(options: Loose = {}): Promise<unknown> {
    const { items } = await this.list({ ...options, page: 1, perPage: 1, skipTotal: true });
    return items[0] ?? null;
  }

  async count(options: Loose = {}): Promise<number> {
    return (await this.list({ ...options, page: 1, perPage: 1, fields: ['id'] })).totalItems;
  }

  view(id: string, options: Loose = {}): Promise<unknown> {
    return this.ask(one(id), options, queryOf(options));
  }

  create(input: object, options: Loose = {}): Promise<unknown> {
    return this.ask('/records', options, queryOf(options), 'POST', bodyOf(input));
  }

  update(id: string, input: object, options: Loose = {}): Promise<unknown> {
    return this.ask(one(id), options, queryOf(options), 'PATCH', bodyOf(input));
  }

  delete(id: string, options: RequestOptions = {}): Promise<void> {
    return this.ask(one(id), options, {}, 'DELETE');
  }

  subscribe(id: string, listener: Listener<RecordEvent<never>>, options: Loose = {}): Promise<() => Promise<void>> {
    const { expand, fields, filter } = queryOf(options) as Record<string, string>;
    const told = Object.entries({ expand, fields, filter }).filter(([, text]) => text);
    return this.#realtime().records(this.name, id, listener, Object.fromEntries(told));
  }

  fileUrl(record: { id: string }, name: string, options: FileOptions = {}): string {
    const path = `/api/files/${segment(this.name)}/${segment(record.id)}/${segment(name)}`;
    return this.http.address(path, { ...options, download: options.download || undefined });
  }

  /** A request below the collection's address. */
  protected ask<T>(tail: string, { signal, headers }: RequestOptions, query: Query = {}, method?: string, body?: unknown): Promise<T> {
    return this.http.send(`/api/collections/${segment(this.name)}${tail}`, { signal, headers, query, method, body });
  }
}

/** Without an id the path would be that of all records. */
function one(id: string): string {
  if (!id) throw new TypeError('The id of a record is needed.');
  return `/records/${segment(id)}`;
}
