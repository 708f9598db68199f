// `bak import pocketbase`: a data folder made by a real PocketBase is taken over whole, or not at all.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BAK_BIN, removeFolder, run, runOk, signIn, start, SUPERUSER, tempFolder } from './harness.mjs';
import { request } from './http.mjs';
import { damage, sql } from './sqlite.mjs';

const PASSWORD = 'ann password 1';
const FILE = Buffer.from('the file of the first post\n');
const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };
const MEMBERS_ONLY = "@request.auth.id != ''";

const source = tempFolder('import-source');
const target = path.join(tempFolder('import-target'), 'data');
const id = (word) => word.padEnd(15, '0');

/** What PocketBase answered before the import: its collections, settings, records and tokens. */
const seen = { records: {} };
let bak;
let imported;

const importFrom = (from, to) => run(BAK_BIN, ['import', 'pocketbase', from, '--dir', to]);

async function api(server, token, method, where, json) {
  const answer = await request(server.url, { method, path: where, token, json });
  assert.ok(answer.status >= 200 && answer.status < 300, `${method} ${where}: ${answer.status} ${answer.text}`);
  return answer.json;
}

const records = (collection) => `/api/collections/${collection}/records`;
const allOf = async (server, token, collection) => (await api(server, token, 'GET', `${records(collection)}?perPage=500&sort=id`)).items;

/** SHA-256 of every file below a folder, by relative path. */
function fingerprint(folder) {
  const files = fs.readdirSync(folder, { recursive: true }).filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(files.sort().map((name) => [name, crypto.createHash('sha256').update(fs.readFileSync(path.join(folder, name))).digest('hex')]));
}

const isAbsentOrEmpty = (folder) => !fs.existsSync(folder) || fs.readdirSync(folder).length === 0;

async function makeCollections(pb, su) {
  const create = (json) => api(pb, su, 'POST', '/api/collections', json);
  const stamps = [{ name: 'created', type: 'autodate', onCreate: true }, { name: 'updated', type: 'autodate', onCreate: true, onUpdate: true }];
  const people = await create({ name: 'people', type: 'auth', ...OPEN, listRule: MEMBERS_ONLY, manageRule: "@request.auth.name = 'Boss'", fields: [{ name: 'name', type: 'text' }, { name: 'secret', type: 'text', hidden: true }, ...stamps] });
  const tags = await create({ name: 'tags', ...OPEN, fields: [{ name: 'label', type: 'text' }] });
  const relation = (name, collectionId, more) => ({ name, type: 'relation', collectionId, maxSelect: 1, ...more });
  const posts = await create({
    name: 'posts', ...OPEN, listRule: '', updateRule: 'owner = @request.auth.id',
    fields: [
      { name: 'title', type: 'text', required: true, max: 50 }, { name: 'body', type: 'editor' }, { name: 'views', type: 'number', min: 0 }, { name: 'live', type: 'bool' }, { name: 'at', type: 'date' },
      { name: 'kind', type: 'select', values: ['a', 'b', 'c'], maxSelect: 2 }, { name: 'state', type: 'select', values: ['new', 'old'], maxSelect: 1 }, { name: 'meta', type: 'json' }, { name: 'place', type: 'geoPoint' },
      { name: 'mail', type: 'email' }, { name: 'link', type: 'url' }, { name: 'doc', type: 'file', maxSelect: 1 }, { name: 'docs', type: 'file', maxSelect: 3 },
      relation('owner', people.id), relation('tags', tags.id, { maxSelect: 9 }), ...stamps,
    ],
    indexes: ['CREATE UNIQUE INDEX idx_posts_title ON posts (title)', 'CREATE INDEX idx_posts_views ON posts (views, live)'],
  });
  await create({ name: 'comments', ...OPEN, fields: [{ name: 'text', type: 'text' }, relation('post', posts.id, { required: true, cascadeDelete: true })] });
  await create({ name: 'stats', type: 'view', listRule: '', viewRule: '', viewQuery: 'SELECT posts.owner as id, COUNT(posts.id) as total FROM posts GROUP BY posts.owner HAVING posts.owner != \'\'' });
  const tree = await create({ name: 'tree', ...OPEN, fields: [{ name: 'n', type: 'text' }] });
  await api(pb, su, 'PATCH', '/api/collections/tree', { fields: [...tree.fields, relation('parent', tree.id), relation('friends', tree.id, { maxSelect: 5 })] });
}

async function makeRecords(pb, su) {
  const create = (collection, json) => api(pb, su, 'POST', records(collection), json);
  const person = (name, more) => ({ id: id(name), name, email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, ...more });
  await create('people', person('ann', { verified: true, emailVisibility: true, secret: 's' }));
  await create('people', person('bob'));
  await create('people', person('gone'));
  for (const tag of ['t1', 't2', 't3']) await create('tags', { id: id(tag), label: tag });
  const row = { title: 'Ünïcödé "quoted" \' 😀', body: '<p>x</p>', views: 1.5, live: true, at: '2024-05-06 07:08:09.123Z', kind: ['c', 'a'], state: 'old', meta: { b: [1, null, 'x', { z: 1, a: 2 }], a: 1.5 }, place: { lon: 1.25, lat: -2.5 }, mail: 'a@b.co', link: 'http://a.co/x?y=1', owner: id('ann'), tags: [id('t3'), id('t1'), id('t2')] };
  await create('posts', { id: id('p1'), ...row });
  await create('posts', { id: id('p2'), title: 'empty' });
  await create('posts', { id: id('p3'), title: 'dangling', owner: id('gone'), tags: [id('t1'), id('t2')] });
  await create('posts', { id: id('p4'), title: 'all dangling', tags: [id('t2')], meta: 'text', owner: id('bob') });
  const upload = await request(pb.url, { method: 'PATCH', path: `${records('posts')}/${id('p1')}`, token: su, form: [['doc', { file: FILE, name: 'first.txt', type: 'text/plain' }], ['docs', { file: 'one', name: 'one.txt' }], ['docs', { file: 'two', name: 'two.txt' }]] });
  assert.equal(upload.status, 200, upload.text);
  await create('comments', { id: id('c1'), text: 'first', post: id('p1') });
  await create('tree', { id: id('child'), n: 'child' });
  await create('tree', { id: id('root'), n: 'root', friends: [id('child')] });
  await api(pb, su, 'PATCH', `${records('tree')}/${id('child')}`, { parent: id('root'), friends: [id('root'), id('child')] });
}

async function makeSource() {
  const pb = await start({ target: 'pocketbase', dir: source });
  const su = await signIn(pb.url);
  await makeCollections(pb, su);
  await makeRecords(pb, su);
  seen.settings = await api(pb, su, 'PATCH', '/api/settings', { meta: { appName: 'Moved App', senderName: 'Mover' }, batch: { enabled: true, maxRequests: 7 }, logs: { maxDays: 3 } });
  seen.collections = (await api(pb, su, 'GET', '/api/collections?perPage=200&sort=name')).items;
  for (const name of ['people', 'tags', 'posts', 'comments', 'stats', 'tree']) seen.records[name] = await allOf(pb, su, name);
  seen.su = su;
  seen.ann = await signIn(pb.url, { email: 'ann@example.com', password: PASSWORD }, 'people');
  const post = seen.records.posts.find((row) => row.id === id('p1'));
  seen.files = [`/api/files/posts/${post.id}/${post.doc}`, ...post.docs.map((name) => `/api/files/posts/${post.id}/${name}`)];
  await pb.stop();
  sql(path.join(source, 'data.db'), `DELETE FROM people WHERE id = '${id('gone')}'`, `DELETE FROM tags WHERE id = '${id('t2')}'`);
}

/** PocketBase's records as they must look after the rows that others point to are gone. */
function expectedRecords(name) {
  const gone = new Set([id('gone'), id('t2')]);
  const kept = seen.records[name].filter((row) => !gone.has(row.id));
  const tidy = (value) => (Array.isArray(value) ? value.filter((item) => !gone.has(item)) : gone.has(value) ? '' : value);
  return kept.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, tidy(value)])));
}

before(async () => {
  await makeSource();
  imported = importFrom(source, target);
  if (imported.code === 0) bak = await start({ target: 'bak', dir: target, superuser: null });
});
after(async () => {
  await bak?.stop();
  removeFolder(source);
  removeFolder(path.dirname(target));
});

describe('an import of a PocketBase folder', () => {
  it('succeeds and reports what it did and dropped', () => {
    const said = imported.stdout + imported.stderr;
    assert.equal(imported.code, 0, said);
    assert.match(said, /posts/);
    assert.match(said, /drop|dangl|nowhere|missing/i, `nothing about the references that point nowhere:\n${said}`);
  });

  it('keeps the collections: ids, rules, fields, indexes, options, dates', async () => {
    const now = (await api(bak, seen.su, 'GET', '/api/collections?perPage=200&sort=name')).items;
    assert.deepEqual(now.map((c) => c.name), seen.collections.map((c) => c.name));
    // What PocketBase knows of them; our own options (passkeys, authenticator apps) come beside it, switched off.
    for (const [i, collection] of seen.collections.entries()) {
      const { passkey, totp, ...known } = now[i];
      assert.deepEqual(known, collection, collection.name);
      assert.ok(!passkey?.enabled && !totp?.enabled, collection.name);
    }
  });

  it('keeps the settings', async () => {
    const now = await api(bak, seen.su, 'GET', '/api/settings');
    for (const key of Object.keys(seen.settings)) assert.deepEqual(now[key], seen.settings[key], key);
  });

  for (const name of ['people', 'tags', 'posts', 'comments', 'tree']) {
    it(`keeps the records of ${name}`, async () => {
      assert.deepEqual(await allOf(bak, seen.su, name), expectedRecords(name));
    });
  }

  it('answers the view from the imported tables', async () => {
    const rows = await allOf(bak, seen.su, 'stats');
    assert.deepEqual(rows.map((row) => [row.id, row.total]), [[id('ann'), 1], [id('bob'), 1]]);
  });

  it('follows relations and keeps their order', async () => {
    const [post] = (await api(bak, seen.su, 'GET', `${records('posts')}?filter=${encodeURIComponent("owner.name = 'ann' && tags.label ?= 't3'")}&expand=owner,tags,comments_via_post`)).items;
    assert.equal(post.expand.owner.name, 'ann');
    assert.deepEqual(post.expand.tags.map((tag) => tag.label), ['t3', 't1']);
    assert.equal(post.expand.comments_via_post[0].text, 'first');
  });

  it('serves the files', async () => {
    const contents = [];
    for (const where of seen.files) {
      const answer = await request(bak.url, { path: where });
      assert.equal(answer.status, 200, where);
      contents.push(answer.text);
    }
    assert.deepEqual(contents, [FILE.toString(), 'one', 'two']);
  });

  it('accepts tokens issued before the import', async () => {
    const list = await request(bak.url, { path: records('people'), token: seen.ann });
    assert.equal(list.json.totalItems, 2, list.text);
    const fresh = await request(bak.url, { method: 'POST', path: '/api/collections/people/auth-refresh', token: seen.ann });
    assert.equal(fresh.status, 200, fresh.text);
    assert.equal(fresh.json.record.id, id('ann'));
    assert.equal((await request(bak.url, { path: records('people') })).json.totalItems, 0);
  });

  it('accepts the old passwords, twice, and no others', async () => {
    for (let i = 0; i < 2; i++) {
      assert.ok(await signIn(bak.url, { email: 'bob@example.com', password: PASSWORD }, 'people'));
      assert.ok(await signIn(bak.url, SUPERUSER));
    }
    await assert.rejects(signIn(bak.url, { email: 'bob@example.com', password: `${PASSWORD}x` }, 'people'), /400/);
  });

  it('applies rules and indexes to new writes', async () => {
    const create = (json, token) => request(bak.url, { method: 'POST', path: records('posts'), json, token });
    assert.equal((await create({ title: 'empty' })).json.data.title.code, 'validation_not_unique');
    const made = await create({ title: 'new', tags: [id('t1')], owner: id('ann') });
    assert.equal(made.status, 200, made.text);
    const patch = (token) => request(bak.url, { method: 'PATCH', path: `${records('posts')}/${made.json.id}`, json: { views: 5 }, token });
    assert.equal((await patch()).status, 404);
    assert.equal((await patch(seen.ann)).json.views, 5);
    assert.equal((await request(bak.url, { method: 'DELETE', path: `${records('posts')}/${made.json.id}` })).status, 204);
  });

  it('leaves a sound database behind', () => assert.deepEqual(damage(target), []));
});

describe('an import that is refused', () => {
  /** A refused import: says why, ends non-zero, and leaves an absent target absent. */
  function refusedFrom(from, what) {
    const to = path.join(tempFolder('import-refused'), 'data');
    const done = importFrom(from, to);
    assert.notEqual(done.code, 0, `${what} was imported:\n${done.stdout}`);
    assert.ok((done.stderr + done.stdout).trim().length > 10, `${what}: no reason given`);
    assert.doesNotMatch(done.stderr, /panicked/);
    assert.ok(isAbsentOrEmpty(to), `${what} left ${fs.existsSync(to) && fs.readdirSync(to)}`);
    removeFolder(path.dirname(to));
  }

  it('goes not into a folder that holds something, and changes nothing there', async () => {
    await bak.stop();
    bak = null;
    const before = fingerprint(target);
    const again = importFrom(source, target);
    assert.notEqual(again.code, 0, again.stdout);
    assert.deepEqual(fingerprint(target), before);

    const other = tempFolder('import-other');
    fs.writeFileSync(path.join(other, 'note.txt'), 'mine');
    assert.notEqual(importFrom(source, other).code, 0);
    assert.deepEqual(fs.readdirSync(other), ['note.txt']);
    removeFolder(other);
  });

  it('takes no missing, empty or foreign source', () => {
    const empty = tempFolder('import-empty');
    refusedFrom(path.join(empty, 'nope'), 'a missing folder');
    refusedFrom(empty, 'an empty folder');
    runOk('python3', ['-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript("CREATE TABLE other (a)")', path.join(empty, 'data.db')]);
    refusedFrom(empty, 'a foreign database');
    removeFolder(empty);
  });

  it('takes no damaged source', () => {
    const whole = fs.readFileSync(path.join(source, 'data.db'));
    const damages = {
      'a file of nonsense': () => Buffer.from('this is not a database at all\n'.repeat(500)),
      'half a database': () => whole.subarray(0, Math.floor(whole.length / 2)),
      'a database with torn pages': () => {
        const torn = Buffer.from(whole);
        torn.fill(0xa5, Math.floor(whole.length / 4));
        return torn;
      },
    };
    for (const [what, make] of Object.entries(damages)) {
      const copy = tempFolder('import-damaged');
      fs.writeFileSync(path.join(copy, 'data.db'), make());
      refusedFrom(copy, what);
      removeFolder(copy);
    }
  });

  it('takes no source with a broken collection, although the others are fine', () => {
    const copy = tempFolder('import-broken-collection');
    fs.cpSync(source, copy, { recursive: true });
    sql(path.join(copy, 'data.db'), "UPDATE _collections SET fields = '{not json' WHERE name = 'tree'");
    refusedFrom(copy, 'a collection whose fields are not JSON');
    removeFolder(copy);
  });
});
