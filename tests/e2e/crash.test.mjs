// kill -9 under load, two processes on one folder, a full disk, and a stop that lets requests finish.
//
// CRASH_ROUNDS=100    how often the server is killed
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, describe, it } from 'node:test';
import { BAK_BIN, removeFolder, run, signIn, sleep, start, TARGET, tempFolder } from './harness.mjs';
import { smallDisk } from './disk.mjs';
import { request } from './http.mjs';
import { damage } from './sqlite.mjs';

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 100);
const WRITERS = 8;
/** The server dies after a random time between these, in milliseconds. */
const LIVES_MS = [100, 400];
const PAGE = 1000;

const ONLY_BAK = TARGET === 'bak' ? false : 'this is about the bak program';
const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };

async function makeCollection(server, body) {
  const token = await signIn(server.url);
  const answer = await request(server.url, { method: 'POST', path: '/api/collections', token, json: { ...OPEN, ...body } });
  assert.equal(answer.status, 200, answer.text);
}

const insert = (server, collection, json, more) =>
  request(server.url, { method: 'POST', path: `/api/collections/${collection}/records`, json, ...more });

/** All records of a collection that match a filter, read in pages over HTTP. */
async function readAll(server, collection, filter = '') {
  const items = [];
  for (let page = 1; ; page++) {
    const query = { page, perPage: PAGE, skipTotal: 1, sort: 'id', ...(filter && { filter }) };
    const answer = await request(server.url, { path: `/api/collections/${collection}/records`, query });
    assert.equal(answer.status, 200, answer.text);
    items.push(...answer.json.items);
    if (answer.json.items.length < PAGE) return items;
  }
}

const label = (letter, number, width) => letter + String(number).padStart(width, '0');

/** One writer: inserts and updates in turn until the server is gone; notes what was acknowledged. */
async function write(server, round, writer, log) {
  for (let seq = 1; ; seq++) {
    const key = label('r', round, 4) + label('w', writer, 1) + label('s', seq, 7);
    log.counter.tried.set(writer, log.base + seq);
    try {
      const made = await insert(server, 'log', { id: key, round, writer, seq });
      if (made.status !== 200) throw new Error(`insert answered ${made.status}: ${made.text}`);
      log.acknowledged.push(key);
      const counter = label('counter', writer, 8);
      const path = `/api/collections/counters/records/${counter}`;
      const changed = await request(server.url, { method: 'PATCH', path, json: { n: log.base + seq } });
      if (changed.status !== 200) throw new Error(`update answered ${changed.status}: ${changed.text}`);
      log.counter.acknowledged.set(writer, log.base + seq);
    } catch (error) {
      if (server.dying) return;
      throw error;
    }
  }
}

async function loadAndKill(server, round, counter) {
  const log = { base: round * 1_000_000, acknowledged: [], counter };
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(server, round, writer, log));
  const [least, most] = LIVES_MS;
  const killed = sleep(least + Math.random() * (most - least)).then(() => {
    server.dying = true;
    return server.kill();
  });
  await Promise.all([...writers, killed]);
  return log;
}

describe('kill -9 while eight writers insert and update', () => {
  const dir = tempFolder('crash');
  after(() => removeFolder(dir));

  it(`keeps every acknowledged write, ${ROUNDS} times`, async () => {
    let server = await start({ dir });
    await makeCollection(server, { name: 'log', fields: ['round', 'writer', 'seq'].map((name) => ({ name, type: 'number' })), indexes: ['CREATE UNIQUE INDEX idx_log ON log (round, writer, seq)', 'CREATE INDEX idx_round ON log (round)'] });
    await makeCollection(server, { name: 'counters', fields: [{ name: 'n', type: 'number' }] });
    for (let writer = 0; writer < WRITERS; writer++) {
      assert.equal((await insert(server, 'counters', { id: label('counter', writer, 8), n: 0 })).status, 200);
    }
    const counter = { tried: new Map(), acknowledged: new Map() };
    const everything = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const { acknowledged } = await loadAndKill(server, round, counter);
      everything.push(...acknowledged);
      server = await start({ dir, superuser: null });

      const stored = new Set((await readAll(server, 'log', `round = ${round}`)).map((row) => row.id));
      const lost = acknowledged.filter((key) => !stored.has(key));
      assert.deepEqual(lost, [], `round ${round}: ${lost.length} of ${acknowledged.length} acknowledged inserts are gone`);
      for (const row of await readAll(server, 'counters')) {
        const writer = Number(row.id.slice('counter'.length));
        const [least, most] = [counter.acknowledged.get(writer) ?? 0, counter.tried.get(writer) ?? 0];
        assert.ok(row.n >= least && row.n <= most, `round ${round}: counter ${writer} is ${row.n}, not ${least} to ${most}`);
      }
      assert.deepEqual(damage(dir), [], `round ${round}`);
    }
    const stored = new Set((await readAll(server, 'log')).map((row) => row.id));
    assert.deepEqual(everything.filter((key) => !stored.has(key)), []);
    assert.ok(everything.length > ROUNDS, `only ${everything.length} writes were acknowledged in all`);
    console.log(`${ROUNDS} kills, ${everything.length} acknowledged inserts, all there`);
    await server.stop();
  });
});

describe('two processes on one data folder', { skip: ONLY_BAK }, () => {
  it('refuses the second and keeps the first serving', async () => {
    const dir = tempFolder('two');
    const first = await start({ dir });
    const second = run(BAK_BIN, ['start', '--http', '127.0.0.1:0', '--dir', dir], { timeoutMs: 15_000 });
    assert.equal(typeof second.code, 'number', `the second one kept running: ${second.code}`);
    assert.notEqual(second.code, 0);
    assert.match(second.stderr + second.stdout, /in use|already|another|locked/i);
    assert.equal(await first.isHealthy(), true);
    await makeCollection(first, { name: 'still', fields: [{ name: 'a', type: 'text' }] });
    await first.stop();
    const third = await start({ dir, superuser: null });
    assert.equal((await readAll(third, 'still')).length, 0);
    await third.stop();
    removeFolder(dir);
  });

  it('lets a folder be used again at once after kill -9', async () => {
    const dir = tempFolder('again');
    const first = await start({ dir });
    await first.kill();
    const second = await start({ dir, superuser: null });
    await second.stop();
    removeFolder(dir);
  });
});

async function fillUntilRefused(server, kept) {
  for (let i = 0; i < 20_000; i++) {
    const answer = await insert(server, 'fill', { n: i, blob: 'x'.repeat(8_000) });
    if (answer.status !== 200) return answer;
    kept.push(answer.json.id);
  }
  return assert.fail('the disk never got full');
}

describe('a full disk', { skip: ONLY_BAK }, () => {
  it('refuses writes clearly, keeps reading, recovers, and loses nothing', async () => {
    const disk = smallDisk();
    try {
      let server = await start({ dir: disk.dir, wrap: disk.wrap });
      await makeCollection(server, { name: 'fill', fields: [{ name: 'n', type: 'number' }, { name: 'blob', type: 'text', max: 10_000 }] });
      const kept = [];
      const refused = await fillUntilRefused(server, kept);
      assert.ok(refused.status >= 400 && refused.status < 600, `status ${refused.status}`);
      assert.deepEqual(Object.keys(refused.json ?? {}).sort(), ['data', 'message', 'status'], refused.text);
      assert.ok(refused.json.message.length > 10, refused.text);

      assert.equal(await server.isHealthy(), true);
      const read = await request(server.url, { path: `/api/collections/fill/records/${kept[0]}` });
      assert.equal(read.status, 200, read.text);

      disk.free(server);
      let again;
      for (let i = 0; i < 50 && again?.status !== 200; i++) {
        again = await insert(server, 'fill', { n: -1, blob: 'after' });
        if (again.status !== 200) await sleep(100);
      }
      assert.equal(again.status, 200, `writes did not come back: ${again.text}`);
      kept.push(again.json.id);

      await server.kill();
      server = await start({ dir: disk.dir, superuser: null });
      const stored = new Set((await readAll(server, 'fill')).map((row) => row.id));
      assert.deepEqual(kept.filter((key) => !stored.has(key)), [], 'acknowledged records are gone');
      assert.deepEqual(damage(disk.dir), []);
      await server.stop();
    } finally {
      disk.close();
    }
  });
});

/** Starts an insert and holds back the second half of its body; `finish()` sends it and resolves to the answer. */
function halfSent(server, collection, json) {
  const body = Buffer.from(JSON.stringify(json));
  const half = Math.floor(body.length / 2);
  const { hostname, port } = new URL(server.url);
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const sent = http.request({ hostname, port, method: 'POST', path: `/api/collections/${collection}/records`, headers, agent: false });
  const answer = new Promise((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
  });
  sent.write(body.subarray(0, half));
  return {
    finish: () => {
      sent.end(body.subarray(half));
      return answer;
    },
  };
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  describe(`a stop by ${signal}`, { skip: ONLY_BAK }, () => {
    it('lets a request in flight finish, ends with code 0 and keeps its write', async () => {
      const dir = tempFolder('stop');
      const server = await start({ dir });
      await makeCollection(server, { name: 'slow', fields: [{ name: 't', type: 'text' }] });
      const slow = halfSent(server, 'slow', { t: 'x'.repeat(2_000) });
      await sleep(200);
      server.child.kill(signal);
      await sleep(400);
      assert.equal(server.end, undefined, 'the server ended before the request did');
      assert.equal(await slow.finish(), 200);
      const end = await Promise.race([server.ended, sleep(10_000)]);
      assert.deepEqual(end, { code: 0, signal: null }, server.output());
      const again = await start({ dir, superuser: null });
      assert.equal((await readAll(again, 'slow')).length, 1);
      await again.stop();
      removeFolder(dir);
    });

    it('does not wait for idle connections', async () => {
      const server = await start();
      const agent = new http.Agent({ keepAlive: true });
      await request(server.url, { path: '/api/health', agent });
      const before = Date.now();
      server.child.kill(signal);
      const end = await Promise.race([server.ended, sleep(8_000)]);
      assert.deepEqual(end, { code: 0, signal: null }, `still there after ${Date.now() - before} ms`);
      agent.destroy();
      removeFolder(server.dir);
    });
  });
}
