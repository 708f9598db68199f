// The collections that the suite fills, and what everybody needs who works on them.
import assert from 'node:assert/strict';
import { signIn } from '../harness.mjs';
import { request } from '../http.mjs';
import { Ledger } from './ledger.mjs';

export const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };
/** The smaller forms that a picture has. */
export const THUMBS = ['10x10', '0x7'];
/** Keepers, each with a shelf and a box of its own. */
export const KEEPERS = 2;
/** Records read at once. */
const PAGE_RECORDS = 500;

export const recordsOf = (collection) => `/api/collections/${collection}/records`;

const owned = (collectionId) => [
  { name: 'owner', type: 'relation', collectionId, maxSelect: 1, cascadeDelete: true },
  { name: 'scans', type: 'file', maxSelect: 9 },
];
const DOCS = [
  { name: 'title', type: 'text', max: 3 },
  { name: 'single', type: 'file', maxSelect: 1, maxSize: 100_000_000 },
  { name: 'many', type: 'file', maxSelect: 99 },
  { name: 'picture', type: 'file', maxSelect: 1, thumbs: THUMBS },
];
/** The collections after their owners: their records go with those. */
const OWNERS = { pages: 'docs', ...Object.fromEntries(Array.from({ length: KEEPERS }, (_, at) => [`box${at}`, `shelf${at}`])) };
const COLLECTIONS = Object.entries(OWNERS).flatMap(([owned, owner]) => [owner, owned]);

export class House {
  ledger = new Ledger();
  server = undefined;
  token = undefined;
  /** Everybody is to finish, or to find that the server is gone. */
  isClosing = false;
  #ids = {};
  #left = 0;
  #enough = () => {};

  constructor(dir) {
    this.dir = dir;
  }

  /** Makes all collections; the token stays good however often the server is started. */
  async furnish() {
    this.token = await signIn(this.server.url);
    await this.send('PATCH', '/api/settings', { json: { batch: { enabled: true, maxRequests: 50, timeout: 10 } } });
    for (const name of COLLECTIONS) await this.make(name);
  }

  async make(name) {
    const done = this.ledger.begin({ coming: [name] });
    const fields = OWNERS[name] ? owned(this.#ids[OWNERS[name]]) : DOCS;
    this.#ids[name] = (await this.send('POST', '/api/collections', { json: { name, ...OPEN, fields } })).id;
    done();
  }

  async kill() {
    this.isClosing = true;
    if (!this.server) return;
    this.server.dying = true;
    await this.server.kill();
  }

  /** Sends a request that must be answered with `status`; returns the JSON of the answer. */
  async send(method, path, { status = [200, 204], ...options } = {}) {
    const { token } = this;
    const answer = await request(this.server.url, { method, path, token, ...options });
    assert.ok([status].flat().includes(answer.status), `${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
    return answer.json;
  }

  /** Opens for work; resolves when so many acts have succeeded. */
  acts(count) {
    this.isClosing = false;
    this.#left = count;
    return new Promise((resolve) => (this.#enough = resolve));
  }

  /** Does one act after the other until it is closing time; what must not be is thrown. `counts`: whether the acts are among those waited for. */
  async work(act, counts = true) {
    while (!this.isClosing) {
      try {
        await act();
      } catch (error) {
        if (this.server.dying && !(error instanceof assert.AssertionError)) return;
        throw error;
      }
      this.#left -= counts ? 1 : 0;
      if (this.#left <= 0) this.#enough();
    }
  }

  /** All there is: records by their keys, and collections. */
  async readAll() {
    const found = new Map();
    for (const name of COLLECTIONS) {
      const first = await request(this.server.url, { path: `/api/collections/${name}`, token: this.token });
      if (first.status === 404) continue;
      assert.equal(first.status, 200, first.text);
      found.set(name, {});
      for (let page = 1, items; !items || items.length === PAGE_RECORDS; page++) {
        ({ items } = await this.send('GET', recordsOf(name), { query: { page, perPage: PAGE_RECORDS, skipTotal: 1, sort: 'id' } }));
        for (const record of items) found.set(`${name}/${record.id}`, record);
      }
    }
    return found;
  }
}
