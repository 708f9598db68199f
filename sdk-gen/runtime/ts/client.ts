// The client: every collection under its name, and what hangs on none of them under names that begin with a dollar sign, as no collection's does.
import { AccountRecords, type AuthOf } from './accounts.js';
import { Auth, type AuthStorage, browserStorage } from './auth.js';
import { type Batch, type Results, sendBatch, type Write, writesOf } from './batch.js';
import { type Fetch, Http, type RequestOptions, segment, type SendOptions } from './http.js';
import { Realtime, type RealtimeOptions, type Session } from './realtime.js';
import type { Page, Reading, Writing } from './records.js';
import type { CollectionTypes } from './schema.js';

export interface ClientOptions<S> {
  /** Where the sign-in is kept; in a browser's `localStorage` unless said. */
  storage?: AuthStorage<AnyAccount<S>>;
  /** In place of the global one. */
  fetch?: Fetch;
  /** Of the connection for subscriptions; the token is the client's. */
  realtime?: Omit<RealtimeOptions, 'token'>;
}

/** A record that can sign in. */
export type AnyAccount<S> = { [N in keyof S]: S[N] extends { kind: 'auth'; record: infer R } ? R : never }[keyof S];

/** What can be done with a collection. */
export type CollectionOf<S, N extends keyof S> = S[N] extends CollectionTypes
  ? Reading<S, N> & (S[N]['kind'] extends 'view' ? unknown : Writing<S, N>) & (S[N]['kind'] extends 'auth' ? AuthOf<S, N> : unknown)
  : never;

/** What hangs on no collection. */
export interface Common<S> {
  /** Where the server is. */
  readonly $url: string;
  /** Who is signed in. */
  readonly $auth: Auth<AnyAccount<S>>;
  /** The connection for subscriptions, channels and presence; made when it is first needed. */
  readonly $realtime: Realtime;
  /** A request to any route, with the token of who is signed in. */
  $send<T = unknown>(path: string, options?: SendOptions): Promise<T>;
  /** Several writes in one transaction: `db.$batch((b) => [b.posts.create({ … }), b.tags.delete(id)])`. Returns their answers. */
  $batch<const W extends readonly Write<unknown>[]>(of: (batch: Batch<S>) => W, options?: RequestOptions): Promise<Results<W>>;
  /** A token for protected files, good for minutes. */
  $fileToken(options?: RequestOptions): Promise<string>;
  /** Where the account is signed in. */
  $sessions(options?: RequestOptions & { page?: number; perPage?: number }): Promise<Page<Session & { current: boolean }>>;
  /** Ends another session of the account. */
  $endSession(id: string, options?: RequestOptions): Promise<void>;
  /** Ends this session, here and on the server. */
  $signOut(options?: RequestOptions): Promise<void>;
  /** Whether the server is there. */
  $health(options?: RequestOptions): Promise<{ code: number; message: string; data: Record<string, unknown> }>;
}

/** A client for the collections of a schema. */
export type Client<S> = { readonly [N in keyof S]: CollectionOf<S, N> } & Common<S>;

/** Makes a client; `names` are those of the collections. */
export function connect<S>(url: string, names: readonly (keyof S & string)[], options: ClientOptions<S> = {}): Client<S> {
  const auth = new Auth<AnyAccount<S>>(options.storage ?? browserStorage());
  const http = new Http(url, () => auth.token, options.fetch);
  let open: Realtime | undefined;
  const realtime = () => {
    open ??= new Realtime(http.url, { ...options.realtime, token: () => auth.token, onSignedOut });
    return open;
  };
  // The connection is a guest's from then on, so that signing in again makes it anew, also as the same account.
  const onSignedOut = () => {
    account = '';
    options.realtime?.onSignedOut?.();
  };
  // A connection belongs to one account: with another one it is made anew. A renewed token is asked for at the next connection.
  let account = accountOf(auth.record);
  auth.onChange((saved) => {
    const now = accountOf(saved?.record);
    if (now === account) return;
    account = now;
    open?.reconnect();
  });

  const common: Common<S> = {
    $url: http.url,
    $auth: auth,
    get $realtime() {
      return realtime();
    },
    $send: (path, sent) => http.send(path, sent),
    $batch: async (of, sent = {}) => (await sendBatch(http, of(batch), sent)) as never,
    $fileToken: async (sent = {}) => (await http.send<{ token: string }>('/api/files/token', { ...sent, method: 'POST' })).token,
    $sessions: ({ page, perPage, ...sent } = {}) => http.send('/api/sessions', { ...sent, query: { page, perPage } }),
    $endSession: (id, sent = {}) => http.send(`/api/sessions/${segment(id)}`, { ...sent, method: 'DELETE' }),
    $signOut: async (sent = {}) => {
      if (!auth.token) return;
      try {
        await http.send('/api/sessions/current', { ...sent, method: 'DELETE' });
      } finally {
        auth.clear();
      }
    },
    $health: (sent) => http.send('/api/health', sent),
  };
  const batch = table(names, (name) => writesOf(http, name)) as Batch<S>;
  const collections = table(names, (name) => new AccountRecords(name, http, realtime, auth as Auth<unknown>));
  return Object.defineProperties(collections, Object.getOwnPropertyDescriptors(common)) as Client<S>;
}

function accountOf(record: unknown): string {
  const { id, collectionId } = (record ?? {}) as { id?: string; collectionId?: string };
  return id ? `${collectionId}/${id}` : '';
}

/** An object without any names but these, so that each of them is one: `constructor` and `__proto__` too. */
function table<T>(names: readonly string[], value: (name: string) => T): object {
  const made = Object.create(null) as object;
  for (const name of names) Object.defineProperty(made, name, { value: value(name), enumerable: true });
  return made;
}
