// Bad input: each gets a clear 4xx, changes nothing, and the server answers on.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { signIn, start, TARGET } from './harness.mjs';
import { request } from './http.mjs';

const MIB = 1024 * 1024;
/** The request body a server takes at most for a collection without files, json or editor fields, in bytes. */
const BODY_MAX_BYTES = 32 * MIB;
/** A refused request must not take the server longer than this, in milliseconds. */
const REFUSAL_MAX_MS = 10_000;

/** Where bak promises a bound that PocketBase does not have. */
const STRICTER = TARGET === 'pocketbase' ? 'PocketBase has no such bound' : false;

const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };
const ROWS = '/api/collections/rows/records';
const NODES = '/api/collections/nodes/records';

let server;
let token;
let state;

const send = (options) => request(server.url, options);
const asSuperuser = (options) => send({ token, ...options });

async function ok(options) {
  const answer = await asSuperuser(options);
  assert.ok(answer.status >= 200 && answer.status < 300, `${options.method} ${options.path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** Everything a refused request must leave alone: all rows, and the collections that are not the system's. */
async function snapshot() {
  const [rows, nodes, collections] = await Promise.all([
    ok({ path: ROWS, query: { sort: 'id', perPage: 1000 } }),
    ok({ path: NODES, query: { sort: 'id', perPage: 1000 } }),
    ok({ path: '/api/collections', query: { sort: 'name', perPage: 1000 } }),
  ]);
  return { rows: rows.items, nodes: nodes.items, collections: collections.items };
}

/** Sends a request that must be refused with one of these statuses, in the error shape, quickly. */
async function refused(options, ...statuses) {
  const begun = Date.now();
  const answer = await send(options);
  const took = Date.now() - begun;
  const what = `${options.method ?? 'GET'} ${options.path.slice(0, 120)}`;
  assert.ok(statuses.includes(answer.status), `${what}: ${answer.status}, wanted ${statuses.join(' or ')}: ${answer.text.slice(0, 400)}`);
  assert.deepEqual(Object.keys(answer.json ?? {}).sort(), ['data', 'message', 'status'], `${what}: ${answer.text.slice(0, 400)}`);
  assert.equal(answer.json.status, answer.status);
  assert.ok(answer.json.message.length > 0);
  assert.doesNotMatch(answer.text, /panicked|\.rs:\d+|sqlite_|SELECT .* FROM/, `${what} tells about the inside: ${answer.text.slice(0, 400)}`);
  assert.ok(took < REFUSAL_MAX_MS, `${what} took ${took} ms`);
  return answer;
}

/** A request that is allowed to be odd but must not fail inside. */
async function survives(options) {
  const answer = await send(options);
  assert.ok(answer.status < 500, `${options.path.slice(0, 120)}: ${answer.status} ${answer.text.slice(0, 400)}`);
  return answer;
}

before(async () => {
  server = await start();
  token = await signIn(server.url);
  await ok({ method: 'PATCH', path: '/api/settings', json: { batch: { enabled: true, maxRequests: 50, timeout: 10 } } });
  await ok({
    method: 'POST',
    path: '/api/collections',
    json: { name: 'rows', ...OPEN, fields: [{ name: 't', type: 'text' }, { name: 'n', type: 'number' }, { name: 'twin', type: 'text' }], indexes: ['CREATE UNIQUE INDEX idx_rows_t ON rows (t)'] },
  });
  const nodes = await ok({ method: 'POST', path: '/api/collections', json: { name: 'nodes', ...OPEN, fields: [{ name: 'name', type: 'text' }] } });
  const next = { name: 'next', type: 'relation', collectionId: nodes.id, maxSelect: 1 };
  await ok({ method: 'PATCH', path: '/api/collections/nodes', json: { fields: [...nodes.fields, next] } });
  for (let i = 0; i < 3; i++) await ok({ method: 'POST', path: ROWS, json: { t: `row ${i}`, n: i, twin: 'same' } });
  await ok({ method: 'POST', path: NODES, json: { id: 'nodeaaaaaaaaaaa', name: 'a' } });
  await ok({ method: 'POST', path: NODES, json: { id: 'nodebbbbbbbbbbb', name: 'b', next: 'nodeaaaaaaaaaaa' } });
  await ok({ method: 'PATCH', path: `${NODES}/nodeaaaaaaaaaaa`, json: { next: 'nodebbbbbbbbbbb' } });
  state = await snapshot();
});
after(() => server?.stop());

afterEach(async () => {
  assert.equal(server.end, undefined, `the server ended: ${server.output()}`);
  const before = state;
  state = await snapshot();
  assert.deepEqual(state, before, 'something changed');
});

describe('bodies', () => {
  it('refuses malformed JSON', async () => {
    for (const body of ['{', '{"t":}', '{"t":"x"', 'nope', '[', '"', '{"t":"\ud800', '{"t":1e}', '\u0000']) {
      await refused({ method: 'POST', path: ROWS, body }, 400);
      await refused({ method: 'POST', path: '/api/collections', token, body }, 400);
      await refused({ method: 'PATCH', path: '/api/settings', token, body }, 400);
      await refused({ method: 'POST', path: '/api/batch', body }, 400);
    }
  });

  it('refuses JSON nested without end', async () => {
    const deep = `{"t":${'['.repeat(100_000)}`;
    await refused({ method: 'POST', path: ROWS, body: deep }, 400);
    await refused({ method: 'POST', path: ROWS, body: `${deep}${']'.repeat(100_000)}}` }, 400);
    await refused({ method: 'POST', path: '/api/collections', token, body: `{"fields":${'['.repeat(100_000)}` }, 400);
  });

  it('refuses bytes that are not UTF-8', async () => {
    await survives({ method: 'POST', path: ROWS, body: Buffer.from([0x7b, 0xff, 0xfe]) }).then((a) => assert.equal(a.status, 400));
  });

  it('refuses broken multipart', async () => {
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=x']) {
      await refused({ method: 'POST', path: ROWS, body: 'not multipart at all', type }, 400);
    }
  });

  it('refuses a body that is too large, with or without a length', async () => {
    const body = Buffer.alloc(BODY_MAX_BYTES + MIB, 0x20);
    await refused({ method: 'POST', path: ROWS, body }, 413);
    await refused({ method: 'POST', path: '/api/collections/rows/auth-with-password', body }, 413, 404);
    await refused({ method: 'POST', path: ROWS, body, headers: { 'transfer-encoding': 'chunked' } }, 413, 400);
  });

  it('refuses a type it does not know', async () => {
    await refused({ method: 'POST', path: ROWS, body: 'a,b', type: 'text/csv' }, 400);
  });
});

describe('unknown things', () => {
  it('answers 404 for what does not exist', async () => {
    for (const path of ['/api/collections/nope/records', '/api/collections/nope/records/x', `${ROWS}/nope`, `${ROWS}/${'x'.repeat(5_000)}`]) await refused({ path }, 404);
    await refused({ method: 'DELETE', path: `${ROWS}/nope` }, 404);
    await refused({ method: 'PATCH', path: `${ROWS}/nope`, json: { t: 'x' } }, 404);
    await refused({ path: '/api/collections/nope', token }, 404);
    await refused({ method: 'POST', path: '/api/nope', json: {} }, 404);
  });

  it('is not led out of the data folder by ids and names', async () => {
    const paths = ['a%2Fb', '..%2F..%2Fdata.db', '%2e%2e%2fdata.db', '..', 'x%00', '%ff%fe', "x'%20OR%20'1'='1", '%5c..%5c'];
    for (const part of paths) {
      for (const path of [`${ROWS}/${part}`, `/api/collections/${part}/records`, `/api/files/rows/${part}/x`, `/api/files/rows/x/${part}`]) {
        const answer = await survives({ path });
        assert.notEqual(answer.status, 200, `${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
      }
    }
    await refused({ method: 'POST', path: ROWS, json: { id: '../../../../etc', t: 'new' } }, 400);
    await refused({ method: 'POST', path: ROWS, json: { id: 'a/b/c/d/e/f/g/h', t: 'new' } }, 400);
  });
});

describe('wrong types', () => {
  it('refuses collections made of the wrong things', async () => {
    for (const json of [[], 'x', 5, { name: 5 }, { name: [] }, { name: 'x', fields: 'y' }, { name: 'x', fields: [5] }, { name: 'x', fields: [{ name: 'a', type: 'nope' }] }, { name: 'x', fields: [{ name: 'a', type: 'text', min: 'y' }] }, { name: 'x', indexes: 5 }, { name: 'x', listRule: 5 }]) {
      await refused({ method: 'POST', path: '/api/collections', token, json }, 400);
    }
  });

  it('refuses values that cannot be', async () => {
    for (const json of [[], 'x', 5, true]) await refused({ method: 'POST', path: ROWS, json: [json, json] }, 400);
    await refused({ method: 'POST', path: ROWS, json: { t: 'x'.repeat(5_001) } }, 400);
    await refused({ method: 'POST', path: ROWS, json: { t: 'row 0' } }, 400);
  });

  it('refuses odd paging', async () => {
    for (const query of [{ page: 'x' }, { perPage: 'x' }, { page: '1.5' }, { skipTotal: 'maybe' }]) await refused({ path: ROWS, query }, 400);
    const negative = await send({ path: ROWS, query: { page: -5, perPage: -5 } });
    assert.deepEqual([negative.status, negative.json.page, negative.json.perPage], [200, 1, 30]);
    const huge = await send({ path: ROWS, query: { perPage: 100_000 } });
    assert.equal(huge.json.perPage, 1000);
    await survives({ path: ROWS, query: { page: '9223372036854775807', perPage: '1000' } });
    await survives({ path: ROWS, query: { page: '99999999999999999999999' } });
  });
});

describe('filters and sort keys', () => {
  const filter = (text) => ({ path: ROWS, query: { filter: text } });

  it('refuses filters that are too long, too deep or too many', async () => {
    await refused(filter(`t = '${'x'.repeat(4_000)}'`), 400);
    await refused(filter('('.repeat(10_000)), 400, 431);
    await refused(filter(Array.from({ length: 300 }, () => 'n=1').join('||')), 400);
    await refused(filter(`n = ${'-'.repeat(3_000)}1`), 400);
    await refused(filter(`${'nodes_via_next.'.repeat(50)}name = 1`), 400);
  });

  it('refuses a filter and a rule nested without end', { skip: STRICTER }, async () => {
    await refused(filter(`${'('.repeat(1_700)}n=1${')'.repeat(1_700)}`), 400);
    const listRule = `${'('.repeat(10_000)}n = 1${')'.repeat(10_000)}`;
    await refused({ method: 'PATCH', path: '/api/collections/rows', token, json: { listRule } }, 400);
  });

  it('takes SQL, quotes, NUL and unicode tricks as text or refuses them', async () => {
    const texts = ["'; DROP TABLE rows; --", "' OR 1=1 --", "x' UNION SELECT * FROM _superusers --", '") OR (1=1', '\u0000', 'a\u0000b', '\u202e', '\ufeff', '\ufffd', '’', '‘ OR 1=1', '%', '_', '\\', '\\\\', "\\'", '😀', '{{t}}', '[[t]]', '{:p}', '?1', ':a', '@a', '$1', '/*', '--'];
    for (const text of texts) {
      const none = await survives(filter(`t = ${JSON.stringify(text)}`));
      if (none.status === 200) assert.deepEqual(none.json.items, [], `"${text}" matched something`);
      await survives(filter(`t = '${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`));
      await survives(filter(text));
      await survives(filter(`n = 1 ${text}`));
      await survives(filter(`${text} = 1`));
      await survives({ path: ROWS, query: { sort: text } });
      await survives({ path: ROWS, query: { expand: text } });
      await survives({ path: ROWS, query: { fields: text } });
    }
  });

  it('refuses hostile statements outside of quotes', async () => {
    for (const text of ["t = ''; DROP TABLE rows", '1; DELETE FROM rows', 't = (SELECT 1)', 't = load_extension(1)', 'n = 1 OR 1=1', 'rowid = 1', 'sqlite_version() = 1', "t = 'x' COLLATE nocase", 't IS NULL', 't LIKE 1', 'n = 1 LIMIT 1']) {
      await refused(filter(text), 400);
    }
  });

  it('refuses sort keys that do not exist, and too many', async () => {
    for (const sort of ['nope', '-nope', 't.nope', 't;', 't desc', 't)', "'t'", '(select 1)', '1', 'random()', 'CASE WHEN 1 THEN t END', Array(9).fill('t').join(), 'x'.repeat(300)]) {
      await refused({ path: ROWS, query: { sort } }, 400);
    }
  });

  it('ends loops of expands', async () => {
    for (const depth of [6, 7, 100, 1_000]) {
      const answer = await survives({ path: `${NODES}/nodeaaaaaaaaaaa`, query: { expand: Array(depth).fill('next').join('.') } });
      assert.ok(answer.text.length < 10_000, `expand of ${depth} gave ${answer.text.length} characters`);
    }
    const wide = Array.from({ length: 500 }, (_, i) => `next${'.next'.repeat(i % 5)}`).join();
    await survives({ path: NODES, query: { expand: wide } });
    await survives({ path: NODES, query: { expand: 'nodes_via_next.nodes_via_next.nodes_via_next' } });
  });
});

describe('what fails in the middle changes nothing', () => {
  it('a batch', async () => {
    const create = (body) => ({ method: 'POST', url: ROWS, body });
    const bad = [
      [create({ t: 'new 1' }), create({ t: 'row 1' }), create({ t: 'new 2' })],
      [create({ t: 'new 1' }), { method: 'DELETE', url: `${ROWS}/nope` }],
      [{ method: 'DELETE', url: `${NODES}/nodeaaaaaaaaaaa` }, create({ t: 'x'.repeat(6_000) })],
      [{ method: 'PATCH', url: `${NODES}/nodeaaaaaaaaaaa`, body: { name: 'changed' } }, { method: 'GET', url: ROWS }],
      Array.from({ length: 51 }, (_, i) => create({ t: `many ${i}` })),
    ];
    for (const requests of bad) await refused({ method: 'POST', path: '/api/batch', json: { requests } }, 400);
  });

  it('a change of the schema', async () => {
    const rows = state.collections.find((c) => c.name === 'rows');
    const change = (json) => refused({ method: 'PATCH', path: '/api/collections/rows', token, json }, 400);
    await change({ name: 'renamed', indexes: ['CREATE UNIQUE INDEX idx_rows_twin ON renamed (twin)'] });
    await change({ fields: [...rows.fields, { name: 'added', type: 'text' }], indexes: [...rows.indexes, 'CREATE UNIQUE INDEX idx_rows_twin ON rows (twin)'] });
    await change({ fields: rows.fields.slice(0, 1), listRule: "t = 'x'" });
    await change({ fields: [...rows.fields, { name: 'r', type: 'relation', collectionId: 'nope', maxSelect: 1 }], listRule: null });
    await change({ indexes: ['CREATE INDEX broken ON rows (nope)'], viewRule: null });
  });

  it('an import of collections', async () => {
    const good = { name: 'imported', type: 'base', fields: [{ name: 'a', type: 'text' }] };
    for (const bad of [{ name: 'bad name', type: 'base', fields: [] }, { name: 'v', type: 'view', viewQuery: 'SELECT nope' }, { name: 'w', type: 'base', listRule: 'nope = 1', fields: [] }]) {
      await refused({ method: 'PUT', path: '/api/collections/import', token, json: { collections: [good, bad], deleteMissing: true } }, 400);
    }
  });

  it('a delete that a view or a relation stands against', async () => {
    await refused({ method: 'DELETE', path: '/api/collections/_superusers', token }, 400);
  });
});

describe('headers', () => {
  it('treats broken tokens as a guest', async () => {
    for (const authorization of ['x', 'Bearer', 'Bearer a.b.c', `Bearer ${'x'.repeat(4_000)}`, '..', 'a.b']) {
      const answer = await send({ path: ROWS, headers: { authorization } });
      assert.equal(answer.status, 200);
      await refused({ path: '/api/collections', headers: { authorization } }, 401);
    }
  });

  it('survives odd methods and headers', async () => {
    for (const method of ['PROPFIND', 'TRACE', 'PUT', 'OPTIONS']) await survives({ method, path: ROWS });
    await survives({ path: ROWS, headers: { range: 'bytes=0-1', 'if-match': '*', expect: '100-continue', 'x-forwarded-for': "'; DROP" } });
  });
});
