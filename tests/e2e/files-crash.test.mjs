// kill -9 at random points while files are uploaded, replaced and removed, and a full disk: no record without its file, no file without a
// record.
//
// FILES_CRASH_ROUNDS=60    how often the server is killed
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { removeFolder, signIn, sleep, start, TARGET, tempFolder } from './harness.mjs';
import { smallDisk } from './disk.mjs';
import { request } from './http.mjs';
import { damage } from './sqlite.mjs';

const ROUNDS = Number(process.env.FILES_CRASH_ROUNDS ?? 60);
const WRITERS = 6;
/** The server dies after a random number of answered changes, up to this one, … */
const CHANGES_MAX = 50;
/** … and a random time after that, up to this one, in milliseconds. */
const THEN_MAX_MS = 40;
/** Longest time until a started server has cleared away what a crash left, in milliseconds. */
const CLEARED_MAX_MS = 10_000;
/** Sizes of files: below and above what is written, read and kept at once. */
const SIZES = [0, 100, 9_000, 140_000, 700_000];

const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };
const DOCS = '/api/collections/docs/records';
const HASH_CHARS = 64;

const hash = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');

/** A file that can tell whether it is whole: its first characters are the hash of the rest. */
function content() {
  const rest = crypto.randomBytes(SIZES[Math.floor(Math.random() * SIZES.length)]);
  return Buffer.concat([Buffer.from(hash(rest)), rest]);
}
const isWhole = (bytes) => bytes.subarray(0, HASH_CHARS).toString() === hash(bytes.subarray(HASH_CHARS));
const file = () => ({ file: content(), name: `Some File ${Math.floor(Math.random() * 1e6)}.bin` });
const one = (list) => list[Math.floor(Math.random() * list.length)];

/** Every file below a folder, relative to it. */
function filesBelow(folder) {
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder, { recursive: true });
  return names.filter((name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile()).sort();
}

async function readAll(server, collection) {
  const items = [];
  for (let page = 1; ; page++) {
    const answer = await request(server.url, { path: `/api/collections/${collection}/records`, query: { page, perPage: 500, skipTotal: 1, sort: 'id' } });
    assert.equal(answer.status, 200, answer.text);
    items.push(...answer.json.items);
    if (answer.json.items.length < 500) return items;
  }
}

/** One writer: changes its own records in every way until the server is gone; notes what was acknowledged. */
async function write(server, known, progress) {
  const mine = new Map();
  const send = async (options) => {
    const answer = await request(server.url, options);
    if (answer.status >= 400) throw new Error(`${options.method} ${options.path} answered ${answer.status}: ${answer.text}`);
    return answer.json;
  };
  const note = (record) => {
    mine.set(record.id, record.many);
    known.set(record.id, 'stored');
  };
  const acts = {
    create: async () => note(await send({ method: 'POST', path: DOCS, form: [['single', file()], ['many', file()], ['many', file()]] })),
    append: async (id) => note(await send({ method: 'PATCH', path: `${DOCS}/${id}`, form: [['many+', file()]] })),
    replace: async (id) => note(await send({ method: 'PATCH', path: `${DOCS}/${id}`, form: [['single', file()], ['many', file()]] })),
    clear: async (id) => note(await send({ method: 'PATCH', path: `${DOCS}/${id}`, json: { 'many-': mine.get(id)?.slice(0, 1) ?? [], single: '' } })),
    remove: async (id) => {
      mine.delete(id);
      known.set(id, 'unknown');
      await send({ method: 'DELETE', path: `${DOCS}/${id}` });
      known.set(id, 'gone');
    },
    batch: async (id) => {
      known.set(id, 'unknown');
      mine.delete(id);
      const requests = [{ method: 'POST', url: DOCS, body: {} }, { method: 'DELETE', url: `${DOCS}/${id}` }];
      const [made] = await send({ method: 'POST', path: '/api/batch', form: [['@jsonPayload', JSON.stringify({ requests })], ['requests.0.single', file()]] });
      known.set(id, 'gone');
      note(made.body);
    },
    refused: async () => {
      // Everything but the length of the title is fine: the files must not stay.
      const answer = await request(server.url, { method: 'POST', path: DOCS, form: [['title', 'too long'], ['single', file()]] });
      assert.equal(answer.status, 400, answer.text);
    },
  };
  for (;;) {
    try {
      const id = mine.size > 1 ? one([...mine.keys()]) : undefined;
      await acts[id ? one(Object.keys(acts)) : 'create'](id);
      progress.answered += 1;
      if (progress.answered >= progress.until) progress.reached();
    } catch (error) {
      if (server.dying) return;
      throw error;
    }
  }
}

async function loadAndKill(server, known) {
  const progress = { answered: 0, until: 1 + Math.floor(Math.random() * CHANGES_MAX) };
  const reached = new Promise((resolve) => (progress.reached = resolve));
  const writers = Array.from({ length: WRITERS }, () => write(server, known, progress));
  const killed = reached.then(() => sleep(Math.random() * THEN_MAX_MS)).then(() => {
    server.dying = true;
    return server.kill();
  });
  await Promise.all([...writers, killed]);
}

/** Every file that a record names can be read and is whole. Returns their paths in storage. */
async function readFiles(server, round) {
  const paths = [];
  for (const record of await readAll(server, 'docs')) {
    for (const name of [record.single, ...record.many].filter(Boolean)) {
      const answer = await request(server.url, { path: `/api/files/docs/${record.id}/${name}` });
      assert.equal(answer.status, 200, `round ${round}: ${record.id} names ${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
      assert.ok(isWhole(answer.bytes), `round ${round}: ${name} is not whole`);
      paths.push(path.join(record.collectionId, record.id, name));
    }
  }
  return paths.sort();
}

describe('kill -9 while files come and go', { skip: TARGET === 'bak' ? false : 'this is about the bak program' }, () => {
  const dir = tempFolder('files-crash');
  after(() => removeFolder(dir));

  it(`leaves no file without a record and no record without its file, ${ROUNDS} times`, async () => {
    let server = await start({ dir });
    const token = await signIn(server.url);
    const admin = async (method, url, json) => assert.equal((await request(server.url, { method, path: url, token, json })).status, 200);
    await admin('PATCH', '/api/settings', { batch: { enabled: true, maxRequests: 50, timeout: 10 } });
    await admin('POST', '/api/collections', {
      name: 'docs', ...OPEN,
      fields: [{ name: 'title', type: 'text', max: 3 }, { name: 'single', type: 'file', maxSelect: 1 }, { name: 'many', type: 'file', maxSelect: 99 }],
    });
    const known = new Map();
    let left = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      await loadAndKill(server, known);
      const named = filesBelow(path.join(dir, '.tmp')).length;
      left += named;
      server = await start({ dir, superuser: null });

      const ids = new Set((await readAll(server, 'docs')).map((record) => record.id));
      for (const [id, state] of known) {
        if (state === 'stored') assert.ok(ids.has(id), `round ${round}: acknowledged record ${id} is gone`);
        if (state === 'gone') assert.ok(!ids.has(id), `round ${round}: deleted record ${id} is back`);
      }
      const expected = await readFiles(server, round);
      const deadline = Date.now() + CLEARED_MAX_MS;
      let stored;
      let staged;
      do {
        stored = filesBelow(path.join(dir, 'storage'));
        staged = filesBelow(path.join(dir, '.tmp'));
        if (stored.length === expected.length && !staged.length) break;
        await sleep(20);
      } while (Date.now() < deadline);
      assert.deepEqual(stored, expected, `round ${round}: storage holds other files than records name`);
      assert.deepEqual(staged, [], `round ${round}: the staging folder is not empty`);
      assert.deepEqual(damage(dir), [], `round ${round}`);
      // The next round's writers know nothing of these records; what a writer was changing when the server died may be there or not.
    }
    assert.ok(known.size > ROUNDS, `only ${known.size} records in all`);
    console.log(`${ROUNDS} kills, ${known.size} records, ${left} files were on their way when the server died; all settled`);
    await server.stop();
  });
});

describe('a full disk', { skip: TARGET === 'bak' ? false : 'this is about the bak program' }, () => {
  it('refuses an upload clearly, keeps nothing of it, and goes on', async () => {
    const disk = smallDisk();
    try {
      const server = await start({ dir: disk.dir, wrap: disk.wrap });
      const token = await signIn(server.url);
      const fields = [{ name: 'one', type: 'file', maxSelect: 1, maxSize: 100_000_000 }];
      assert.equal((await request(server.url, { method: 'POST', path: '/api/collections', token, json: { name: 'docs', ...OPEN, fields } })).status, 200);
      const upload = (bytes) => request(server.url, { method: 'POST', path: DOCS, form: [['one', { file: bytes, name: 'a.bin' }]] });
      const small = await upload(content());
      assert.equal(small.status, 200, small.text);
      const refused = await upload(crypto.randomBytes(40_000_000));
      assert.equal(refused.status, 500, refused.text);
      assert.match(refused.json?.message ?? '', /disk is full/i);
      assert.deepEqual(filesBelow(path.join(disk.dir, '.tmp')), []);
      assert.equal(filesBelow(path.join(disk.dir, 'storage')).length, 1);
      const again = await upload(content());
      assert.equal(again.status, 200, again.text);
      for (const { json } of [small, again]) {
        const file = await request(server.url, { path: `/api/files/docs/${json.id}/${json.one}` });
        assert.ok(isWhole(file.bytes));
      }
      await server.stop();
    } finally {
      disk.close();
    }
  });
});
