// kill -9 at random points while files come and go in every way, and a full disk: no record without its file, no file without a record.
//
// FILES_CRASH_ROUNDS=60    how often the server is killed
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { removeFolder, signIn, sleep, start, TARGET, tempFolder } from './harness.mjs';
import { smallDisk } from './disk.mjs';
import { file, filesBelow, hash, isWhole } from './files-crash/content.mjs';
import { House, KEEPERS, OPEN, recordsOf } from './files-crash/house.mjs';
import { Keeper } from './files-crash/keeper.mjs';
import { check } from './files-crash/settled.mjs';
import { append, begin, giveUp, offsetOf, reference } from './files-crash/tus.mjs';
import { Uploader } from './files-crash/uploader.mjs';
import { Viewer } from './files-crash/viewer.mjs';
import { Writer } from './files-crash/writer.mjs';
import { request } from './http.mjs';
import { damage } from './sqlite.mjs';

const ROUNDS = Number(process.env.FILES_CRASH_ROUNDS ?? 60);
const WRITERS = 4;
/** The server dies after a random number of acts, up to this one, … */
const ACTS_MAX = 50;
/** … and a random time after that, up to this one, in milliseconds. */
const THEN_MAX_MS = 40;
/** Kills between two checks of the database itself. */
const DAMAGE_EVERY = 10;
/** Kills between two looks at a server that lives. */
const ALIVE_EVERY = 4;
const ONLY_BAK = TARGET === 'bak' ? false : 'this is about the bak program';
const DOCS = recordsOf('docs');

/** Everybody works until the server dies; if it `lives`, until all are done. `found`: what is there. */
async function work(house, uploader, found, lives) {
  const records = [...found.values()];
  const docs = records.filter(({ collectionName }) => collectionName === 'docs').map(({ id }) => id);
  const own = (at) => records.filter(({ id, owner }) => docs.indexOf(owner || id) % WRITERS === at);
  const workers = [
    ...Array.from({ length: WRITERS }, (_, at) => new Writer(house, own(at))),
    ...Array.from({ length: KEEPERS }, (_, at) => new Keeper(house, at)),
    uploader,
  ];
  const viewer = new Viewer(house);
  const enough = house.acts(1 + Math.floor(Math.random() * ACTS_MAX));
  const ended = enough.then(() => sleep(Math.random() * THEN_MAX_MS)).then(() => {
    if (!lives) return house.kill();
    house.isClosing = true;
  });
  await Promise.all([...workers.map((worker) => house.work(() => worker.act())), house.work(() => viewer.act(), false), ended]);
}

describe('kill -9 while files come and go', { skip: ONLY_BAK }, () => {
  const dir = tempFolder('files-crash');
  const house = new House(dir);
  after(async () => {
    await house.kill();
    removeFolder(dir);
  });

  it(`leaves no file without a record and no record without its file, ${ROUNDS} times`, async () => {
    house.server = await start({ dir });
    await house.furnish();
    const uploader = new Uploader(house);
    let found = new Map();
    let left = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      if (round % ALIVE_EVERY === 0) {
        // A start clears a lot away; a server that goes on has to be as tidy.
        await work(house, uploader, found, true);
        found = await check(house, uploader, `before kill ${round}`);
      }
      await work(house, uploader, found, false);
      left += filesBelow(path.join(dir, '.tmp')).length;
      house.server = await start({ dir, superuser: null });
      found = await check(house, uploader, `after kill ${round}`);
      if (round % DAMAGE_EVERY === 0 || round === ROUNDS) assert.deepEqual(damage(dir), [], `after kill ${round}`);
    }
    console.log(`${ROUNDS} kills, ${house.ledger.size} records, ${left} files were on their way when the server died; all settled`);
    await house.server.stop();
  });
});

/** What the uploads below are for. */
const ONE = { collection: 'docs', field: 'one', name: 'a.bin' };

/** A person of `users` who uploads in pieces. */
async function uploader(server, token) {
  const body = { email: 'ana@example.com', password: 'correct horse 2', passwordConfirm: 'correct horse 2' };
  assert.equal((await request(server.url, { method: 'POST', path: '/api/collections/users/records', token, json: body })).status, 200);
  return signIn(server.url, { email: body.email, password: body.password }, 'users');
}

/** Makes a record of a complete upload, and reads its file. */
async function used(server, token, path) {
  const made = await request(server.url, { method: 'POST', path: DOCS, token, json: { one: reference(path) } });
  assert.equal(made.status, 200, made.text);
  return (await request(server.url, { path: `/api/files/docs/${made.json.id}/${made.json.one}` })).bytes;
}

describe('kill -9 while an upload in pieces is under way', { skip: ONLY_BAK }, () => {
  it('it goes on where it was', async () => {
    const dir = tempFolder('files-resume');
    let server = await start({ dir });
    try {
      const root = await signIn(server.url);
      const fields = [{ name: 'one', type: 'file', maxSelect: 1, maxSize: 100_000_000 }];
      await request(server.url, { method: 'POST', path: '/api/collections', token: root, json: { name: 'docs', ...OPEN, fields } });
      const token = await uploader(server, root);
      const whole = crypto.randomBytes(8_000_000);
      const path = await begin(server, token, { ...ONE, length: whole.length });
      for (let offset = 0, piece = 1; offset < whole.length; piece++) {
        // Every other piece is acknowledged before the server dies; of the rest as much stays as reached the disk.
        const sent = append(server, token, path, offset, whole.subarray(offset, offset + 2_000_000)).catch(() => null);
        const answer = piece % 2 ? await sent : await Promise.race([sent, sleep(Math.random() * 20)]);
        await server.kill();
        await sent;
        server = await start({ dir, superuser: null });
        const now = await offsetOf(server, token, path);
        assert.ok(now >= (answer?.status === 204 ? Number(answer.headers['upload-offset']) : offset), `${now} of ${offset}`);
        offset = now;
      }
      assert.equal(hash(await used(server, token, path)), hash(whole));
    } finally {
      await server.stop();
      removeFolder(dir);
    }
  });
});

describe('a full disk', { skip: ONLY_BAK }, () => {
  it('refuses an upload clearly, keeps nothing of it, and goes on', async () => {
    const disk = smallDisk();
    try {
      const server = await start({ dir: disk.dir, wrap: disk.wrap });
      const token = await signIn(server.url);
      const fields = [{ name: 'one', type: 'file', maxSelect: 1, maxSize: 100_000_000 }];
      assert.equal((await request(server.url, { method: 'POST', path: '/api/collections', token, json: { name: 'docs', ...OPEN, fields } })).status, 200);
      const upload = (sent) => request(server.url, { method: 'POST', path: DOCS, form: [['one', sent]] });
      const uploading = await uploader(server, token);
      const pieces = await begin(server, uploading, { ...ONE, length: 40_000_000 });
      const piece = await append(server, uploading, pieces, 0, crypto.randomBytes(40_000_000));
      assert.equal(piece.status, 500, piece.text);
      assert.match(piece.json?.message ?? '', /disk is full/i);
      const gone = await giveUp(server, uploading, pieces);
      assert.equal(gone.status, 204, gone.text);
      assert.deepEqual(filesBelow(`${disk.dir}/.tmp`), []);
      const small = await upload(file());
      assert.equal(small.status, 200, small.text);
      const refused = await upload({ file: crypto.randomBytes(40_000_000), name: 'a.bin' });
      assert.equal(refused.status, 500, refused.text);
      assert.match(refused.json?.message ?? '', /disk is full/i);
      assert.deepEqual(filesBelow(path.join(disk.dir, '.tmp')), []);
      assert.equal(filesBelow(path.join(disk.dir, 'storage')).length, 1);
      const again = await upload(file());
      assert.equal(again.status, 200, again.text);
      for (const { json } of [small, again]) {
        const { bytes } = await request(server.url, { path: `/api/files/docs/${json.id}/${json.one}` });
        assert.ok(isWhole(json.one, bytes));
      }
      await server.stop();
    } finally {
      disk.close();
    }
  });
});
