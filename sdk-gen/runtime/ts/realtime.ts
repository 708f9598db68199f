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

/** What superusers hear of the system on `@system/collections`, `@system/settings`, `@system/sessions` or, all of it, `@system/*`. */
export interface SystemEvent<T = Record<string, unknown>> {
  kind: 'collections' | 'settings' | 'sessions';
  action: 'create' | 'update' | 'delete';
  record: T;
}

/** A session of the signed-in account; of an ended one only what is always there is known. */
export interface Session {
  id: string;
  collectionId: string;
  collectionName: string;
  recordId: string;
  method: string;
  created: string;
  ip?: string;
  userAgent?: string;
  refreshable?: boolean;
  lastUsed?: string;
  expires?: string;
}

/** What concerns the signed-in account: itself, what belongs to it, its sessions, and that it is signed in no longer. */
export type MeEvent<T> =
  | (RecordEvent<T> & { kind?: undefined })
  | { kind: 'sessions'; action: 'create' | 'update' | 'delete'; record: Session }
  | { kind?: undefined; action: 'signedOut' };

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
  /**
   * Where to go on: the number of the last event of an earlier connection. Every topic begins there, also one that is subscribed later: the
   * connection is then made anew, and topics that were there before pass over what they heard. After a resync, if there is one, topics begin
   * with what happens from then on. Channels have a connection of their own then, so that nothing said there is lost.
   */
  since?: number;
  /** Data must be fetched anew: something was missed that is no longer kept. */
  onResync?: (reason: ResyncReason) => void;
  /** The connection, or that of the channels, opened or was lost. */
  onStatus?: (status: 'open' | 'lost') => void;
  /** The token is no longer good: it ended, its session was ended, or the account changed. From here on the client is a guest. */
  onSignedOut?: () => void;
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
  /** `invalid`, `unauthenticated`, `forbidden`, `rate_limited`, … or `lost`: the connection ended before the answer. */
  readonly code: string;
  readonly data: Record<string, unknown>;

  constructor(code: string, message: string, data: Record<string, unknown> = {}) {
    super(message);
    this.name = 'RealtimeError';
    this.code = code;
    this.data = data;
  }
}

/** Hears of events; `seq` is their number in the order of changes, of those that have one. */
export type Listener<T> = (event: T, seq?: number) => void | Promise<void>;
type Ends = () => Promise<void>;
type Message = { type: string; [key: string]: unknown } & Partial<Record<'id' | 'seq' | 'heard', number>> & {
    topic?: string;
    data?: unknown;
    more?: boolean;
    reason?: ResyncReason;
    present?: Record<string, Present<never>[]>;
  };
interface Pending {
  resolve(answer: Message): void;
  reject(error: Error): void;
}

/** Waits between attempts to connect, in milliseconds; the last one stays. */
const RETRY_MS = [100, 300, 1000, 2000, 5000];
/** How long without a word before a connection counts as lost, in milliseconds. The server pings more often. */
const SILENCE_MAX_MS = 75_000;
/** How long between questions of which there may be many, in milliseconds. The server answers 200 a second. */
const PACE_MS = 10;
const CONNECTING = 0;
const OPEN = 1;

export class Realtime {
  /** The number of the last event: where an interrupted connection goes on. */
  position: number | undefined;
  #url: string;
  #options: RealtimeOptions;
  /** Who has the connection of the channels: with `since` another one. */
  #talk: Realtime = this;
  #socket: WebSocketLike | undefined;
  #ready: Promise<void> | undefined;
  /** Ends waiting for a connection that is being made. */
  #fail: ((error: Error) => void) | undefined;
  #topics = new Map<string, Set<Listener<never>>>();
  /** Where topics begin that were not subscribed before. */
  #since: number | undefined;
  /** How far the topics have heard that began there. */
  #heard = new Map<string, number>();
  #shown = new Map<string, unknown>();
  /** Whether it is being found out which topics are refused; events come again afterwards. */
  #sifting = false;
  #asking = new Set<string>();
  #refused = new Map<string, unknown>();
  #pending = new Map<number, Pending>();
  #next = 1;
  /** Events that were worked off and are not acknowledged. */
  #worked = 0;
  #tries = 0;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `url`: of the server, as in `https://example.com`. Connects at the first subscription or message. */
  constructor(url: string, options: RealtimeOptions = {}) {
    this.#url = url.replace(/\/+$/, '').replace(/^http/, 'ws') + '/api/realtime/ws';
    this.#options = options;
    const { since, ...others } = options;
    this.position = this.#since = since;
    if (since === undefined) return;
    // What is said on channels is said once: they have no part in making the connection anew. Whoever is signed out there is so here.
    this.#talk = new Realtime(url, { ...others, onSignedOut: () => this.#socket || options.onSignedOut?.() });
  }

  /** Listens to the records of a collection (`'*'`), or to one of them. Returns what ends it. */
  records<T = Record<string, unknown>>(
    collection: string,
    id: string,
    listener: Listener<RecordEvent<T>>,
    options: TopicOptions = {},
  ): Promise<Ends> {
    return this.topic(`${collection}/${id}${spelled(options)}`, listener);
  }

  /** Listens to what concerns the signed-in account: itself, what belongs to it, and its sessions. */
  me<T = Record<string, unknown>>(listener: Listener<MeEvent<T>>): Promise<Ends> {
    return this.topic('@me', listener);
  }

  /** Listens to the system, as a superuser; anybody else hears nothing. */
  system<T = Record<string, unknown>>(
    kind: 'collections' | 'settings' | 'sessions' | '*',
    listener: Listener<SystemEvent<T>>,
  ): Promise<Ends> {
    return this.topic(`@system/${kind}`, listener);
  }

  /** Listens to a channel. */
  channel<M = unknown, S = unknown>(name: string, listener: Listener<ChannelEvent<M, S>>): Promise<Ends> {
    return this.topic(`@channel/${name}`, listener);
  }

  /** Listens to any topic. Returns what ends it. */
  async topic<T>(topic: string, listener: Listener<T>): Promise<Ends> {
    if (this.#talk !== this && topic.startsWith('@channel/')) return this.#talk.topic(topic, listener);
    const known = this.#topics.get(topic);
    const listeners = known ?? new Set<Listener<never>>();
    listeners.add(listener as Listener<never>);
    if (!known) {
      this.#topics.set(topic, listeners);
      this.#asking.add(topic);
      try {
        // A connection that is being made subscribes to all there is.
        const made = await this.#connected();
        while (this.#isLate(topic)) {
          // Unless it is being made anew already, for another late topic.
          if (this.#socket && this.#socket.readyState !== CONNECTING) this.#lost();
          await this.#connected();
        }
        if (!made && !this.#refused.has(topic)) await this.#ask({ type: 'subscribe', topics: [topic] });
      } catch (error) {
        // What was lost is subscribed with the next connection.
        if (this.#closed || !isLost(error)) this.#refused.set(topic, error);
      }
      const refused = this.#refused.get(topic);
      this.#asking.delete(topic);
      this.#refused.delete(topic);
      if (refused !== undefined) {
        this.#topics.delete(topic);
        this.#heard.delete(topic);
        throw refused;
      }
    }
    return async () => {
      listeners.delete(listener as Listener<never>);
      if (listeners.size > 0 || this.#topics.get(topic) !== listeners) return;
      this.#topics.delete(topic);
      if (this.#socket?.readyState === OPEN) await this.#ask({ type: 'unsubscribe', topics: [topic] }).catch(unlessLost);
    };
  }

  /** Publishes a message on a channel; resolves to how many clients it went to. */
  async publish(channel: string, data: unknown): Promise<number> {
    return (await this.#say({ type: 'publish', channel, data })).heard ?? 0;
  }

  /** Shows on a channel, also after the connection was interrupted. */
  async track(channel: string, state: unknown): Promise<void> {
    await this.#say({ type: 'track', channel, state });
    this.#talk.#shown.set(channel, state);
  }

  async untrack(channel: string): Promise<void> {
    this.#talk.#shown.delete(channel);
    await this.#say({ type: 'untrack', channel });
  }

  /** Who shows on a channel that is listened to. */
  async present<S = unknown>(channel: string): Promise<Present<S>[]> {
    const topic = `@channel/${channel}`;
    const answer = await this.#say({ type: 'subscribe', topics: [topic] });
    if (!this.#talk.#topics.has(topic)) await this.#say({ type: 'unsubscribe', topics: [topic] });
    return answer.present?.[channel] ?? [];
  }

  /** Makes the connection anew, as somebody else when the token is another one; what was subscribed goes on where it was. */
  reconnect(): void {
    if (this.#talk !== this) this.#talk.reconnect();
    if (!this.#socket) return;
    this.#tries = 0;
    this.#lost();
  }

  /** Ends the connection for good. */
  close(): void {
    if (this.#talk !== this) this.#talk.close();
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#topics.clear();
    this.#shown.clear();
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

  /** Asks on the connection of the channels. */
  async #say(message: Message): Promise<Message> {
    await this.#talk.#connected();
    return this.#talk.#ask(message);
  }

  /** Whether a topic has yet to begin where an earlier connection ended, which only a new connection can. */
  #isLate(topic: string): boolean {
    return this.#since !== undefined && this.#topics.has(topic) && !this.#heard.has(topic);
  }

  #connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const Class = this.#options.WebSocket ?? (globalThis as unknown as { WebSocket: RealtimeOptions['WebSocket'] }).WebSocket;
      if (!Class) return reject(new RealtimeError('invalid', 'There is no WebSocket here: give one as an option.'));
      const socket = new Class(this.#url);
      this.#socket = socket;
      this.#fail = reject;
      this.#listen();
      socket.onopen = () => {
        this.#greet().then(resolve, (error) => {
          reject(error);
          socket.close();
        });
      };
      socket.onmessage = ({ data }) => {
        // What a connection that was given up still brings comes again, or nobody listens any more: it must not count as heard.
        if (this.#socket === socket) this.#hear(JSON.parse(String(data)));
      };
      socket.onerror = () => {};
      socket.onclose = () => {
        if (this.#socket === socket) this.#lost();
      };
    });
  }

  /** Says who is there and goes on where the last connection ended. */
  async #greet(): Promise<void> {
    const socket = this.#socket;
    this.#worked = 0;
    this.#sifting = false;
    const token = await this.#options.token?.();
    // Another connection by now speaks for itself.
    if (this.#socket !== socket) throw lost();
    if (token) await this.#ask({ type: 'auth', token });
    if (this.#options.window) await this.#ask({ type: 'flow', window: this.#options.window });
    const all = [...this.#topics.keys()];
    const topics = all.filter((topic) => !topic.startsWith('@channel/'));
    if (topics.some((topic) => this.#isLate(topic))) {
      for (const [topic, seq] of this.#heard) this.#heard.set(topic, Math.max(seq, this.position ?? 0));
      this.position = this.#since;
      for (const topic of topics) if (!this.#heard.has(topic)) this.#heard.set(topic, this.#since as number);
    }
    if (topics.length > 0) {
      const since = this.position === undefined ? {} : { since: this.position };
      try {
        await this.#ask({ type: 'subscribe', topics, ...since });
      } catch (error) {
        return this.#without(topics, error);
      }
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

  /** Leaves out the topics that are refused, on another connection: where to go on can be said only once on each. */
  async #without(topics: string[], error: unknown): Promise<void> {
    const socket = this.#socket;
    this.#sifting = true;
    const refused = await this.#sift(topics, error);
    // What fails altogether, or only together, may pass: it is tried again later.
    const failed = refused.length === topics.length && error instanceof RealtimeError && error.code === 'internal';
    if (failed || refused.length === 0) throw error;
    for (const [topic, error] of refused) this.#refuse(topic, error);
    // Who heard of it may have ended the connection.
    if (this.#socket !== socket) throw lost();
    this.#leave();
    return this.#connect();
  }

  /** Which of some topics are refused when they are not asked for together, and why. */
  async #sift(topics: string[], error: unknown): Promise<[string, unknown][]> {
    if (isLost(error)) throw error;
    if (topics.length === 1) return topics.map((topic) => [topic, error]);
    const socket = this.#socket;
    const half = Math.ceil(topics.length / 2);
    const refused: [string, unknown][] = [];
    for (const some of [topics.slice(0, half), topics.slice(half)]) {
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
      if (this.#socket !== socket) throw lost();
      const asked = this.#ask({ type: 'subscribe', topics: some });
      await asked.catch(async (error: unknown) => refused.push(...(await this.#sift(some, error))));
    }
    return refused;
  }

  /** One topic that is closed by now is no reason to be without the others. */
  #refuse(topic: string, error: unknown): void {
    if (isLost(error)) throw error;
    this.#topics.delete(topic);
    this.#heard.delete(topic);
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
    if (this.#socket?.readyState !== OPEN) return Promise.reject(lost());
    const answer = new Promise<Message>((resolve, reject) => void this.#pending.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ ...message, id }));
    return answer;
  }

  #hear(message: Message): void {
    this.#listen();
    if (this.#sifting && message.id === undefined) return;
    switch (message.type) {
      case 'event':
        this.#tell(message);
        break;
      case 'position':
        // Only forward: what has been heard is not asked for again.
        this.position = Math.max(this.position ?? 0, message.seq as number);
        break;
      case 'resync':
        this.position = message.seq as number;
        this.#since = undefined;
        this.#heard.clear();
        this.#options.onResync?.(message.reason ?? 'failed');
        break;
      case 'signedOut':
        this.#options.onSignedOut?.();
        break;
      case 'ok':
        this.#settle(message)?.resolve(message);
        break;
      case 'error': {
        const { code, message: words, data } = message as unknown as { code: string; message: string; data: Record<string, unknown> };
        const refused = new RealtimeError(code, words, data);
        // What nobody waits for must not be refused unheard.
        if (message.id === undefined) this.#report(refused);
        else this.#settle(message)?.reject(refused);
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
    const told = this.#listeners(message).map(async (listener) =>
      listener(message.data as never, message.seq),
    );
    // Listeners have been called: from here on it counts as heard. The rest of an entry comes with its last event.
    if (message.seq !== undefined && !message.more) this.position = message.seq;
    for (const outcome of await Promise.allSettled(told)) {
      if (outcome.status === 'rejected') this.#report(outcome.reason);
    }
    const { window } = this.#options;
    if (!window || socket !== this.#socket || socket?.readyState !== OPEN) return;
    this.#worked += 1;
    // The other half of them is on the way meanwhile.
    if (this.#worked < window / 2) return;
    socket.send(JSON.stringify({ type: 'ack', count: this.#worked }));
    this.#worked = 0;
  }

  /** Who has not heard an event: it comes again to topics that were there before a late one made the connection anew. */
  #listeners({ topic = '', seq }: Message): Listener<never>[] {
    const heard = this.#heard.get(topic);
    if (heard !== undefined && seq !== undefined) {
      if (seq <= heard) return [];
      this.#heard.set(topic, seq);
    }
    return [...(this.#topics.get(topic) ?? [])];
  }

  /** The other side was heard of: unless it is again, the connection is lost. */
  #listen(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#silence = setTimeout(() => {
      if (this.#socket === socket) this.#lost();
    }, SILENCE_MAX_MS);
    (this.#silence as { unref?: () => void }).unref?.();
  }

  /** Ends the connection; what was asked there stays without an answer. */
  #leave(): void {
    clearTimeout(this.#silence);
    const [socket, pending] = [this.#socket, [...this.#pending.values()]];
    this.#socket = undefined;
    this.#pending.clear();
    socket?.close();
    for (const { reject } of pending) reject(lost());
  }

  #lost(): void {
    this.#leave();
    this.#fail?.(lost());
    this.#ready = undefined;
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
      if (!isLost(error)) this.#report(error);
    });
  }
}

function spelled({ query, headers, ...rest }: TopicOptions): string {
  const all = { ...rest, ...query };
  if (Object.keys(all).length === 0 && !headers) return '';
  return `?options=${encodeURIComponent(JSON.stringify({ query: all, ...(headers ? { headers } : {}) }))}`;
}

function lost(): RealtimeError {
  return new RealtimeError('lost', 'The connection was lost.');
}

function isLost(error: unknown): boolean {
  return error instanceof RealtimeError && error.code === 'lost';
}

function unlessLost(error: unknown): void {
  if (!isLost(error)) throw error;
}
