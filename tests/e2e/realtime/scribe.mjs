// Somebody who makes, changes and deletes entries of a log, and notes that go with them, one by one and in batches.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { request } from '../http.mjs';

/** Entries of one scribe; with more it rather deletes some. */
const MINE_MAX = 20;

const one = (list) => list[Math.floor(Math.random() * list.length)];
const newId = () => crypto.randomBytes(8).toString('hex').slice(1);
let count = 0;
/** Never the same, so that every change can be told from every other. */
const next = () => ++count;

export const recordsOf = (collection) => `/api/collections/${collection}/records`;
const [LOG, NOTES] = ['log', 'notes'].map(recordsOf);

/** What was acknowledged, by collection and id: the number in the record, or null when it was deleted; and what was on its way. */
export class Book {
  written = new Map();
  pending = new Set();
  acknowledged = 0;

  /** Holds the tables against what was acknowledged; from here on they are what must be. */
  compare(tables) {
    const found = new Map(Object.entries(tables).flatMap(([name, rows]) => [...rows].map(([id, { n }]) => [`${name}/${id}`, n])));
    for (const [key, n] of this.written) {
      if (!this.pending.has(key)) assert.equal(found.get(key) ?? null, n, `${key} is what was acknowledged`);
      if (!found.has(key)) this.written.set(key, null);
    }
    for (const [key, n] of found) this.written.set(key, n);
    this.pending.clear();
  }
}

export class Scribe {
  /** Its entries: the ids of their notes. */
  #mine = new Map();
  #book;
  #server;

  /** `tables`: what is there; it takes over every `of`th entry, from `at` on. */
  constructor(server, book, tables, at, of) {
    this.#server = server;
    this.#book = book;
    const own = [...tables.log.keys()].filter((_, index) => index % of === at);
    for (const id of own) this.#mine.set(id, []);
    for (const { id, log } of tables.notes.values()) this.#mine.get(log)?.push(id);
  }

  /** Writes until the server is gone. */
  async write() {
    for (;;) {
      try {
        await this.#act();
      } catch (error) {
        if (this.#server.dying && !(error instanceof assert.AssertionError)) return;
        throw error;
      }
    }
  }

  #act() {
    const ids = [...this.#mine.keys()];
    if (ids.length < 3) return this.#send([this.#create()]);
    if (ids.length > MINE_MAX) return this.#send([this.#delete(one(ids))]);
    const acts = [
      () => [this.#create()],
      () => [this.#note(one(ids))],
      () => [this.#update(one(ids))],
      () => [this.#update(one(ids))],
      () => [this.#delete(one(ids))],
      () => this.#several(ids),
    ];
    return this.#send(one(acts)());
  }

  /** Several writes of one transaction, two of them to the same entry. */
  #several(ids) {
    const [changed, deleted] = [ids[0], ids[1]];
    return [this.#create(), this.#update(changed), this.#delete(deleted), this.#update(changed), this.#note(changed)];
  }

  #create() {
    const [id, n] = [newId(), next()];
    return { method: 'POST', url: LOG, body: { id, n }, becomes: [[`log/${id}`, n]], then: () => this.#mine.set(id, []) };
  }

  #note(log) {
    const [id, n] = [newId(), next()];
    return { method: 'POST', url: NOTES, body: { id, log, n }, becomes: [[`notes/${id}`, n]], then: () => this.#mine.get(log)?.push(id) };
  }

  #update(log) {
    const note = one(this.#mine.get(log));
    const n = next();
    const [path, key] = note && n % 2 ? [`${NOTES}/${note}`, `notes/${note}`] : [`${LOG}/${log}`, `log/${log}`];
    return { method: 'PATCH', url: path, body: { n }, becomes: [[key, n]], then: () => {} };
  }

  /** Its notes go with it. */
  #delete(log) {
    const becomes = [`log/${log}`, ...this.#mine.get(log).map((id) => `notes/${id}`)].map((key) => [key, null]);
    return { method: 'DELETE', url: `${LOG}/${log}`, body: {}, becomes, then: () => this.#mine.delete(log) };
  }

  async #send(writes) {
    const becomes = new Map(writes.flatMap((write) => write.becomes));
    for (const key of becomes.keys()) this.#book.pending.add(key);
    const requests = writes.map(({ method, url, body }) => ({ method, url, body }));
    const [{ method, url, body }] = requests;
    const options = writes.length > 1 ? { method: 'POST', path: '/api/batch', json: { requests } } : { method, path: url, json: body };
    const answer = await request(this.#server.url, options);
    assert.ok(answer.status < 300, `${options.method} ${options.path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
    for (const [key, n] of becomes) {
      this.#book.pending.delete(key);
      this.#book.written.set(key, n);
    }
    this.#book.acknowledged += 1;
    for (const { then } of writes) then();
  }
}
