// A program that uses the generated client: every scenario is type-checked, compiled, and run against a server.
import { and, any, ApiError, browserStorage, createClient, type Db, each, eq, type Fields, type Filter, filter, gt, gte, length, like, lower, memoryStorage, ne, oneOf, or, type RecordEvent, type PostsRecord, type Schema } from './bakend/index.js';

export interface Tools {
  url: string;
  WebSocket: never;
  equal(found: unknown, expected: unknown, words?: string): void;
  until(isSo: () => boolean, what: string): Promise<void>;
  restart(): Promise<void>;
  /** The password of the latest mail to an address. */
  mailed(to: string): Promise<string>;
}

export type AccountsOfGuarded = 'signed in' | 'second factor';

const PASSWORD = 'correct horse 2';

function client({ url, WebSocket }: Tools): Db {
  return createClient(url, { storage: memoryStorage(), realtime: { WebSocket } });
}

let people = 0;

/** Somebody who has just signed up and in. */
async function somebody(tools: Tools): Promise<{ db: Db; id: string; email: string }> {
  const db = client(tools);
  const email = `person${++people}@example.com`;
  await db.people.create({ email, password: PASSWORD, passwordConfirm: PASSWORD, name: `Person ${people}` });
  const { record } = await db.people.authWithPassword(email, PASSWORD);
  return { db, id: record.id, email };
}

function ok(value: unknown, words = 'it is not so'): asserts value {
  if (!value) throw new Error(words);
}

async function failure(work: Promise<unknown>): Promise<ApiError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

export const scenarios: Record<string, (tools: Tools) => Promise<void>> = {
  async 'signing in is remembered, told, renewed and ended'(tools) {
    const { equal } = tools;
    const { db, id, email } = await somebody(tools);
    const heard: (string | null)[] = [];
    const stop = db.$auth.onChange((saved) => heard.push(saved?.record.id ?? null), true);
    equal(db.$auth.record?.id, id);
    ok(db.$auth.isValid, 'the token is good');
    const old = db.$auth.token;
    const { token, record } = await db.people.authRefresh({ fields: ['id', 'email'] });
    equal(record, { id, email });
    ok(token !== '' && db.$auth.token === token, 'the new token is kept');
    ok(old !== null);
    const { items } = await db.$sessions();
    equal(items.map(({ current }) => current), [true]);
    await db.$signOut();
    equal([db.$auth.token, db.$auth.record, db.$auth.isValid], [null, null, false]);
    stop();
    equal(heard, [id, id, null]);
    const ended = await failure(db.$send('/api/sessions', { headers: { Authorization: token } }));
    equal(ended.status, 401, 'the server knows too');

    const { otpId } = await db.people.requestOtp(email);
    const again = await db.people.authWithOtp(otpId, await tools.mailed(email));
    equal(again.record.id, id);
    const methods = await db.people.authMethods();
    equal([methods.otp.enabled, methods.oauth2.enabled, methods.passkey.enabled], [true, false, true]);
    ok((await db.people.beginAuthWithPasskey()).publicKey, 'a challenge');
    equal(await db.people.passkeys(), []);
  },

  async 'a browser keeps the sign-in for other tabs, and tells them'(tools) {
    const { equal } = tools;
    const kept = new Map<string, string>();
    const listeners: ((event: { key: string | null }) => void)[] = [];
    const web = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, text: string) => kept.set(key, text), removeItem: (key: string) => kept.delete(key) };
    const fakes = { localStorage: web, addEventListener: (_: string, listener: (typeof listeners)[number]) => listeners.push(listener) };
    for (const [name, value] of Object.entries(fakes)) Object.defineProperty(globalThis, name, { value, configurable: true });
    try {
      const { email, id } = await somebody(tools);
      const db = createClient(tools.url);
      const otherTab = createClient(tools.url, { storage: browserStorage() });
      await db.people.authWithPassword(email, PASSWORD);
      equal([otherTab.$auth.record?.id, [...kept.keys()]], [id, ['bakend_auth']]);
      const heard: (string | undefined)[] = [];
      otherTab.$auth.onChange((saved) => heard.push(saved?.record.id));
      for (const listener of listeners) listener({ key: 'of somebody else' });
      db.$auth.clear();
      for (const listener of listeners) listener({ key: 'bakend_auth' });
      equal([heard, kept.size], [[undefined], 0]);
      kept.set('bakend_auth', '{"token":');
      equal([db.$auth.record, db.$auth.isValid], [null, false], 'what cannot be read is nothing');
    } finally {
      for (const name of Object.keys(fakes)) Reflect.deleteProperty(globalThis, name);
    }
  },

  async 'a second factor is an answer, not a failure'(tools) {
    const { equal } = tools;
    const db = client(tools);
    await db.guarded.create({ email: 'careful@example.com', password: PASSWORD, passwordConfirm: PASSWORD });
    const first = await db.guarded.authWithPassword('careful@example.com', PASSWORD);
    ok(first.mfaId === undefined, 'no app is set up yet');
    equal(first.record.collectionName, 'guarded');
    const { secret, digits } = await db.guarded.enrolTotp();
    const code = await totp(secret, digits);
    const { recoveryCodes } = await db.guarded.confirmTotp(code);
    equal((await db.guarded.totp()).recoveryCodesLeft, recoveryCodes.length);
    db.$auth.clear();
    const second = await db.guarded.authWithPassword('careful@example.com', PASSWORD);
    ok(second.mfaId, 'the second factor is asked for');
    equal(db.$auth.token, null, 'nobody is signed in yet');
    const done = await db.guarded.authWithTotp(second.mfaId, recoveryCodes[0]!);
    equal([done.record.id, db.$auth.record?.id], [first.record.id, first.record.id]);
  },

  async 'records are made, read, changed and deleted'(tools) {
    const { equal } = tools;
    const { db, id: author } = await somebody(tools);
    const due = new Date(Date.UTC(2026, 0, 31, 12));
    const made = await db.posts.create({ title: "It's \\ new", state: 'draft', author, due, tags: ["it's", 'back\\slash'], meta: { a: [1] }, place: { lon: 13.4, lat: 52.5 }, views: 1 });
    equal([made.title, made.state, made.due, made.tags, made.meta, made.place, made.published], ["It's \\ new", 'draft', '2026-01-31 12:00:00.000Z', ["it's", 'back\\slash'], { a: [1] }, { lon: 13.4, lat: 52.5 }, false]);
    equal(made.slug.length, 8, 'it was made up');
    const changed = await db.posts.update(made.id, { 'views+': 2, 'tags+': 'news', 'tags-': ["it's"], 'slug:autogenerate': 'new-', state: 'done' });
    equal([changed.views, changed.tags, changed.state, changed.slug.length], [3, ['back\\slash', 'news'], 'done', 12]);
    equal(await db.posts.view(made.id, { fields: ['id', 'title:excerpt(4)'] }), { id: made.id, title: "It's" });
    ok((await db.titles.first({ filter: (one) => eq(one.id, made.id) }))?.title === made.title, 'the view shows it');
    const classes = await db.class.create({ new: 'a', constructor: 'b', then: 'c', '1st': 'd', default: 'e', toString: 'f' });
    equal([classes.new, classes.constructor, classes.then, classes['1st'], classes.toString], ['a', 'b', 'c', 'd', 'f']);
    equal((await db.constructor.create({ text: 'x' })).text, 'x');
    equal((await db['1st'].list()).totalItems, 0);
    equal(await db.toString.count(), 0);
    await db.posts.delete(made.id);
    equal((await failure(db.posts.view(made.id))).status, 404);
  },

  async 'related records come along, however deep, and back too'(tools) {
    const { equal } = tools;
    const { db, id: author } = await somebody(tools);
    const { id: friend } = await somebody(tools);
    await db.people.update(author, { friends: [friend] });
    const post = await db.posts.create({ title: 'Related', state: 'done', author }, { expand: { author: true } });
    equal(post.expand?.author?.id, author);
    await db.comments.create({ text: 'one', post: post.id, by: friend });
    await db.comments.create({ text: 'two', post: post.id });
    await db.settings_of.create({ owner: author, theme: 'dark' });
    const found = await db.posts.view(post.id, {
      expand: { author: { friends: true, settings_of_via_owner: true }, comments_via_post: { by: true } },
      fields: ['id'],
    });
    equal(found.expand?.author?.expand?.friends?.map(({ id }) => id), [friend]);
    equal(found.expand?.author?.expand?.settings_of_via_owner?.theme, 'dark', 'one at most is no list');
    const comments = found.expand?.comments_via_post ?? [];
    equal(comments.map(({ text }) => text).sort(), ['one', 'two']);
    equal(comments.find(({ text }) => text === 'one')?.expand?.by?.id, friend);
    equal(comments.find(({ text }) => text === 'two')?.expand?.by, undefined, 'nobody is no record');
  },

  async 'filters find what they say, whatever the values hold'(tools) {
    const { equal } = tools;
    const { db, id: author, email } = await somebody(tools);
    const titles = ["it's", 'a\\', "\\'; x = '", '"double"', 'ende\n', "' || 1=1 || '", '// no comment', '%_', 'größe 🚀'];
    const made = new Map<string, string>();
    for (const [at, title] of titles.entries()) {
      const { id } = await db.posts.create({ title, state: 'done', author, views: at * 1000, published: at % 2 === 0, tags: at === 0 ? ['news', "it's"] : [], due: new Date(Date.UTC(2026, 0, at + 1)) });
      made.set(title, id);
    }
    const mine = (post: Fields<Schema, 'posts'>) => eq(post.author.email, email);
    for (const title of titles) {
      const { items } = await db.posts.list({ filter: (post) => eq(post.title, title), fields: ['id'] });
      equal(items, [{ id: made.get(title)! }], JSON.stringify(title));
    }
    const count = (filter: (post: Fields<Schema, 'posts'>) => Filter) => db.posts.count({ filter });
    await db.people.update(author, { emailVisibility: true });
    equal(await count((post) => and(mine(post), gt(post.views, 2000), ne(post.published, true))), 3);
    equal(await count((post) => and(mine(post), or(eq(post.title, "it's"), eq(post.title, '%_')))), 2);
    equal(await count((post) => and(mine(post), filter`views = ${1000} || title = ${"it's"}`)), 2, 'a part stays a part');
    equal(await count((post) => and(mine(post), gte(post.due, new Date(Date.UTC(2026, 0, 8))))), 2);
    equal(await count((post) => and(mine(post), any.eq(each(post.tags), "it's"))), 1);
    equal(await count((post) => and(mine(post), eq(length(post.tags), 2))), 1);
    equal(await count((post) => and(mine(post), like(each(post.tags), '%s%'))), 1);
    equal(await count((post) => and(mine(post), eq(lower(post.title), 'it\'s'))), 1);
    equal(await count((post) => and(mine(post), like(post.title, 'double'))), 1);
    equal(await count((post) => and(mine(post), oneOf(post.views, [0, 1000, 5]))), 2);
    equal(await count((post) => and(mine(post), oneOf(post.views, []))), 0, 'none of them');
    equal(await count((post) => and(mine(post), gt(post.views, 1e-7))), titles.length - 1);
    const first = made.get("it's")!;
    await db.comments.create({ post: first, text: 'found' });
    equal(await count((post) => any.like(post.comments_via_post.text, 'foun')), 1);
    equal((await db.posts.first({ filter: mine, sort: ['-views', 'title'] }))?.title, titles.at(-1));
    equal((await db.posts.list({ filter: mine, sort: '-author.name', perPage: 1 })).totalItems, titles.length);
    equal(await db.posts.first({ filter: (post) => eq(post.title, 'no such') }), null);
  },

  async 'files are sent, kept, added, taken away and fetched'(tools) {
    const { equal } = tools;
    const { db, id: author } = await somebody(tools);
    const file = (name: string, text: string) => new File([text], name, { type: 'text/plain' });
    const made = await db.posts.create({ title: 'Files', state: 'done', author, meta: { n: 1 }, tags: ['news'], docs: [file('first.txt', 'one'), new Blob(['two'], { type: 'text/plain' })] });
    equal([made.docs.length, made.meta, made.tags], [2, { n: 1 }, ['news']]);
    ok(made.docs[0]!.startsWith('first_'), made.docs[0]);
    const more = await db.posts.update(made.id, { 'docs+': file('c.txt', 'three') });
    equal(more.docs.slice(0, 2), made.docs);
    const fewer = await db.posts.update(made.id, { 'docs-': made.docs[1]! });
    equal(fewer.docs, [more.docs[0], more.docs[2]]);
    const kept = await db.posts.update(made.id, { docs: [more.docs[2]!, file('d.txt', 'four')] });
    equal([kept.docs.length, kept.docs[0]], [2, more.docs[2]]);
    const url = db.posts.fileUrl(kept, kept.docs[1]!, { download: true });
    const answer = await fetch(url);
    equal([answer.status, await answer.text()], [200, 'four']);
    ok(answer.headers.get('Content-Disposition')?.startsWith('attachment'), 'to be saved');
    equal(db.people.fileUrl({ id: 'a/b' }, 'c d.png', { thumb: '100x100', token: 't&' }), `${tools.url}/api/files/people/a%2Fb/c%20d.png?thumb=100x100&token=t%26`);
    ok(await db.$fileToken(), 'a token');
  },

  async 'all pages are walked over, and none is asked for in vain'(tools) {
    const { equal } = tools;
    const { db, id: author } = await somebody(tools);
    const asked: string[] = [];
    const watched = createClient(tools.url, { storage: memoryStorage(), fetch: (url, init) => (asked.push(url), fetch(url, init)) });
    await db.$batch((batch) => Array.from({ length: 7 }, (_, at) => batch.posts.create({ title: `Page ${at}`, state: 'done', author })));
    const mine = { filter: filter`author = ${author}`, sort: 'title' } as const;
    const seen: string[] = [];
    for await (const post of watched.posts.all({ ...mine, perPage: 3, fields: ['title'] })) seen.push(post.title);
    equal(seen, Array.from({ length: 7 }, (_, at) => `Page ${at}`));
    equal(asked.length, 3);
    equal(asked.every((url) => url.includes('skipTotal=true')), true, 'nothing is counted');
    const sizes: number[] = [];
    for await (const page of watched.posts.pages({ ...mine, perPage: 5 })) sizes.push(page.length);
    equal(sizes, [5, 2]);
    const { totalItems, totalPages } = await watched.posts.list({ ...mine, perPage: 3 });
    equal([totalItems, totalPages], [7, 3]);
  },

  async 'a batch happens as a whole or not at all'(tools) {
    const { equal } = tools;
    const { db, id: author } = await somebody(tools);
    const doc = new File(['batch'], 'b.txt', { type: 'text/plain' });
    const [one, two] = await db.$batch((batch) => [
      batch.posts.create({ title: 'One', state: 'done', author, docs: [doc] }, { expand: { author: true } }),
      batch.posts.upsert({ id: 'upserted0000001', title: 'Two', state: 'draft', author }),
    ]);
    equal([one.title, one.expand?.author?.id, one.docs.length, two.id], ['One', author, 1, 'upserted0000001']);
    const [changed, gone] = await db.$batch((batch) => [batch.posts.update(one.id, { 'views+': 5 }), batch.posts.delete(two.id)]);
    equal([changed.views, gone], [5, undefined]);
    const failed = await failure(db.$batch((batch) => [batch.posts.delete(one.id), batch.posts.create({ title: '', state: 'done', author })]));
    equal(failed.status, 400);
    ok(JSON.stringify(failed.data).includes('validation_required'), JSON.stringify(failed.data));
    equal((await db.posts.view(one.id)).id, one.id, 'nothing happened');
  },

  async 'failures say what happened, by field'(tools) {
    const { equal } = tools;
    const { db, id: author } = await somebody(tools);
    const invalid = await failure(db.posts.create({ title: 'x'.repeat(101), state: 'done', author }));
    equal([invalid.name, invalid.status, invalid.isAborted], ['ApiError', 400, false]);
    equal(invalid.field('title')?.code, 'validation_max_text_constraint');
    ok(invalid.field('title')?.message && invalid.message, 'words for people');
    equal([invalid.field('state'), invalid.field('toString')], [undefined, undefined]);
    equal((await failure(db.posts.view('nope'))).status, 404);
    const guest = client(tools);
    equal((await failure(guest.people.authWithPassword('nobody@example.com', 'nope'))).status, 400);
    equal((await failure(createClient('http://127.0.0.1:9', { storage: memoryStorage() }).$health())).status, 0);
    const aborted = await failure(db.posts.list({ signal: AbortSignal.abort() }));
    equal([aborted.status, aborted.isAborted], [0, true]);
    const health = await db.$health();
    equal(health.code, 200);
    equal(await db.$send<{ code: number }>('api/health', { query: { fields: 'code' } }), { code: 200 });
    for (const empty of [() => db.posts.view(''), () => db.posts.delete(''), () => db.posts.update('', {})]) {
      let isRefused = false;
      try {
        await empty();
      } catch (error) {
        isRefused = error instanceof TypeError;
      }
      ok(isRefused, 'without an id it would be about all records');
    }
  },

  async 'changes are heard in order, also those of while the server was away'(tools) {
    const { equal, until } = tools;
    const { db, id: author } = await somebody(tools);
    const heard: string[] = [];
    const note = ({ action, record }: RecordEvent<{ title: string }>) => void heard.push(`${action} ${record.title}`);
    const end = await db.posts.subscribe('*', note, { filter: (post) => eq(post.author, author), fields: ['title'] });
    const made = await db.posts.create({ title: 'first', state: 'done', author });
    await until(() => heard.length === 1, 'the creation');
    const one: RecordEvent<PostsRecord>[] = [];
    await db.posts.subscribe(made.id, (event) => void one.push(event));
    await tools.restart();
    await db.posts.update(made.id, { title: 'second' });
    await db.posts.create({ title: 'third', state: 'done', author });
    await until(() => heard.length === 3 && one.length === 1, 'what happened while the line was down');
    await db.posts.delete(made.id);
    await until(() => heard.length === 4 && one.length === 2, 'what happens from then on');
    equal(heard, ['create first', 'update second', 'create third', 'delete second']);
    equal(one.map(({ action, record }) => [action, record.author]), [['update', author], ['delete', author]]);
    await end();
    await db.posts.create({ title: 'unheard', state: 'done', author });
    equal(heard.length, 4);
    db.$realtime.close();
  },

  async 'who signs in or out on an open line is who is heard from then on'(tools) {
    const { equal, until } = tools;
    const { db, id, email } = await somebody(tools);
    const heard: unknown[] = [];
    await db.$realtime.me<{ name: string }>((event) => {
      if (event.kind === undefined && event.action === 'update') heard.push(event.record.name);
    });
    await db.people.update(id, { name: 'Renamed' });
    await until(() => heard.length === 1, 'my own change');
    const { db: other, id: otherId } = await somebody(tools);
    db.$auth.clear();
    db.$auth.save({ token: other.$auth.token!, record: other.$auth.record! });
    let isOther = false;
    for (let at = 0; !isOther; at++) {
      await other.people.update(otherId, { name: `Other ${at}` });
      await new Promise((resolve) => setTimeout(resolve, 100));
      isOther = heard.some((name) => String(name).startsWith('Other'));
      if (at > 100) throw new Error('nothing was heard as somebody else');
    }
    const before = heard.length;
    const first = client(tools);
    await first.people.authWithPassword(email, PASSWORD);
    await first.people.update(id, { name: 'Not for others' });
    await other.people.update(otherId, { name: 'Last' });
    await until(() => heard.includes('Last'), 'the last change');
    equal(heard.slice(before).includes('Not for others'), false);
    db.$realtime.close();
  },

  async 'who signs in again after the session was ended elsewhere is heard again'(tools) {
    const { until } = tools;
    const { db: elsewhere, id, email } = await somebody(tools);
    let isSignedOut = false;
    const db = createClient(tools.url, {
      storage: memoryStorage(),
      realtime: { WebSocket: tools.WebSocket, onSignedOut: () => void (isSignedOut = true) },
    });
    await db.people.authWithPassword(email, PASSWORD);
    const heard: string[] = [];
    await db.$realtime.me<{ name: string }>((event) => {
      if (event.kind === undefined && event.action === 'update') heard.push(event.record.name);
    });
    await elsewhere.people.update(id, { name: 'One' });
    await until(() => heard.includes('One'), 'a change of mine');
    const { items } = await elsewhere.$sessions();
    for (const { id, current } of items) if (!current) await elsewhere.$endSession(id);
    await until(() => isSignedOut, 'the end of the session');
    await db.people.authWithPassword(email, PASSWORD);
    for (let at = 0; !heard.some((name) => name.startsWith('Again')); at++) {
      await elsewhere.people.update(id, { name: `Again ${at}` });
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (at > 100) throw new Error('nothing was heard after signing in again');
    }
    db.$realtime.close();
  },
};

/** A code of an authenticator app. */
async function totp(secret: string, digits: number): Promise<string> {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setUint32(4, Math.floor(Date.now() / 30_000));
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, counter.buffer as ArrayBuffer));
  const at = mac[19]! & 15;
  const number = new DataView(mac.buffer).getUint32(at) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}
