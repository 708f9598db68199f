// Listens to topics over our own client, and keeps what came: the last few hundred events.
import { Realtime, type RealtimeOptions } from '$sdk/realtime';
import { pb } from '$lib/api/client';
import { KEPT_MAX, plainTopic, readFrame, type Heard } from './wire';

export type Status = 'idle' | 'connecting' | 'open' | 'lost';

export interface Subscription {
  /** As it was subscribed, with its options. */
  spelled: string;
  topic: string;
  hasOptions: boolean;
  end: () => Promise<void>;
}

export class Inspector {
  status = $state<Status>('idle');
  events = $state.raw<readonly Heard[]>([]);
  topics = $state.raw<readonly Subscription[]>([]);
  /** The number of the last event: where an interrupted connection goes on. */
  position = $state<number>();
  /** How often a lost connection was made again. */
  resumed = $state(0);
  /** Said when events were missed that are no longer kept. */
  missed = $state('');
  isPaused = $state(false);
  /** How many came while the list was paused. */
  waiting = $state(0);
  error = $state.raw<unknown>();

  #held: Heard[] = [];
  #client: Realtime;
  #last = 0;

  constructor() {
    const hear = (text: string) => this.#hear(text);
    // Sequence numbers are on the wire only: so the inspector reads along.
    class Tapped extends WebSocket {
      constructor(url: string) {
        super(url);
        this.addEventListener('message', ({ data }) => hear(String(data)));
      }
    }
    this.#client = new Realtime(location.origin, {
      token: () => pb.authStore.token,
      WebSocket: Tapped as unknown as NonNullable<RealtimeOptions['WebSocket']>,
      onStatus: (status) => {
        if (status === 'open' && this.status === 'lost') this.resumed++;
        this.status = status;
      },
      onResync: (reason) => (this.missed = reason),
      onError: (error) => (this.error = error),
    });
  }

  /** Subscribes; throws what the server says against it. */
  async listen(spelled: string): Promise<void> {
    if (this.topics.some((one) => one.spelled === spelled)) return;
    if (this.status === 'idle') this.status = 'connecting';
    try {
      const end = await this.#client.topic(spelled, () => undefined);
      const topic = plainTopic(spelled);
      this.topics = [...this.topics, { spelled, topic, hasOptions: topic !== spelled, end }];
    } catch (error) {
      if (this.topics.length === 0 && this.status === 'connecting') this.status = 'idle';
      throw error;
    }
  }

  async forget(subscription: Subscription): Promise<void> {
    this.topics = this.topics.filter((one) => one !== subscription);
    await subscription.end();
  }

  pause(): void {
    this.isPaused = true;
  }

  /** Shows what came meanwhile. */
  resume(): void {
    this.isPaused = false;
    this.#show(this.#held);
    this.#held = [];
    this.waiting = 0;
  }

  clear(): void {
    this.events = [];
    this.#held = [];
    this.waiting = 0;
    this.missed = '';
  }

  close(): void {
    this.#client.close();
  }

  #hear(text: string): void {
    const frame = readFrame(text);
    if (frame.kind === 'other') return;
    if (frame.seq !== undefined) this.position = frame.seq;
    if (frame.kind !== 'event') return;
    const { topic, seq, action, data } = frame;
    const heard: Heard = { id: ++this.#last, at: Date.now(), topic, seq, action, data };
    if (!this.isPaused) return this.#show([heard]);
    this.#held = [heard, ...this.#held].slice(0, KEPT_MAX);
    this.waiting = this.#held.length;
  }

  /** The newest stand first. */
  #show(heard: Heard[]): void {
    this.events = [...heard, ...this.events].slice(0, KEPT_MAX);
  }
}
