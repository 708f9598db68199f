// Realtime over one WebSocket: typed topics, messages on channels, presence, and nothing missed while the connection was away.

/** A record of a collection that changed. */
export interface RecordEvent<T> {
  action: 'create' | 'update' | 'delete';
  record: T;
}

/** An account, as others on a channel see it. */
export interface Account {
  id: string;
  collectionId: string;
  collectionName: string;
}

/** Somebody who shows on a channel. */
export interface Present<S> {
  /** Stays theirs while they are connected. */
  key: string;
  user: Account | null;
  state: S;
}

/** What happens on a channel. */
export type ChannelEvent<M, S> =
  | { action: 'message'; data: M; from: Account | null }
  | { action: 'presence'; joined: Present<S>[]; left: Present<S>[] };

/** Why data must be fetched anew. */
export type ResyncReason = 'pruned' | 'behind' | 'failed';

/** What rules, and the event itself, see of a subscription. */
export interface TopicOptions {
  filter?: string;
  expand?: string;
  fields?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
}

export interface RealtimeOptions {
  /** The token of whoever is signed in, asked at every connection. */
  token?: () => string | null | undefined | Promise<string | null | undefined>;
  /** Events on the way that have not been worked off; 0 (default): any number. */
  window?: number;
  /** Where to go on: the number of the last event of an earlier connection. */
  since?: number;
  /** Data must be fetched anew: something was missed that is no longer kept. */
  onResync?: (reason: ResyncReason) => void;
  /** The connection opened or was lost. */
  onStatus?: (status: 'open' | 'lost') => void;
  /** A listener failed, or a subscription was refused when the connection was made again; default: `console.error`. */
  onError?: (error: unknown) => void;
  /** The class to connect with, where there is no global one. */
  WebSocket?: new (url: string) => WebSocketLike;
}

/** As much of a WebSocket as is used. */
export interface WebSocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What the server said no to. */
export class RealtimeError extends Error {
  constructor(
    /** `invalid`, `unauthenticated`, `forbidden`, `rate_limited`, … or `lost`: the connection ended before the answer. */
    readonly code: string,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'RealtimeError';
  }
}

type Listener = (data: never) => void | Promise<void>;
type Ends = () => Promise<void>;
type Message = { type: string; [key: string]: unknown };
interface Pending {
  resolve(answer: Message): void;
  reject(error: Error): void;
}

/** Waits between attempts to connect, in milliseconds; the last one stays. */
const RETRY_MS = [100, 300, 1000, 2000, 5000];
/** How long without a word before a connection counts as lost, in milliseconds. The server pings more often. */
const SILENCE_MAX_MS = 75_000;
const OPEN = 1;

export class Realtime {
  /** The number of the last event: where an interrupted connection goes on. */
  position: number | undefined;
  #url: string;
  #options: RealtimeOptions;
  #socket: WebSocketLike | undefined;
  #ready: Promise<void> | undefined;
  #topics = new Map<string, Set<Listener>>();
  #shown = new Map<string, unknown>();
  #asking = new Set<string>();
  #refused = new Map<string, unknown>();
  #pending = new Map<number, Pending>();
  #next = 1;
  #tries = 0;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `url`: of the server, as in `https://example.com`. Connects at the first subscription or message. */
  constructor(url: string, options: RealtimeOptions = {}) {
    this.#url = url.replace(/\/+$/, '').replace(/^http/, 'ws') + '/api/realtime/ws';
    this.#options = options;
    this.position = options.since;
  }

  /** Listens to the records of a collection (`'*'`), or to one of them. Returns what ends it. */
  records<T = Record<string, unknown>>(
    collection: string,
    id: string,
    listener: (event: RecordEvent<T>) => void | Promise<void>,
    options: TopicOptions = {},
  ): Promise<Ends> {
    return this.topic(`${collection}/${id}${spelled(options)}`, listener);
  }

  /** Listens to what concerns the signed-in account: itself and what belongs to it. */
  me<T = Record<string, unknown>>(
    listener: (event: RecordEvent<T> | { action: 'signedOut' }) => void | Promise<void>,
  ): Promise<Ends> {
    return this.topic('@me', listener);
  }

  /** Listens to a channel. */
  channel<M = unknown, S = unknown>(
    name: string,
    listener: (event: ChannelEvent<M, S>) => void | Promise<void>,
  ): Promise<Ends> {
    return this.topic(`@channel/${name}`, listener);
  }

  /** Listens to any topic. Returns what ends it. */
  async topic<T>(topic: string, listener: (data: T) => void | Promise<void>): Promise<Ends> {
    const known = this.#topics.get(topic);
    const listeners = known ?? new Set<Listener>();
    listeners.add(listener as Listener);
    if (!known) {
      this.#topics.set(topic, listeners);
      try {
        // A connection that is being made subscribes to all there is.
        this.#asking.add(topic);
        if (!(await this.#connected())) await this.#ask({ type: 'subscribe', topics: [topic] });
        if (this.#refused.has(topic)) throw this.#refused.get(topic);
      } catch (error) {
        if (!(error instanceof RealtimeError && error.code === 'lost')) {
          this.#topics.delete(topic);
          throw error;
        }
      } finally {
        this.#asking.delete(topic);
        this.#refused.delete(topic);
      }
    }
    return async () => {
      listeners.delete(listener as Listener);
      if (listeners.size > 0 || this.#topics.get(topic) !== listeners) return;
      this.#topics.delete(topic);
      if (this.#socket?.readyState === OPEN) await this.#ask({ type: 'unsubscribe', topics: [topic] }).catch(unlessLost);
    };
  }

  /** Publishes a message on a channel; resolves to how many clients it went to. */
  async publish(channel: string, data: unknown): Promise<number> {
    await this.#connected();
    return (await this.#ask({ type: 'publish', channel, data })).heard as number;
  }

  /** Shows on a channel, also after the connection was interrupted. */
  async track(channel: string, state: unknown): Promise<void> {
    await this.#connected();
    await this.#ask({ type: 'track', channel, state });
    this.#shown.set(channel, state);
  }

  async untrack(channel: string): Promise<void> {
    this.#shown.delete(channel);
    await this.#connected();
    await this.#ask({ type: 'untrack', channel });
  }

  /** Who shows on a channel that is listened to. */
  async present<S = unknown>(channel: string): Promise<Present<S>[]> {
    await this.#connected();
    const topic = `@channel/${channel}`;
    const answer = await this.#ask({ type: 'subscribe', topics: [topic] });
    if (!this.#topics.has(topic)) await this.#ask({ type: 'unsubscribe', topics: [topic] });
    return ((answer.present as Record<string, Present<S>[]> | undefined)?.[channel] ?? []) as Present<S>[];
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#topics.clear();
    this.#shown.clear();
    this.#socket?.close();
    this.#lost();
  }

  /** Sees that there is a connection; returns whether it was made now, with all subscriptions. */
  async #connected(): Promise<boolean> {
    if (this.#closed) throw new RealtimeError('closed', 'The connection was closed.');
    const made = this.#ready === undefined;
    this.#ready ??= this.#connect();
    await this.#ready;
    return made;
  }

  #connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const Class = this.#options.WebSocket ?? (globalThis as unknown as { WebSocket: RealtimeOptions['WebSocket'] }).WebSocket;
      if (!Class) return reject(new RealtimeError('invalid', 'There is no WebSocket here: give one as an option.'));
      const socket = new Class(this.#url);
      this.#socket = socket;
      socket.onopen = () => {
        this.#listen();
        this.#greet().then(resolve, (error) => {
          reject(error);
          socket.close();
        });
      };
      socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)));
      socket.onerror = () => {};
      socket.onclose = () => {
        if (this.#socket !== socket) return;
        reject(new RealtimeError('lost', 'The connection was lost.'));
        this.#lost();
      };
    });
  }

  /** Says who is there and goes on where the last connection ended. */
  async #greet(): Promise<void> {
    const token = await this.#options.token?.();
    if (token) await this.#ask({ type: 'auth', token });
    if (this.#options.window) await this.#ask({ type: 'flow', window: this.#options.window });
    const all = [...this.#topics.keys()];
    const topics = all.filter((topic) => !topic.startsWith('@channel/'));
    if (topics.length > 0) {
      await this.#ask({ type: 'subscribe', topics, ...(this.position === undefined ? {} : { since: this.position }) });
    }
    for (const topic of all.filter((topic) => topic.startsWith('@channel/'))) {
      await this.#ask({ type: 'subscribe', topics: [topic] }).catch((error) => this.#refuse(topic, error));
    }
    for (const [channel, state] of this.#shown) {
      await this.#ask({ type: 'track', channel, state }).catch((error) => this.#refuse(channel, error));
    }
    this.#tries = 0;
    this.#options.onStatus?.('open');
  }

  /** One channel that is closed by now is no reason to be without the others. */
  #refuse(topic: string, error: unknown): void {
    if (error instanceof RealtimeError && error.code === 'lost') throw error;
    this.#topics.delete(topic);
    this.#shown.delete(topic);
    // Who waits for an answer gets it; who was let in before hears of it here.
    if (this.#asking.has(topic)) this.#refused.set(topic, error);
    else this.#report(error);
  }

  #report(error: unknown): void {
    (this.#options.onError ?? console.error)(error);
  }

  #ask(message: Message): Promise<Message> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== OPEN) return reject(new RealtimeError('lost', 'The connection was lost.'));
      this.#pending.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...message, id }));
    });
  }

  #hear(message: Message): void {
    this.#listen();
    switch (message.type) {
      case 'event':
        this.#tell(message);
        break;
      case 'position':
        this.position = message.seq as number;
        break;
      case 'resync':
        this.position = message.seq as number;
        this.#options.onResync?.(message.reason as ResyncReason);
        break;
      case 'ok':
        this.#settle(message)?.resolve(message);
        break;
      case 'error': {
        const { code, message: words, data } = message as unknown as { code: string; message: string; data: Record<string, unknown> };
        this.#settle(message)?.reject(new RealtimeError(code, words, data));
        break;
      }
    }
  }

  #settle(message: Message): Pending | undefined {
    const pending = this.#pending.get(message.id as number);
    this.#pending.delete(message.id as number);
    return pending;
  }

  async #tell(message: Message): Promise<void> {
    const socket = this.#socket;
    const told = [...(this.#topics.get(message.topic as string) ?? [])].map(async (listener) => listener(message.data as never));
    // Listeners have been called: from here on it counts as heard. The rest of an entry comes with its last event.
    if (message.seq !== undefined && !message.more) this.position = message.seq as number;
    for (const outcome of await Promise.allSettled(told)) {
      if (outcome.status === 'rejected') this.#report(outcome.reason);
    }
    if (!this.#options.window) return;
    if (socket === this.#socket && socket?.readyState === OPEN) socket.send(JSON.stringify({ type: 'ack', count: 1 }));
  }

  /** The other side was heard of: unless it is again, the connection is lost. */
  #listen(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#silence = setTimeout(() => {
      socket?.close();
      if (this.#socket === socket) this.#lost();
    }, SILENCE_MAX_MS);
    (this.#silence as { unref?: () => void }).unref?.();
  }

  #lost(): void {
    clearTimeout(this.#silence);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#socket = undefined;
    this.#ready = undefined;
    for (const { reject } of pending) reject(new RealtimeError('lost', 'The connection was lost.'));
    if (this.#closed || (this.#topics.size === 0 && this.#shown.size === 0)) return;
    this.#options.onStatus?.('lost');
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#again(), RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)]);
  }

  #again(): void {
    if (this.#closed || this.#ready) return;
    this.#ready = this.#connect();
    this.#ready.catch((error: unknown) => {
      // Lost again: the next attempt is under way. Anything else was refused, and would be again.
      if (!(error instanceof RealtimeError) || error.code !== 'lost') this.#report(error);
    });
  }
}

function spelled({ query, headers, ...rest }: TopicOptions): string {
  const all = { ...rest, ...query };
  if (Object.keys(all).length === 0 && !headers) return '';
  return `?options=${encodeURIComponent(JSON.stringify({ query: all, ...(headers ? { headers } : {}) }))}`;
}

function unlessLost(error: unknown): void {
  if (!(error instanceof RealtimeError && error.code === 'lost')) throw error;
}
