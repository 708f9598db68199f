// Readers that take one byte a second, or none: what waits for them is bounded, and when they read again they are told to fetch their data anew.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { signIn, start, TARGET } from './harness.mjs';
import { request } from './http.mjs';
import { openStream, subscribe, until } from './realtime/events.mjs';
import { BEHIND, slowKeptStream, slowSocket, slowStream } from './realtime/slow.mjs';

/** Most bytes that wait for one client; `REALTIME_QUEUE_MAX_BYTES` of the server. */
const BOUND_BYTES = 4 << 20;
/** A client that took nothing of what it was sent for so long may lose its connection; `REALTIME_SEND_DEADLINE` of the server. */
const PATIENCE_OF_SERVER_MS = 60_000;
/** Slow readers; every other one reads nothing at all. */
const READERS = 8;
/** Events, and the size of each: together many times the bound. */
const EVENTS = 300;
const EVENT_BYTES = 200_000;
/** What the server may take for itself meanwhile: page cache, buffers of writes, freed pages that were not given back yet. */
const ALLOWANCE_BYTES = 64 << 20;
const ONLY_BAK = TARGET === 'bak' ? false : 'this is about the bak program';

let server;

const residentBytes = () => 1024 * Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]);

async function write(title, text) {
  const json = { title, text };
  const answer = await request(server.url, { method: 'POST', path: '/api/collections/pages/records', json });
  assert.equal(answer.status, 200, answer.text);
}

async function openSlow(open, readers) {
  for (let n = 0; n < READERS; n++) {
    // A topic of its own each: their events are not shared.
    const options = encodeURIComponent(JSON.stringify({ query: { n: String(n) } }));
    const reader = await open(server.url, `pages/*?options=${options}`);
    reader.slowDown(n % 2);
    readers.push(reader);
  }
}

/** Writes far more than may wait for anybody; returns how much larger the server was meanwhile, in bytes. */
async function flood(fast, text) {
  const before = residentBytes();
  let most = before;
  for (let n = 0; n < EVENTS; n++) {
    await write('during', text);
    most = Math.max(most, residentBytes());
    fast.frames.length = 0;
  }
  return most - before;
}

describe('slow readers', { skip: ONLY_BAK }, () => {
  const text = 'x'.repeat(EVENT_BYTES);
  let fast;
  let slow = [];

  afterEach(() => {
    for (const reader of slow) reader.close();
    slow = [];
  });
  before(async () => {
    server = await start();
    const open = { listRule: '', viewRule: '', createRule: '' };
    const fields = [{ name: 'title', type: 'text' }, { name: 'text', type: 'text', max: 2 * EVENT_BYTES }];
    const json = { name: 'pages', type: 'base', fields, ...open };
    const token = await signIn(server.url);
    assert.equal((await request(server.url, { method: 'POST', path: '/api/collections', json, token })).status, 200);
    fast = await openStream(server.url);
    await subscribe(server.url, fast, ['pages/*']);
    // What writes and events cost by themselves is there before it is measured.
    for (let n = 0; n < EVENTS / 2; n++) await write('before', text);
    await until(() => fast.frames.length === EVENTS / 2, 'the first events');
  });
  after(async () => {
    fast?.close();
    await server?.stop();
  });

  for (const [what, open] of Object.entries({ 'a stream': slowStream, 'a WebSocket': slowSocket })) {
    it(`of ${what} never hold more of the server than their bound, and hear that they missed something`, async () => {
      const began = Date.now();
      await openSlow(open, slow);
      const grown = await flood(fast, text);
      const bound = READERS * BOUND_BYTES + ALLOWANCE_BYTES;
      const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
      console.log(`${READERS} readers of ${what}, ${megabytes(EVENTS * EVENT_BYTES)} MB of events for each: +${megabytes(grown)} MB resident, bound ${megabytes(bound)} MB`);
      assert.ok(grown < bound, `${grown} bytes more than before`);
      assert.ok(bound < (READERS * EVENTS * EVENT_BYTES) / 4, 'without a bound it would be far more');

      for (const reader of slow) {
        reader.readAll();
        await until(() => BEHIND.test(reader.text) || reader.isEnded, 'being told to fetch anew');
        assert.ok(!reader.isEnded || Date.now() - began > PATIENCE_OF_SERVER_MS, 'it is told, not sent away');
      }
      await write('after', 'short');
      for (const reader of slow) {
        await until(() => /"title":"after"/.test(reader.text) || reader.isEnded, 'what comes then');
      }
    });
  }

  it('of a stream on a connection that served other requests lose their place when they take nothing', async () => {
    const token = await signIn(server.url);
    const json = { realtime: { maxClientsPerIP: 2 } };
    assert.equal((await request(server.url, { method: 'PATCH', path: '/api/settings', json, token })).status, 200);
    slow.push(await slowKeptStream(server.url, 'pages/*'));
    // With the fast one there are two of this address.
    const isLetIn = () => openStream(server.url).then((stream) => (stream.close(), true), () => false);
    assert.equal(await isLetIn(), false);
    await flood(fast, text);
    await until(isLetIn, 'the place', 3 * PATIENCE_OF_SERVER_MS);
  });
});
