// Clients that live through every crash, each in its own way, and keep a table of what they hear.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { openStream, subscribe } from './events.mjs';

/**
 * What a client heard of each of its topics: the numbers of entries in their order, and the table that they make.
 *
 * Each `connect`s to a server that was just started, has a `position` as soon as it `isPlaced`, `leave`s a server that died, and is `close`d at
 * the end.
 */
class Heard {
  resyncs = 0;
  /** Events that came once more after a crash, told by their number. */
  repeats = 0;
  /** What must not have happened; a listener cannot throw it at anybody. */
  fault = undefined;
  #topics;

  constructor(topics) {
    this.topics = topics;
    this.#topics = new Map(topics.map((topic) => [topic, { seqs: [], rows: new Map() }]));
  }

  /** The records that a topic told of, by their ids. */
  rows(topic) {
    return this.#topics.get(topic).rows;
  }

  close() {
    this.leave();
  }

  /** The numbers of the entries that a topic told of. */
  seqs(topic) {
    return this.#topics.get(topic).seqs;
  }

  /** An event of a topic. */
  hear(topic, seq, event) {
    try {
      this.#enter(topic, seq, event);
    } catch (error) {
      this.fault ??= error;
    }
  }

  #enter(topic, seq, { action, record }) {
    const { seqs, rows } = this.#topics.get(topic);
    const last = seqs.at(-1) ?? 0;
    if (seq === last) {
      // An entry of several events that the crash took apart begins anew.
      this.repeats += 1;
      return;
    }
    assert.ok(seq > last, `${topic} told of entry ${seq} after ${last}`);
    seqs.push(seq);
    // Of a record that is gone by the time only its end is told.
    if (action !== 'delete') assert.equal(action, rows.has(record.id) ? 'update' : 'create', `${topic}: ${record.id}`);
    if (action === 'delete') rows.delete(record.id);
    else rows.set(record.id, record);
  }
}

/** A stream of server-sent events that is opened anew with `Last-Event-ID`. */
export class StreamFollower extends Heard {
  position = undefined;
  #stream;
  /** Events of an entry whose last one has not come. */
  #waiting = [];

  async connect(server) {
    const onFrame = ({ id, event, data }) => {
      if (event === 'resync') {
        this.resyncs += 1;
        return;
      }
      this.#waiting.push([event, data]);
      // Only the last event of an entry has its number.
      if (id === undefined) return;
      for (const [topic, told] of this.#waiting.splice(0)) this.hear(topic, Number(id), told);
    };
    this.#stream = await openStream(server.url, { lastEventId: this.position, onFrame, onPosition: (seq) => (this.position = seq) });
    await subscribe(server.url, this.#stream, this.topics);
  }

  get isPlaced() {
    return this.position !== undefined;
  }

  leave() {
    this.#stream?.close();
    this.#stream = undefined;
    this.#waiting = [];
  }
}

/** The TypeScript client, as it is made anew by a program that was started again: it knows the number of the last event. */
export class SocketFollower extends Heard {
  position = undefined;
  #client;
  #Client;
  #window;

  constructor(topics, Client, window = 0) {
    super(topics);
    this.#Client = Client;
    this.#window = window;
  }

  async connect(server) {
    const client = new this.#Client(server.url, {
      WebSocket,
      since: this.position,
      window: this.#window,
      onResync: () => (this.resyncs += 1),
    });
    this.#client = client;
    // All in one breath: they go with the first subscription of the connection.
    await Promise.all(this.topics.map((topic) => client.topic(topic, (event, seq) => this.hear(topic, seq, event))));
  }

  get isPlaced() {
    return this.#client.position !== undefined;
  }

  leave() {
    this.position = this.#client?.position ?? this.position;
    this.#client?.close();
    this.#client = undefined;
  }
}

/** The TypeScript client, left to itself: it finds the server again whenever it does. */
export class PatientFollower extends Heard {
  connections = 0;
  #client;

  constructor(topics, Client) {
    super(topics);
    const where = () => this.url.replace('http', 'ws') + '/api/realtime/ws';
    class Moving extends WebSocket {
      constructor() {
        super(where());
      }
    }
    this.#client = new Client('http://wherever', {
      WebSocket: Moving,
      onResync: () => (this.resyncs += 1),
      onStatus: (status) => (this.connections += status === 'open' ? 1 : 0),
    });
  }

  async connect(server) {
    this.url = server.url;
    if (this.isListening) return;
    this.isListening = true;
    await Promise.all(this.topics.map((topic) => this.#client.topic(topic, (event, seq) => this.hear(topic, seq, event))));
  }

  get isPlaced() {
    return this.#client.position !== undefined;
  }

  leave() {}

  close() {
    this.#client.close();
  }
}
