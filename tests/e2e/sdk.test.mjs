// The official PocketBase SDK, used as an application would, against a real server (TARGET=bak or pocketbase).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import PocketBase, { ClientResponseError } from 'pocketbase';
import { start, SUPERUSER } from './harness.mjs';

let server;
let su;

/** A client without a signed-in user and without the SDK's cancelling of parallel requests. */
function client() {
  const pb = new PocketBase(server.url);
  pb.autoCancellation(false);
  return pb;
}

async function signedIn(collection, email, password) {
  const pb = client();
  await pb.collection(collection).authWithPassword(email, password);
  return pb;
}

/** Expects a call to fail with this status; returns the error for closer looks. */
async function fails(promise, status) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ClientResponseError, `not a ClientResponseError: ${error}`);
    assert.equal(error.status, status, `wrong status: ${JSON.stringify(error.response)} ${error.originalError ?? ''}`);
    return error;
  }
  return assert.fail(`expected a failure with status ${status}, but the call succeeded`);
}

const text = (name, more = {}) => ({ name, type: 'text', ...more });
const stamps = [
  { name: 'created', type: 'autodate', onCreate: true },
  { name: 'updated', type: 'autodate', onCreate: true, onUpdate: true },
];
const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

before(async () => {
  server = await start();
  su = client();
  await su.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
});
after(() => server?.stop());

describe('health and settings', () => {
  it('answers the health check for guests and superusers', async () => {
    const guest = await client().health.check();
    assert.equal(guest.code, 200);
    assert.deepEqual(guest.data, {});
    assert.equal(typeof (await su.health.check()).data.canBackup, 'boolean');
  });

  it('reads and merges settings', async () => {
    const before = await su.settings.getAll();
    assert.equal(before.batch.maxRequests, 50);
    const changed = await su.settings.update({ meta: { appName: 'SDK suite' }, batch: { enabled: true } });
    assert.equal(changed.meta.appName, 'SDK suite');
    assert.equal(changed.meta.senderName, before.meta.senderName);
    const again = await su.settings.getAll({ fields: 'meta.appName,batch.enabled' });
    assert.deepEqual(again, { meta: { appName: 'SDK suite' }, batch: { enabled: true } });
  });

  it('refuses settings to guests and bad settings to everybody', async () => {
    await fails(client().settings.getAll(), 401);
    const error = await fails(su.settings.update({ meta: { appName: '' } }), 400);
    assert.equal(error.response.data.meta.appName.code, 'validation_required');
  });
});

describe('collections', () => {
  it('creates, reads, lists, changes and deletes a base collection', async () => {
    const made = await su.collections.create({ name: 'c_base', type: 'base', fields: [text('title'), ...stamps] });
    assert.match(made.id, /^pbc_\d+$/);
    assert.equal(made.listRule, null);
    assert.deepEqual(made.fields.map((f) => f.name), ['id', 'title', 'created', 'updated']);

    assert.equal((await su.collections.getOne('c_base')).id, made.id);
    assert.equal((await su.collections.getOne(made.id)).name, 'c_base');
    const list = await su.collections.getList(1, 5, { filter: 'name = "c_base"' });
    assert.equal(list.totalItems, 1);
    const full = await su.collections.getFullList({ sort: 'name' });
    assert.ok(full.length > 5 && full.some((c) => c.name === 'c_base'));
    assert.equal((await su.collections.getFirstListItem('name = "c_base"')).id, made.id);

    const renamed = await su.collections.update('c_base', {
      name: 'c_renamed',
      listRule: '',
      fields: [...made.fields, { name: 'n', type: 'number' }],
    });
    assert.equal(renamed.id, made.id);
    assert.equal(renamed.listRule, '');
    await su.collection('c_renamed').create({ title: 'a', n: 3 });
    assert.equal((await client().collection('c_renamed').getFullList())[0].n, 3);

    assert.equal(await su.collections.delete('c_renamed'), true);
    await fails(su.collections.getOne('c_renamed'), 404);
  });

  it('creates an auth collection with its system fields and hides its secrets', async () => {
    const made = await su.collections.create({ name: 'c_auth', type: 'auth' });
    for (const field of ['id', 'password', 'tokenKey', 'email', 'emailVisibility', 'verified']) {
      assert.ok(made.fields.some((f) => f.name === field && f.system), `missing system field ${field}`);
    }
    assert.equal(made.passwordAuth.enabled, true);
    assert.equal(made.authToken.secret, undefined);
    assert.equal(made.indexes.length, 2);
    await su.collections.delete('c_auth');
  });

  it('creates a view collection, infers its fields and can try a query first', async () => {
    await su.collections.create({ name: 'c_src', fields: [text('kind'), { name: 'n', type: 'number' }], ...OPEN });
    for (const [kind, n] of [['a', 1], ['a', 2], ['b', 5]]) await su.collection('c_src').create({ kind, n });
    const query = 'SELECT MAX(id) as id, kind, COUNT(id) as total FROM c_src GROUP BY kind';
    const tried = await su.collections.dryRunViewQuery(query);
    assert.deepEqual(tried.fields.map((f) => f.name), ['id', 'kind', 'total']);
    assert.equal(tried.sample.length, 2);

    const view = await su.collections.create({ name: 'c_view', type: 'view', viewQuery: query, listRule: '' });
    assert.deepEqual(view.fields.map((f) => f.type), ['text', 'text', 'number']);
    const rows = await client().collection('c_view').getFullList({ sort: 'kind' });
    assert.deepEqual(rows.map((r) => [r.kind, r.total]), [['a', 2], ['b', 1]]);
    await fails(su.collection('c_view').create({ kind: 'x' }), 400);
    await fails(su.collections.truncate('c_view'), 400);
    await fails(su.collections.delete('c_src'), 400);
    await su.collections.delete('c_view');
    await su.collections.delete('c_src');
  });

  it('truncates', async () => {
    await su.collections.create({ name: 'c_trunc', fields: [text('t')] });
    for (let i = 0; i < 3; i++) await su.collection('c_trunc').create({ t: `${i}` });
    assert.equal(await su.collections.truncate('c_trunc'), true);
    assert.equal((await su.collection('c_trunc').getList()).totalItems, 0);
    await su.collections.delete('c_trunc');
  });

  it('imports, merges and deletes what is missing', async () => {
    const fields = [text('id', { primaryKey: true, required: true, system: true, min: 15, max: 15, pattern: '^[a-z0-9]+$', autogeneratePattern: '[a-z0-9]{15}', id: 'text3208210256' }), text('t', { id: 'text_t' })];
    assert.equal(await su.collections.import([{ name: 'c_imp', type: 'base', fields }], false), true);
    await su.collections.import([{ name: 'c_imp', type: 'base', fields: [text('u', { id: 'text_u' })], viewRule: '' }], false);
    const merged = await su.collections.getOne('c_imp');
    assert.deepEqual(merged.fields.map((f) => f.name).sort(), ['id', 't', 'u']);
    assert.equal(merged.viewRule, '');
    await fails(su.collections.import([], false), 400);
    await su.collections.delete('c_imp');
  });

  it('offers scaffolds and the provider list', async () => {
    const scaffolds = await su.collections.getScaffolds();
    assert.deepEqual(Object.keys(scaffolds).sort(), ['auth', 'base', 'view']);
    assert.equal(scaffolds.auth.type, 'auth');
    assert.equal(scaffolds.base.name, '');
  });

  it('reports every fault by property', async () => {
    const error = await fails(su.collections.create({ name: 'no spaces', listRule: 'nope = 1', fields: [{ name: 's', type: 'select' }] }), 400);
    assert.equal(error.response.message, 'Failed to create collection.');
    assert.equal(error.response.status, 400);
    assert.ok(error.response.data.name.code);
    assert.equal(error.response.data.fields[1].values.code, 'validation_required');
    await fails(client().collections.getList(), 401);
  });
});

describe('records', () => {
  let ann;
  let bob;
  let posts;

  before(async () => {
    await su.collections.create({ name: 'people', fields: [text('name'), text('secret', { hidden: true })], ...OPEN });
    const people = await su.collections.getOne('people');
    await su.collections.create({
      name: 'posts',
      ...OPEN,
      fields: [
        text('title', { required: true }),
        { name: 'body', type: 'editor' },
        { name: 'views', type: 'number' },
        { name: 'live', type: 'bool' },
        { name: 'at', type: 'date' },
        { name: 'kind', type: 'select', values: ['a', 'b', 'c'], maxSelect: 3 },
        { name: 'meta', type: 'json' },
        { name: 'owner', type: 'relation', collectionId: people.id, maxSelect: 1 },
        { name: 'readers', type: 'relation', collectionId: people.id, maxSelect: 9 },
        ...stamps,
      ],
      indexes: ['CREATE UNIQUE INDEX idx_posts_title ON posts (title)'],
    });
    const postsInfo = await su.collections.getOne('posts');
    await su.collections.create({
      name: 'comments',
      ...OPEN,
      fields: [text('text'), { name: 'post', type: 'relation', collectionId: postsInfo.id, maxSelect: 1, cascadeDelete: true }],
    });
    ann = await su.collection('people').create({ name: 'Ann', secret: 's1' });
    bob = await su.collection('people').create({ name: 'Bob', secret: 's2' });
    posts = [];
    const rows = [
      { title: 'One "quoted"', views: 1, live: true, at: '2024-01-01 10:00:00.000Z', kind: ['a'], owner: ann.id, readers: [bob.id, ann.id] },
      { title: "Two 'single'", views: 20, live: false, at: '2024-02-01 10:00:00.000Z', kind: ['a', 'b'], owner: bob.id, readers: [] },
      { title: 'Three \\ back', views: 300, live: true, at: '', kind: [], meta: { a: { b: [1, 2, 3] } }, body: '<p>Hello <b>big</b>   world</p>' },
    ];
    for (const row of rows) posts.push(await su.collection('posts').create(row));
    await su.collection('comments').create({ text: 'first', post: posts[0].id });
    await su.collection('comments').create({ text: 'second', post: posts[0].id });
  });

  it('answers a created record with the documented shape', () => {
    const [post] = posts;
    assert.match(post.id, /^[a-z0-9]{15}$/);
    assert.equal(post.collectionName, 'posts');
    assert.deepEqual(Object.keys(post), [...Object.keys(post)].sort());
    assert.match(post.created, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(post.at, '2024-01-01 10:00:00.000Z');
    assert.deepEqual(post.readers, [bob.id, ann.id]);
    assert.equal(post.meta, null);
  });

  it('updates only what is sent and deletes', async () => {
    const made = await client().collection('posts').create({ title: 'tmp', views: 1 });
    const changed = await client().collection('posts').update(made.id, { views: 2 });
    assert.equal(changed.title, 'tmp');
    assert.equal(changed.views, 2);
    assert.ok(changed.updated >= made.updated);
    assert.equal(changed.created, made.created);
    assert.equal(await client().collection('posts').delete(made.id), true);
    await fails(client().collection('posts').getOne(made.id), 404);
    await fails(client().collection('posts').delete(made.id), 404);
  });

  it('applies modifiers', async () => {
    const pb = client().collection('posts');
    const made = await pb.create({ title: 'mods', views: 10, kind: ['a'], readers: [ann.id] });
    const plus = await pb.update(made.id, { 'views+': 5, 'kind+': 'b', '+kind': 'c', 'readers+': bob.id });
    assert.equal(plus.views, 15);
    assert.deepEqual(plus.kind, ['c', 'a', 'b']);
    assert.deepEqual(plus.readers, [ann.id, bob.id]);
    const minus = await pb.update(made.id, { 'views-': 3, 'kind-': ['a', 'c'], 'readers-': ann.id });
    assert.equal(minus.views, 12);
    assert.deepEqual(minus.kind, ['b']);
    assert.deepEqual(minus.readers, [bob.id]);
    await pb.delete(made.id);
  });

  it('filters with every placeholder type', async () => {
    const pb = client();
    const titles = async (raw, params) =>
      (await pb.collection('posts').getFullList({ filter: pb.filter(raw, params), sort: 'views' })).map((r) => r.views);
    assert.deepEqual(await titles('title = {:t}', { t: 'One "quoted"' }), [1]);
    assert.deepEqual(await titles('title = {:t}', { t: "Two 'single'" }), [20]);
    assert.deepEqual(await titles('title = {:t}', { t: 'Three \\ back' }), [300]);
    assert.deepEqual(await titles('views > {:n}', { n: 19.5 }), [20, 300]);
    assert.deepEqual(await titles('live = {:b}', { b: true }), [1, 300]);
    assert.deepEqual(await titles('live = {:b}', { b: false }), [20]);
    assert.deepEqual(await titles('at > {:d}', { d: new Date('2024-01-15T00:00:00Z') }), [20]);
    assert.deepEqual(await titles('meta.a = {:x}', { x: null }), [1, 20]);
    assert.deepEqual(await titles('meta.a != {:x}', { x: null }), [300]);
    assert.deepEqual(await titles('meta.a.b.1 = {:n}', { n: 2 }), [300]);
    assert.deepEqual(await titles('kind = {:a}', { a: ['a', 'b'] }), [20]);
    assert.deepEqual(await titles('kind:each ?= {:a} && (live = true || views > 5)', { a: 'a' }), [1, 20]);
  });

  it('sorts by several keys', async () => {
    const list = await client().collection('posts').getFullList({ sort: '-live,-views' });
    assert.deepEqual(list.map((r) => r.views), [300, 1, 20]);
    const byRelation = await client().collection('posts').getFullList({ sort: 'owner.name', filter: 'owner != ""' });
    assert.deepEqual(byRelation.map((r) => r.views), [1, 20]);
  });

  it('expands relations, nested and back', async () => {
    const one = await client().collection('posts').getOne(posts[0].id, { expand: 'owner,readers,comments_via_post' });
    assert.equal(one.expand.owner.name, 'Ann');
    assert.equal(one.expand.owner.secret, undefined);
    assert.deepEqual(one.expand.readers.map((r) => r.name), ['Bob', 'Ann']);
    assert.deepEqual(one.expand.comments_via_post.map((c) => c.text).sort(), ['first', 'second']);
    const comments = await client().collection('comments').getFullList({ expand: 'post.owner,post.readers' });
    assert.equal(comments[0].expand.post.expand.owner.name, 'Ann');
    assert.equal(comments[0].expand.post.expand.readers.length, 2);
    const person = await client().collection('people').getOne(ann.id, { expand: 'posts_via_owner.comments_via_post' });
    assert.equal(person.expand.posts_via_owner[0].expand.comments_via_post.length, 2);
  });

  it('picks fields and excerpts', async () => {
    const picked = await client().collection('posts').getOne(posts[2].id, { fields: 'title,body:excerpt(8,true)' });
    assert.deepEqual(picked, { title: 'Three \\ back', body: 'Hello bi...' });
    const list = await client().collection('posts').getList(1, 1, { fields: 'id', sort: 'views' });
    assert.deepEqual(list.items, [{ id: posts[0].id }]);
    const nested = await client().collection('posts').getOne(posts[0].id, { expand: 'owner', fields: 'expand.owner.name' });
    assert.deepEqual(nested, { expand: { owner: { name: 'Ann' } } });
  });

  it('pages, counts and skips the count', async () => {
    const page = await client().collection('posts').getList(2, 2, { sort: 'views' });
    assert.deepEqual([page.page, page.perPage, page.totalItems, page.totalPages, page.items.length], [2, 2, 3, 2, 1]);
    const skipped = await client().collection('posts').getList(1, 2, { skipTotal: true });
    assert.deepEqual([skipped.totalItems, skipped.totalPages, skipped.items.length], [-1, -1, 2]);
    const full = await client().collection('posts').getFullList({ batch: 2, sort: 'views' });
    assert.deepEqual(full.map((r) => r.views), [1, 20, 300]);
  });

  it('finds the first match or throws 404', async () => {
    const pb = client();
    const found = await pb.collection('posts').getFirstListItem(pb.filter('owner.name = {:n}', { n: 'Bob' }));
    assert.equal(found.id, posts[1].id);
    const error = await fails(pb.collection('posts').getFirstListItem('views = 12345'), 404);
    assert.equal(error.response.code, 404);
  });

  it('takes FormData, Blobs and files, serves and deletes them', async () => {
    await su.collections.create({
      name: 'docs',
      ...OPEN,
      fields: [text('title'), { name: 'cover', type: 'file', maxSelect: 1 }, { name: 'pages', type: 'file', maxSelect: 5 }, { name: 'n', type: 'number' }],
    });
    const form = new FormData();
    form.append('title', 'form');
    form.append('n', '7');
    form.append('cover', new File([PNG], 'My Cover.png', { type: 'image/png' }));
    const made = await client().collection('docs').create(form);
    assert.match(made.cover, /^my_cover_[a-z0-9]{10}\.png$/);
    assert.equal(made.n, 7);

    const plain = await client().collection('docs').create({
      title: '7',
      n: 1,
      pages: [new Blob(['page one'], { type: 'text/plain' }), new File(['page two'], 'two.txt')],
    });
    assert.equal(plain.title, '7');
    assert.equal(plain.pages.length, 2);

    const url = client().files.getURL(made, made.cover);
    const fetched = await fetch(url);
    assert.equal(fetched.status, 200);
    assert.match(fetched.headers.get('content-type'), /^image\/png/);
    assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), PNG);
    const download = await fetch(client().files.getURL(made, made.cover, { download: true }));
    assert.match(download.headers.get('content-disposition'), /^attachment/);
    await download.arrayBuffer();

    const more = await client().collection('docs').update(plain.id, { 'pages+': new File(['page three'], 'three.txt') });
    assert.equal(more.pages.length, 3);
    const less = await client().collection('docs').update(plain.id, { 'pages-': [plain.pages[0]] });
    assert.deepEqual(less.pages, more.pages.slice(1));
    assert.equal((await fetch(client().files.getURL(plain, plain.pages[0]))).status, 404);

    await client().collection('docs').update(made.id, { cover: null });
    assert.equal((await fetch(url)).status, 404);
    await client().collection('docs').delete(plain.id);
    assert.equal((await fetch(client().files.getURL(plain, less.pages[0]))).status, 404);
  });

  it('gives errors the shape applications rely on', async () => {
    const invalid = await fails(client().collection('posts').create({ title: '', kind: ['z'] }), 400);
    assert.deepEqual(Object.keys(invalid.response).sort(), ['data', 'message', 'status']);
    assert.deepEqual(invalid.response.data.title, { code: 'validation_required', message: 'Cannot be blank.' });
    assert.equal(invalid.response.data.kind.code, 'validation_invalid_value');
    const double = await fails(client().collection('posts').create({ title: 'One "quoted"' }), 400);
    assert.deepEqual(double.response.data, { title: { code: 'validation_not_unique', message: 'Value must be unique.' } });
    await fails(client().collection('nope').getList(), 404);
    await fails(client().collection('posts').getOne('nope'), 404);
    await fails(client().collection('posts').getList(1, 1, { filter: 'nope = 1' }), 400);
    await fails(client().collection('posts').getList(1, 1, { filter: '@request.auth.id = ""' }), 403);
    const down = await fails(new PocketBase('http://127.0.0.1:1').health.check(), 0);
    assert.equal(down.isAbort, false);
  });

  it('cancels a doubled request and only that', async () => {
    const pb = new PocketBase(server.url);
    const first = pb.collection('posts').getList(1, 1).catch((error) => error);
    const second = pb.collection('posts').getList(1, 1);
    assert.equal((await first).isAbort, true);
    assert.equal((await second).items.length, 1);
  });
});

describe('batch', () => {
  before(async () => {
    await su.settings.update({ batch: { enabled: true, maxRequests: 50, timeout: 10 } });
    await su.collections.create({
      name: 'stock',
      ...OPEN,
      fields: [text('sku', { required: true }), { name: 'n', type: 'number' }, { name: 'doc', type: 'file' }],
      indexes: ['CREATE UNIQUE INDEX idx_stock_sku ON stock (sku)'],
    });
  });

  it('creates, updates, upserts and deletes in one go', async () => {
    const old = await su.collection('stock').create({ sku: 'old', n: 1 });
    const gone = await su.collection('stock').create({ sku: 'gone', n: 1 });
    const batch = client().createBatch();
    batch.collection('stock').create({ sku: 'new', n: 2, doc: new File(['hello'], 'hello.txt') });
    batch.collection('stock').update(old.id, { 'n+': 41 });
    batch.collection('stock').upsert({ id: 'upserted0000001', sku: 'up', n: 3 });
    batch.collection('stock').upsert({ id: old.id, sku: 'old2' });
    batch.collection('stock').delete(gone.id);
    const answers = await batch.send();
    assert.deepEqual(answers.map((a) => a.status), [200, 200, 200, 200, 204]);
    assert.match(answers[0].body.doc, /^hello_[a-z0-9]{10}(_[a-z0-9]{10})?\.txt$/);
    assert.equal(answers[1].body.n, 42);
    const rows = await su.collection('stock').getFullList({ sort: 'sku' });
    assert.deepEqual(rows.map((r) => [r.sku, r.n]), [['new', 2], ['old2', 42], ['up', 3]]);
  });

  it('rolls everything back when one request fails', async () => {
    const before = await su.collection('stock').getFullList({ sort: 'id' });
    const batch = client().createBatch();
    batch.collection('stock').create({ sku: 'never' });
    batch.collection('stock').create({ sku: 'up' });
    const error = await fails(batch.send(), 400);
    assert.equal(error.response.message, 'Batch transaction failed.');
    const failure = error.response.data.requests[1];
    assert.equal(failure.code, 'batch_request_failed');
    assert.equal(failure.response.data.sku.code, 'validation_not_unique');
    assert.deepEqual(await su.collection('stock').getFullList({ sort: 'id' }), before);
  });

  it('is refused while switched off', async () => {
    await su.settings.update({ batch: { enabled: false } });
    const batch = client().createBatch();
    batch.collection('stock').create({ sku: 'x' });
    await fails(batch.send(), 403);
    await su.settings.update({ batch: { enabled: true } });
  });
});

describe('auth', () => {
  before(async () => {
    await su.collections.create({
      name: 'members',
      type: 'auth',
      listRule: '@request.auth.id != ""',
      viewRule: '@request.auth.id != ""',
      createRule: '',
      updateRule: 'id = @request.auth.id',
      deleteRule: 'id = @request.auth.id',
      fields: [text('name')],
    });
    await client().collection('members').create({ email: 'ann@example.com', password: 'annannann', passwordConfirm: 'annannann', name: 'Ann' });
    await client().collection('members').create({ email: 'bob@example.com', password: 'bobbobbob', passwordConfirm: 'bobbobbob', name: 'Bob', emailVisibility: true });
  });

  it('knows a superuser from a member and forgets on clear', async () => {
    assert.equal(su.authStore.isValid, true);
    assert.equal(su.authStore.isSuperuser, true);
    assert.equal(su.authStore.record.collectionName, '_superusers');
    const ann = await signedIn('members', 'ann@example.com', 'annannann');
    assert.equal(ann.authStore.isValid, true);
    assert.equal(ann.authStore.isSuperuser, false);
    assert.equal(ann.authStore.record.email, 'ann@example.com');
    assert.equal(ann.authStore.record.password, undefined);
    ann.authStore.clear();
    assert.equal(ann.authStore.isValid, false);
    await fails(ann.collection('members').authRefresh(), 401);
  });

  it('refreshes', async () => {
    const ann = await signedIn('members', 'ann@example.com', 'annannann');
    const fresh = await ann.collection('members').authRefresh();
    assert.equal(fresh.record.email, 'ann@example.com');
    assert.equal(ann.authStore.token, fresh.token);
    const wrong = client();
    wrong.authStore.save(ann.authStore.token, null);
    await fails(wrong.collection('_superusers').authRefresh(), 403);
  });

  it('survives a cookie round trip', async () => {
    const ann = await signedIn('members', 'ann@example.com', 'annannann');
    const other = client();
    other.authStore.loadFromCookie(ann.authStore.exportToCookie());
    assert.equal(other.authStore.isValid, true);
    assert.equal((await other.collection('members').getList()).totalItems, 2);
  });

  it('shows e-mail addresses only where allowed', async () => {
    const ann = await signedIn('members', 'ann@example.com', 'annannann');
    const bob = await signedIn('members', 'bob@example.com', 'bobbobbob');
    const seen = async (pb) =>
      (await pb.collection('members').getFullList({ sort: 'name' })).map((r) => r.email);
    assert.deepEqual(await seen(ann), ['ann@example.com', 'bob@example.com']);
    assert.deepEqual(await seen(bob), [undefined, 'bob@example.com']);
    assert.deepEqual(await seen(su), ['ann@example.com', 'bob@example.com']);
    assert.deepEqual(await seen(client()), []);
  });

  it('keeps the auth store in step with the own record', async () => {
    const ann = await signedIn('members', 'ann@example.com', 'annannann');
    await ann.collection('members').update(ann.authStore.record.id, { name: 'Anna' });
    assert.equal(ann.authStore.record.name, 'Anna');
    await fails(ann.collection('members').update((await su.collection('members').getFirstListItem('name = "Bob"')).id, { name: 'x' }), 404);
  });

  it('ends all tokens when the password changes', async () => {
    await client().collection('members').create({ email: 'cy@example.com', password: 'cycycycycy', passwordConfirm: 'cycycycycy' });
    const cy = await signedIn('members', 'cy@example.com', 'cycycycycy');
    const id = cy.authStore.record.id;
    const missing = await fails(cy.collection('members').update(id, { password: 'newnewnew', passwordConfirm: 'newnewnew' }), 400);
    assert.ok(missing.response.data.oldPassword);
    await cy.collection('members').update(id, { oldPassword: 'cycycycycy', password: 'newnewnew', passwordConfirm: 'newnewnew' });
    await fails(cy.collection('members').authRefresh(), 401);
    await fails(client().collection('members').authWithPassword('cy@example.com', 'cycycycycy'), 400);
    await signedIn('members', 'cy@example.com', 'newnewnew');
  });

  it('refuses a wrong password without saying what was wrong', async () => {
    const wrong = await fails(client().collection('members').authWithPassword('ann@example.com', 'nope'), 400);
    const unknown = await fails(client().collection('members').authWithPassword('nobody@example.com', 'nope'), 400);
    assert.deepEqual(wrong.response, unknown.response);
    assert.equal(wrong.response.message, 'Failed to authenticate.');
  });

  it('lists the ways to sign in', async () => {
    const methods = await client().collection('members').listAuthMethods();
    assert.deepEqual(methods.password, { enabled: true, identityFields: ['email'] });
    assert.equal(methods.otp.enabled, false);
    assert.deepEqual(methods.oauth2.providers, []);
  });

  it('continues as guest with a broken token', async () => {
    const pb = client();
    pb.authStore.save('a.b.c', null);
    assert.equal((await pb.collection('members').getList()).totalItems, 0);
  });
});
