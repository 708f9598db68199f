// Realtime as clients use it: the official SDK, plain streams that resume, the TypeScript client over a WebSocket.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EventSource } from 'eventsource';
import PocketBase from 'pocketbase';
import WebSocket from 'ws';
import { signIn, start, SUPERUSER } from './harness.mjs';
import { request } from './http.mjs';
import { load } from './realtime/client.mjs';
import { openStream, subscribe, until } from './realtime/events.mjs';
import { sql } from './sqlite.mjs';

globalThis.EventSource ??= EventSource;

const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };
const PASSWORD = 'correct horse 2';

let server;
let root;
let Client;

const api = async (method, path, json, token = root) => {
  const answer = await request(server.url, { method, path, json, token });
  assert.ok(answer.status < 300, `${method} ${path} answered ${answer.status}: ${answer.text}`);
  return answer.json;
};

async function makeCollection(name, fields, rules = OPEN) {
  return api('POST', '/api/collections', { name, type: 'base', fields, ...rules });
}

async function makeUser(name) {
  const email = `${name}@example.com`;
  const made = await api('POST', '/api/collections/users/records', { email, password: PASSWORD, passwordConfirm: PASSWORD, name });
  return { id: made.id, token: await signIn(server.url, { email, password: PASSWORD }, 'users') };
}

before(async () => {
  server = await start();
  root = await signIn(server.url);
  Client = (await load()).Realtime;
});
after(async () => {
  const end = await server?.stop();
  assert.deepEqual(end, { code: 0, signal: null }, 'open streams do not keep the server from ending');
});

describe('the official SDK', () => {
  it('subscribes to a collection, to a record, with options, and unsubscribes', async () => {
    await makeCollection('posts', [{ name: 'title', type: 'text' }, { name: 'rank', type: 'number' }]);
    const pb = new PocketBase(server.url);
    await pb.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
    const all = [];
    const one = [];
    const few = [];
    await pb.collection('posts').subscribe('*', ({ action, record }) => all.push([action, record.title]));
    const id = 'post00000000001';
    await pb.collection('posts').subscribe(id, ({ action, record }) => one.push([action, record.title]));
    const options = { filter: 'rank > 5', fields: 'id,rank' };
    const unsubscribe = await pb.collection('posts').subscribe('*', ({ record }) => few.push(record), options);
    await pb.collection('posts').create({ id, title: 'a', rank: 1 });
    await until(() => all.length === 1, 'the creation');
    await pb.collection('posts').update(id, { title: 'b', rank: 9 });
    await until(() => all.length === 2, 'the update');
    await pb.collection('posts').delete(id);
    await until(() => all.length === 3 && one.length === 3 && few.length === 2, 'the deletion');
    assert.deepEqual(all, [['create', 'a'], ['update', 'b'], ['delete', 'b']]);
    assert.deepEqual(one, all);
    assert.deepEqual(few, [{ id, rank: 9 }, { id, rank: 9 }]);
    await unsubscribe();
    await pb.collection('posts').unsubscribe(id);
    await pb.collection('posts').create({ title: 'c', rank: 9 });
    await until(() => all.length === 4, 'what is still subscribed');
    assert.equal(few.length, 2);
    await pb.realtime.unsubscribe();
  });
});

describe('a stream that resumes', () => {
  it('gets what it missed, in order, also what SQL by hand did, and nothing twice', async () => {
    await makeCollection('news', [{ name: 'n', type: 'number' }]);
    const add = (n) => api('POST', '/api/collections/news/records', { n });
    const first = await openStream(server.url);
    await subscribe(server.url, first, ['news/*']);
    await add(1);
    await until(() => first.frames.length === 1, 'the first event');
    first.close();
    for (const n of [2, 3, 4]) await add(n);
    sql(path.join(server.dir, 'bak.db'), `INSERT INTO news (id, n) VALUES ('byhand000000001', 5)`);
    const again = await openStream(server.url, { lastEventId: first.position });
    await subscribe(server.url, again, ['news/*']);
    await add(6);
    await until(() => again.frames.length >= 5, 'what was missed');
    assert.deepEqual(again.frames.map((frame) => frame.data.record.n), [2, 3, 4, 5, 6]);
    const ids = again.frames.map((frame) => Number(frame.id));
    assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
    const unknown = await openStream(server.url, { lastEventId: again.position + 1_000_000 });
    await subscribe(server.url, unknown, ['news/*']);
    await until(() => unknown.frames.length === 1, 'a resync');
    assert.deepEqual([unknown.frames[0].event, unknown.frames[0].data.reason], ['resync', 'pruned']);
    await add(7);
    await until(() => unknown.frames.length === 2, 'what comes after it');
    again.close();
    unknown.close();
  });
});

describe('the TypeScript client', () => {
  const connect = (options) => new Client(server.url, { WebSocket, ...options });

  it('hears of records by its own rules, and of what concerns its account', async () => {
    const owner = 'owner = @request.auth.id';
    const users = await api('GET', '/api/collections/users');
    const relation = { name: 'owner', type: 'relation', collectionId: users.id, maxSelect: 1 };
    await makeCollection('diary', [{ name: 'text', type: 'text' }, relation], { ...OPEN, listRule: owner, viewRule: owner });
    const [ana, bob] = [await makeUser('ana'), await makeUser('bob')];
    const [mine, theirs, me] = [[], [], []];
    const a = connect({ token: () => ana.token });
    const b = connect({ token: () => bob.token });
    await a.records('diary', '*', ({ record }) => void mine.push(record.text));
    await a.me((event) => void me.push(event));
    await b.records('diary', '*', ({ record }) => void theirs.push(record.text));
    await api('POST', '/api/collections/diary/records', { text: 'for ana', owner: ana.id });
    await api('POST', '/api/collections/diary/records', { text: 'for bob', owner: bob.id });
    await until(() => mine.length && theirs.length, 'one each');
    assert.deepEqual([mine, theirs], [['for ana'], ['for bob']]);
    await api('PATCH', `/api/collections/users/records/${ana.id}`, { name: 'Ana B.' });
    await until(() => me.length === 1, 'the own account');
    assert.deepEqual([me[0].action, me[0].record.name, me[0].record.email], ['update', 'Ana B.', 'ana@example.com']);
    // A new password ends every token: from here on the client is a guest, and hears so.
    await api('PATCH', `/api/collections/users/records/${ana.id}`, { password: 'another one 3', passwordConfirm: 'another one 3' });
    await until(() => me.length === 2, 'being signed out');
    assert.equal(me[1].action, 'signedOut');
    await api('POST', '/api/collections/diary/records', { text: 'not any more', owner: ana.id });
    await api('POST', '/api/collections/diary/records', { text: 'for bob too', owner: bob.id });
    await until(() => theirs.length === 2, "bob's");
    assert.deepEqual(mine, ['for ana']);
    a.close();
    b.close();
  });

  it('talks on channels under their rules, shows who is there, and hears when they leave', async () => {
    await makeCollection('members', [{ name: 'room', type: 'text' }, { name: 'user', type: 'text' }]);
    const member = '@collection.members.room ?= part && @collection.members.user ?= @request.auth.id';
    await api('PATCH', '/api/settings', {
      realtime: {
        channels: [
          { pattern: 'room/*', listenRule: member, publishRule: `${member} && @request.body.text != 'spam'`, presence: true },
          { pattern: 'lobby', listenRule: '', publishRule: null },
        ],
      },
    });
    const [cleo, dan] = [await makeUser('cleo'), await makeUser('dan')];
    const membership = await api('POST', '/api/collections/members/records', { room: '1', user: cleo.id });
    const c = connect({ token: () => cleo.token });
    const d = connect({ token: () => dan.token });
    const heard = [];
    await c.channel('room/1', (event) => void heard.push(event));
    await assert.rejects(d.channel('room/1', () => {}), { code: 'forbidden' });
    await assert.rejects(c.channel('room/2', () => {}), { code: 'forbidden' });
    await assert.rejects(d.publish('room/1', { text: 'hi' }), { code: 'forbidden' });
    await assert.rejects(c.publish('room/1', { text: 'spam' }), { code: 'forbidden' });
    await assert.rejects(c.publish('lobby', {}), { code: 'forbidden' });
    await assert.rejects(c.publish('nowhere', {}), { code: 'forbidden' });
    const second = await api('POST', '/api/collections/members/records', { room: '1', user: dan.id });
    const other = [];
    await d.channel('room/1', (event) => void other.push(event));
    assert.equal(await c.publish('room/1', { text: 'hello' }), 2);
    await until(() => heard.length && other.length, 'the message');
    assert.deepEqual(other[0], {
      action: 'message',
      data: { text: 'hello' },
      from: { id: cleo.id, collectionId: '_pb_users_auth_', collectionName: 'users' },
    });
    await d.track('room/1', { typing: true });
    await until(() => heard.length === 2, 'presence');
    assert.deepEqual(heard[1].joined.map(({ user, state }) => [user.id, state]), [[dan.id, { typing: true }]]);
    assert.deepEqual((await c.present('room/1')).map(({ state }) => state), [{ typing: true }]);
    await api('DELETE', `/api/collections/members/records/${second.id}`);
    assert.equal(await c.publish('room/1', { text: 'only us' }), 1, 'the rule is asked at every message');
    d.close();
    await until(() => heard.some(({ left }) => left?.length), 'leaving');
    assert.deepEqual(await c.present('room/1'), []);
    await api('DELETE', `/api/collections/members/records/${membership.id}`);
    await assert.rejects(c.publish('room/1', { text: 'hi' }), { code: 'forbidden' });
    c.close();
  });

  it('goes on where it was when the connection is lost, with events it must acknowledge', async () => {
    await makeCollection('ticks', [{ name: 'n', type: 'number' }]);
    const sockets = [];
    class Watched extends WebSocket {
      constructor(url) {
        super(url);
        sockets.push(this);
      }
    }
    const heard = [];
    const client = connect({ WebSocket: Watched, window: 2 });
    await client.records('ticks', '*', async ({ record }) => {
      await new Promise((resolve) => setImmediate(resolve));
      heard.push(record.n);
    });
    for (let n = 1; n <= 30; n++) {
      await api('POST', '/api/collections/ticks/records', { n });
      if (n % 10 !== 0) continue;
      const before = sockets.length;
      sockets.at(-1).terminate();
      await until(() => sockets.length > before, 'another connection');
    }
    await until(() => heard.length >= 30, 'all ticks');
    assert.deepEqual([...new Set(heard)], Array.from({ length: 30 }, (_, at) => at + 1));
    assert.ok(sockets.length >= 3);
    client.close();
  });

  it('tells superusers of the system, and nobody else', async () => {
    const eva = await makeUser('eva');
    const [seen, nothing] = [[], []];
    const su = connect({ token: () => root });
    const user = connect({ token: () => eva.token });
    await su.topic('@system/*', (event) => void seen.push(event));
    await user.topic('@system/*', (event) => void nothing.push(event));
    await makeCollection('things', [{ name: 'x', type: 'text' }]);
    await api('PATCH', '/api/settings', { meta: { appName: 'Renamed' } });
    await api('DELETE', '/api/collections/things');
    await until(() => seen.length === 3, 'three events');
    assert.deepEqual(seen.map(({ action }) => action), ['create', 'update', 'delete']);
    assert.deepEqual([seen[0].record.name, seen[1].record.meta.appName, seen[2].record.name], ['things', 'Renamed', 'things']);
    assert.deepEqual(nothing, []);
    su.close();
    user.close();
  });

  it('is answered when it asks for what cannot be', async () => {
    const raw = new WebSocket(server.url.replace('http', 'ws') + '/api/realtime/ws');
    const answers = [];
    raw.on('message', (text) => answers.push(JSON.parse(text)));
    await new Promise((resolve) => raw.on('open', resolve));
    const asked = [
      ['nonsense', undefined, 'invalid'],
      ['{"id":1,"type":"nope"}', 1, 'invalid'],
      ['{"id":2,"type":"subscribe","topics":"a"}', 2, 'invalid'],
      ['{"id":3,"type":"auth","token":"x"}', 3, 'unauthenticated'],
      [`{"id":4,"type":"subscribe","topics":${JSON.stringify(Array(1001).fill('a').map((a, n) => a + n))}}`, 4, 'invalid'],
      ['{"id":5,"type":"flow","window":100000000}', 5, 'invalid'],
      ['{"id":6,"type":"subscribe","topics":["a"],"since":-1}', 6, 'invalid'],
      ['{"id":7,"type":"publish","channel":""}', 7, 'invalid'],
    ];
    for (const [text] of asked) raw.send(text);
    await until(() => answers.filter(({ type }) => type === 'error').length === asked.length, 'all answers');
    const errors = answers.filter(({ type }) => type === 'error').map(({ id, code }) => [id, code]);
    assert.deepEqual(errors, asked.map(([, id, code]) => [id, code]));
    raw.send('x'.repeat(200_000));
    await new Promise((resolve) => raw.on('close', resolve));
    assert.equal((await request(server.url, { path: '/api/realtime/ws' })).status, 400);
    const { status } = await request(server.url, { path: '/api/health' });
    assert.equal(status, 200);
  });
});
