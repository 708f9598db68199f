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
  const tooLong = 'x'.repeat(3000);

  /** A class of sockets that are open soon and answer with what `reply` makes of a message, if anything; all that were made are in `made`. */
  function scripted(reply = () => ({ type: 'ok' })) {
    return class Scripted {
      static made = [];
      readyState = 0;
      constructor() {
        Scripted.made.push(this);
        setImmediate(() => {
          if (this.readyState !== 0) return;
          this.readyState = 1;
          this.onopen();
        });
      }
      send(text) {
        const message = JSON.parse(text);
        const answer = reply(message, this);
        if (answer) this.says({ ...answer, id: message.id });
      }
      says(message) {
        this.onmessage({ data: JSON.stringify(message) });
      }
      close() {
        this.readyState = 3;
      }
    };
  }

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

  it('begins each topic where an earlier client ended, also those that come later, and repeats nothing', async () => {
    for (const name of ['first', 'second', 'third']) await makeCollection(name, [{ name: 'n', type: 'number' }]);
    await api('PATCH', '/api/settings', { realtime: { channels: [{ pattern: 'hall', listenRule: '', publishRule: '' }] } });
    const add = (name, n) => api('POST', `/api/collections/${name}/records`, { n });
    const before = connect();
    const last = new Promise((resolve) => void before.records('first', '*', (_, seq) => resolve(seq)));
    await until(() => before.position, 'being subscribed');
    await add('first', 0);
    const since = await last;
    before.close();
    for (const name of ['first', 'second', 'third']) await add(name, 1);

    const heard = [];
    const client = connect({ since, onResync: (reason) => void heard.push(reason) });
    const listen = (name) => client.records(name, '*', ({ record }, seq) => void heard.push([name, record.n, seq > since]));
    // A connection that is there already for something else.
    await client.channel('hall', () => {});
    await listen('first');
    await until(() => heard.length === 1, 'what the first missed');
    // What is asked meanwhile is answered.
    const [, , reached] = await Promise.all([listen('second'), listen('third'), client.publish('hall', 'hello')]);
    assert.equal(reached, 1);
    await until(() => heard.length === 3, 'what the others missed');
    for (const name of ['third', 'second', 'first']) await add(name, 2);
    await until(() => heard.length === 6, 'what happens now');
    const all = [1, 2].flatMap((n) => ['first', 'second', 'third'].map((name) => [name, n, true]));
    assert.deepEqual(heard.sort((a, b) => a[1] - b[1] || a[0].localeCompare(b[0])), all);
    // A topic that was there before goes on with what happens from now on.
    await (await client.records('first', 'x', () => {}))();
    const end = await client.topic('first/*', () => {});
    await end();
    await add('first', 3);
    await until(() => heard.length === 7, 'the last');
    assert.deepEqual(heard.at(-1), ['first', 3, true]);
    client.close();
  });

  it('leaves out topics that are refused, and tells the others of everything, once', async () => {
    for (const name of ['left', 'right']) await makeCollection(name, [{ name: 'n', type: 'number' }]);
    const add = (name, n) => api('POST', `/api/collections/${name}/records`, { n });
    const errors = [];
    let tries = 0;
    // Nobody is there at first, so that all topics are asked for together, later.
    class Late extends WebSocket {
      constructor(url) {
        super(tries++ ? url : 'ws://127.0.0.1:1');
      }
    }
    const heard = [];
    const client = connect({ WebSocket: Late, onError: ({ code }) => void errors.push(code) });
    await Promise.all([client.topic(tooLong, () => {}), client.records('left', '*', ({ record }) => void heard.push(record.n))]);
    await until(() => client.position !== undefined, 'a connection', 10_000);
    assert.deepEqual(errors, ['invalid']);
    for (const n of [1, 2]) await add('left', n);
    await until(() => heard.length === 2, 'the other topic');
    const since = client.position;
    client.close();

    for (const name of ['left', 'right']) await add(name, 3);
    const all = [];
    const again = connect({ since, onError: (error) => void all.push(error) });
    const listen = (name) => again.records(name, '*', ({ record }) => void all.push(`${name} ${record.n}`));
    await listen('left');
    await until(() => all.length === 1, 'what was missed');
    // Both come late, and only one is to blame.
    const [refused, right] = await Promise.allSettled([again.topic(tooLong, () => {}), listen('right')]);
    assert.deepEqual([refused.reason?.code, right.status], ['invalid', 'fulfilled']);
    await until(() => all.length === 2, 'what the late one missed');
    for (const name of ['left', 'right']) await add(name, 4);
    await until(() => all.length === 4, 'what happens now');
    assert.deepEqual(all, ['left 3', 'right 3', 'left 4', 'right 4']);
    again.close();
  });

  it('goes on behind the same event when topics are refused, and keeps them when it was a failure', async () => {
    const errors = [];
    const heard = [];
    let refusal = () => undefined;
    const subscribed = [];
    const Scripted = scripted(({ type, topics = [], since }, socket) => {
      if (type === 'subscribe') subscribed.push([Scripted.made.indexOf(socket), topics.join(), since]);
      const code = refusal(topics);
      // While topics are asked for one by one; it comes again afterwards.
      if (!code && since === undefined) socket.says({ type: 'event', topic: 'a/*', seq: 200, data: {} });
      return code ? { type: 'error', code, message: '', data: {} } : { type: 'ok' };
    });
    const client = connect({ WebSocket: Scripted, onError: ({ code }) => void errors.push(code) });
    for (const topic of ['a/*', 'b/*', 'c/*']) await client.topic(topic, (_, seq) => void heard.push(seq));
    client.position = 100;
    heard.length = subscribed.length = 0;

    refusal = (topics) => (topics.includes('b/*') ? 'forbidden' : undefined);
    client.reconnect();
    await until(() => subscribed.length === 6, 'questions', 10_000);
    assert.deepEqual(subscribed, [
      [1, 'a/*,b/*,c/*', 100],
      [1, 'a/*,b/*', undefined],
      [1, 'a/*', undefined],
      [1, 'b/*', undefined],
      [1, 'c/*', undefined],
      [2, 'a/*,c/*', 100],
    ]);
    assert.deepEqual([errors, heard, client.position], [['forbidden'], [], 100]);

    refusal = (topics) => (topics.length ? 'internal' : undefined);
    errors.length = subscribed.length = 0;
    Scripted.made[2].onclose();
    await until(() => errors.length, 'a failure');
    assert.deepEqual(errors, ['internal']);
    refusal = () => undefined;
    Scripted.made[3].onclose();
    await until(() => Scripted.made.length === 5 && subscribed.at(-1)[0] === 4, 'another try');
    assert.deepEqual(subscribed.at(-1), [4, 'a/*,c/*', 100]);
    client.close();
  });

  it('loses nothing of channels for a late topic, which does not wait until nothing is asked', async () => {
    for (const name of ['early', 'late']) await makeCollection(name, [{ name: 'n', type: 'number' }]);
    const open = { listenRule: '', publishRule: '', presence: true };
    await api('PATCH', '/api/settings', { realtime: { channels: [{ pattern: 'stage', ...open }] } });
    for (const name of ['early', 'late']) await api('POST', `/api/collections/${name}/records`, { n: 1 });
    // Answers take longer than the next question.
    class Far extends WebSocket {
      send(text) {
        setTimeout(() => this.readyState === 1 && super.send(text), 30);
      }
    }
    const [heard, told, presence] = [[], [], []];
    const client = connect({ WebSocket: Far, since: 0 });
    const other = connect();
    const listen = (name) => client.records(name, '*', ({ record }) => void told.push([name, record.n]));
    await listen('early');
    await client.channel('stage', ({ action, data }) => void (action === 'message' && heard.push(data)));
    await client.track('stage', 'here');
    await other.channel('stage', ({ action, left }) => void (action === 'presence' && presence.push(left)));
    let [sent, isOver] = [0, false];
    const failed = [];
    const talk = (async () => {
      for (; !isOver; sent++) {
        await Promise.all([other.publish('stage', sent), new Promise((resolve) => setTimeout(resolve, 10))]);
        client.publish('stage', 'mine').catch((error) => failed.push(error));
      }
    })();
    await until(() => heard.includes(3), 'messages');
    let isListened = false;
    listen('late').then(() => (isListened = true));
    await until(() => isListened, 'the late topic', 5000).finally(() => (isOver = true));
    await talk;
    await until(() => heard.includes(sent - 1) && told.length === 2, 'all that was said');
    assert.deepEqual(heard.filter((data) => data !== 'mine'), Array.from({ length: sent }, (_, at) => at));
    assert.deepEqual([told, presence, failed], [[['early', 1], ['late', 1]], [], []]);
    assert.deepEqual((await other.present('stage')).map(({ state }) => state), ['here']);
    client.close();
    other.close();
  });

  it('has one account on both its connections, and ends both', async () => {
    const Scripted = scripted();
    const told = [];
    const options = { onStatus: (status) => void told.push(status), onSignedOut: () => void told.push('signed out') };
    const client = connect({ WebSocket: Scripted, since: 1, ...options });
    await client.records('any', '*', () => {});
    await client.channel('any', () => {});
    const { made } = Scripted;
    for (const socket of made) socket.says({ type: 'signedOut' });
    assert.deepEqual([made.length, told], [2, ['open', 'open', 'signed out']]);
    client.reconnect();
    await until(() => made.length === 4 && told.length === 7, 'both again');
    client.close();
    assert.deepEqual(made.map(({ readyState }) => readyState), [3, 3, 3, 3]);
  });

  it('lets nobody wait for a connection that is closed', async () => {
    const isOver = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 5000, 'waits'))]);
    const silent = scripted(() => undefined);
    const cases = {
      'connecting': {},
      'asking for a token': { token: () => new Promise(() => {}) },
      'greeting': { token: () => 'a token' },
      'connecting for good': { WebSocket },
    };
    for (const [name, options] of Object.entries(cases)) {
      const client = connect({ WebSocket: silent, ...options });
      const asked = [client.records('any', '*', () => {}), client.topic('other', () => {}), client.publish('any', 1), client.present('any')];
      const outcomes = asked.map((promise) => promise.then(() => 'done', ({ code }) => code));
      if (name !== 'connecting') await new Promise((resolve) => setTimeout(resolve, options.WebSocket ? 0 : 50));
      client.close();
      assert.deepEqual(await isOver(Promise.all(outcomes)), Array(4).fill('lost'), name);
      await assert.rejects(client.topic('any', () => {}), { code: 'closed' });
    }
  });

  it('does not count as heard what a connection brings after it was given up', async () => {
    const Scripted = scripted();
    const heard = [];
    const client = connect({ WebSocket: Scripted });
    await client.records('any', '*', (_, seq) => void heard.push(seq));
    const [socket] = Scripted.made;
    const event = (seq) => ({ type: 'event', topic: 'any/*', seq, data: {} });
    socket.says(event(7));
    client.close();
    socket.says(event(8));
    assert.deepEqual([heard, client.position], [[7], 7]);
  });

  it('tells superusers of the system, and nobody else', async () => {
    const eva = await makeUser('eva');
    const [seen, nothing] = [[], []];
    const su = connect({ token: () => root });
    const user = connect({ token: () => eva.token });
    await su.topic('@system/*', (event) => void seen.push(event));
    await user.topic('@system/*', (event) => void nothing.push(event));
    // One after the other: of what is gone by the time it is told, only its end is.
    await makeCollection('things', [{ name: 'x', type: 'text' }]);
    await until(() => seen.length === 1, 'a new collection');
    await api('PATCH', '/api/settings', { meta: { appName: 'Renamed' } });
    await until(() => seen.length === 2, 'new settings');
    await api('DELETE', '/api/collections/things');
    await until(() => seen.length === 3, 'its end');
    assert.deepEqual(seen.map(({ action }) => action), ['create', 'update', 'delete']);
    assert.deepEqual([seen[0].record.name, seen[1].record.meta.appName, seen[2].record.name], ['things', 'Renamed', 'things']);
    assert.deepEqual(nothing, []);
    su.close();
    user.close();
  });

  it('hears of its sessions, with the number of each event, and that one was ended by another process', async () => {
    const fay = await makeUser('fay');
    const [heard, gone] = [[], []];
    const client = connect({ token: () => fay.token, onSignedOut: () => void gone.push('client') });
    await client.me((event, seq) => void heard.push({ ...event, seq }));
    const second = await signIn(server.url, { email: 'fay@example.com', password: PASSWORD }, 'users');
    await until(() => heard.length === 1, 'the other sign-in');
    const [{ kind, action, record, seq }] = heard;
    assert.deepEqual([kind, action, record.method, record.recordId, seq], ['sessions', 'create', 'password', fay.id, client.position]);
    await api('DELETE', `/api/sessions/${record.id}`, undefined, fay.token);
    await until(() => heard.length === 2, 'its end');
    assert.deepEqual([heard[1].action, heard[1].record.id], ['delete', record.id]);
    assert.equal((await request(server.url, { path: '/api/sessions', token: second })).status, 401);

    // By hand, past the server: streams and requests are a guest's from then on.
    const stream = await openStream(server.url);
    await subscribe(server.url, stream, ['@me', '@system/*'], fay.token);
    sql(path.join(server.dir, 'bak.db'), `DELETE FROM _sessions WHERE record = '${fay.id}'`);
    await until(() => gone.length && heard.length === 3 && stream.frames.length, 'being signed out');
    assert.deepEqual([gone, heard[2].action, stream.frames[0].data], [['client'], 'signedOut', { action: 'signedOut' }]);
    assert.equal((await request(server.url, { path: '/api/sessions', token: fay.token })).status, 401);
    stream.close();
    client.close();
  });

  it('hears with an API key what its scopes let it read, and uses no channel', async () => {
    const gil = await makeUser('gil');
    await makeCollection('mail', [{ name: 'text', type: 'text' }]);
    await makeCollection('bills', [{ name: 'text', type: 'text' }]);
    const { key } = await api('POST', '/api/api-keys', { name: 'reader', scopes: ['mail:list'] }, gil.token);
    const heard = [];
    const client = connect({ token: () => key });
    await client.records('bills', '*', ({ record }) => void heard.push(record.text));
    await client.records('mail', '*', ({ record }) => void heard.push(record.text));
    await api('POST', '/api/collections/bills/records', { text: 'a bill' });
    await api('POST', '/api/collections/mail/records', { text: 'a mail' });
    await until(() => heard.length, 'the mail');
    assert.deepEqual(heard, ['a mail']);
    await assert.rejects(client.channel('lobby', () => {}), { code: 'forbidden' });
    await assert.rejects(client.publish('lobby', 1), { code: 'forbidden' });
    client.close();
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
