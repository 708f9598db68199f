// Signing in through an OpenID provider with the official SDK: both of its flows, linking, and whatever a provider may get wrong.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { EventSource } from 'eventsource';
import { exportSPKI, generateKeyPair } from 'jose';
import { TOTP } from 'otpauth';
import PocketBase, { ClientResponseError } from 'pocketbase';
import { sleep, start, SUPERUSER } from './harness.mjs';
import { request } from './http.mjs';
import { startIssuer } from './oauth2/issuer.mjs';
import { browse, startOidc } from './oauth2/oidc.mjs';
import { code, startProvider } from './oauth2/provider.mjs';

globalThis.EventSource ??= EventSource;

/** How long a changed key may take to be noticed, in milliseconds. */
const KEYS_NOTICED_MAX_MS = 30_000;
const REDIRECT = 'http://127.0.0.1:1/app/redirect';
const SECRET = 'a secret with : and %';

let server;
let su;
const stops = [];

function client() {
  const pb = new PocketBase(server.url);
  pb.autoCancellation(false);
  return pb;
}

async function fails(promise, status, message) {
  const error = await promise.then(() => assert.fail('it succeeded'), (error) => error);
  assert.ok(error instanceof ClientResponseError, String(error.stack ?? error));
  assert.equal(error.status, status, JSON.stringify(error.response));
  if (message) assert.equal(error.response.message, message);
  return error;
}

let made = 0;
/** An auth collection with these providers. */
async function people(providers, more = {}) {
  made += 1;
  const name = `people${made}`;
  const oauth2 = { enabled: true, mappedFields: { name: 'name', avatarURL: 'picture' }, providers: providers.map((provider) => ({ clientId: 'bakend', clientSecret: SECRET, ...provider })) };
  const open = { listRule: '', viewRule: '', createRule: '' };
  await su.collections.create({ name, type: 'auth', ...open, fields: [{ name: 'name', type: 'text' }, { name: 'picture', type: 'file' }], oauth2, ...more });
  return name;
}

/** Goes to the provider with what `auth-methods` says, and comes back with a code. */
async function fetchCode(name, change = (url) => url) {
  const { oauth2 } = await client().collection(name).listAuthMethods();
  const [provider] = oauth2.providers;
  const back = await browse(change(provider.authURL + encodeURIComponent(REDIRECT)), REDIRECT);
  assert.equal(back.searchParams.get('state'), provider.state);
  return { provider, code: back.searchParams.get('code'), bring: (pb = client(), verifier = provider.codeVerifier) => pb.collection(name).authWithOAuth2Code(provider.name, back.searchParams.get('code'), verifier, REDIRECT) };
}

before(async () => {
  server = await start();
  su = client();
  await su.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
});
after(async () => {
  for (const stop of stops) stop();
  await server.stop();
});

describe('an OpenID provider, by discovery', () => {
  let oidc;
  let name;

  before(async () => {
    oidc = await startOidc({ redirectUris: [REDIRECT, `${server.url}/api/oauth2-redirect`] });
    stops.push(oidc.stop);
    name = await people([{ name: 'oidc', extra: { issuer: oidc.url } }]);
  });

  it('is listed with all that a client needs', async () => {
    const { oauth2 } = await client().collection(name).listAuthMethods();
    const [provider] = oauth2.providers;
    const url = new URL(provider.authURL);
    assert.equal(url.origin, oidc.url);
    assert.ok(provider.authURL.endsWith('&redirect_uri='));
    assert.equal(url.searchParams.get('code_challenge'), crypto.createHash('sha256').update(provider.codeVerifier).digest('base64url'));
    assert.equal(url.searchParams.get('state'), provider.state);
    assert.ok(url.searchParams.get('nonce'));
    assert.deepEqual([provider.displayName, provider.codeChallengeMethod], ['OIDC', 'S256']);
  });

  it('signs in by code, makes the account once, and knows it again', async () => {
    const pb = client();
    const first = await (await fetchCode(name)).bring(pb);
    assert.deepEqual([first.meta.isNew, first.meta.id, first.meta.email, first.meta.rawUser.sub], [true, 'id-of-ann', 'ann@example.com', 'id-of-ann']);
    assert.deepEqual([first.record.name, first.record.verified, pb.authStore.isValid], ['ann Example', true, true]);
    const again = await (await fetchCode(name)).bring();
    assert.deepEqual([again.meta.isNew, again.record.id], [false, first.record.id]);
    await pb.collection(name).authRefresh();
    const [link] = await pb.collection(name).listExternalAuths(first.record.id);
    assert.deepEqual([link.provider, link.providerId], ['oidc', 'id-of-ann']);
  });

  it('signs in by pop-up and realtime', async () => {
    oidc.who = 'rita';
    const pb = client();
    let landed;
    const auth = await pb.collection(name).authWithOAuth2({
      provider: 'oidc',
      createData: { emailVisibility: true },
      urlCallback: async (url) => {
        landed = await browse(url, `${server.url}/_/`);
      },
    });
    oidc.who = 'ann';
    assert.equal(landed.hash, '#/auth/oauth2-redirect-success');
    assert.deepEqual([auth.meta.isNew, auth.record.email, pb.authStore.isValid], [true, 'rita@example.com', true]);
    const page = await fetch(landed.origin + landed.pathname);
    assert.equal(page.status, 200, 'the page that closes itself is there');
    assert.ok(!/<script(?![^>]*\bsrc=)/i.test(await page.text()), 'it has no script of its own');
  });

  it('a code is good once, with its own verifier only, and for its own redirect only', async () => {
    const used = await fetchCode(name);
    await used.bring();
    await fails(used.bring(), 400, 'Failed to fetch OAuth2 token.');
    const other = await fetchCode(name);
    await fails(other.bring(client(), 'x'.repeat(43)), 400, 'Failed to fetch OAuth2 token.');
    const moved = await fetchCode(name);
    await fails(client().collection(name).authWithOAuth2Code('oidc', moved.code, moved.provider.codeVerifier, 'http://127.0.0.1:1/elsewhere'), 400, 'Failed to fetch OAuth2 token.');
  });

  it('an id token of another request is refused', async () => {
    const swapped = await fetchCode(name, (url) => url.replace(/nonce=[^&]+/, 'nonce=of-another-request'));
    await fails(swapped.bring(), 400, 'Failed to fetch OAuth2 user.');
    // A client that builds its own URL may leave it out: its code is bound by the verifier.
    const without = await fetchCode(name, (url) => url.replace(/&nonce=[^&]+/, ''));
    assert.equal((await without.bring()).meta.id, 'id-of-ann');
  });

  it('an address that is not verified is not taken', async () => {
    oidc.who = 'unproved';
    const error = await fails((await fetchCode(name)).bring(), 400);
    oidc.who = 'ann';
    assert.equal(error.response.data.email.code, 'validation_required');
  });

  it('the owner of an address finds nothing of who registered with it', async () => {
    const email = 'hijacked@example.com';
    await su.collections.update(name, { totp: { enabled: true } });
    await su.collection(name).create({ email, password: 'password1', passwordConfirm: 'password1' });
    const pb = client();
    await pb.collection(name).authWithPassword(email, 'password1');
    const { secret } = await pb.send(`/api/collections/${name}/totp`, { method: 'POST' });
    await pb.send(`/api/collections/${name}/totp/confirm`, { method: 'POST', body: { code: new TOTP({ secret }).generate() } });
    const key = await pb.send('/api/api-keys', { method: 'POST', body: { name: 'k', scopes: ['*'] } });
    oidc.who = 'hijacked';
    const owner = client();
    const come = await (await fetchCode(name)).bring(owner);
    oidc.who = 'ann';
    assert.deepEqual([come.record.email, come.record.verified], [email, true]);
    const { enabled } = await owner.send(`/api/collections/${name}/totp`);
    assert.equal(enabled, false);
    const own = `/api/collections/${name}/totp`;
    assert.equal((await request(server.url, { method: 'GET', path: own, token: key.key })).status, 401);
    assert.equal((await request(server.url, { method: 'GET', path: own, token: pb.authStore.token })).status, 401);
  });

  it('nor where case does not count and they wrote it in another one', async () => {
    const other = await startOidc({ redirectUris: [REDIRECT] });
    stops.push(other.stop);
    const name = await people([{ name: 'oidc', extra: { issuer: oidc.url } }, { name: 'oidc2', extra: { issuer: other.url } }]);
    const { indexes } = await su.collections.getOne(name);
    const folded = indexes.map((index) => index.replace('`email`)', '`email` COLLATE NOCASE)'));
    assert.notDeepEqual(folded, indexes);
    await su.collections.update(name, { indexes: folded });
    const pb = client();
    await pb.collection(name).create({ email: 'Hijacked@Example.com', password: 'password1', passwordConfirm: 'password1' });
    await pb.collection(name).authWithPassword('Hijacked@Example.com', 'password1');
    // Their own identity at another service, linked while they are signed in.
    other.who = 'evil';
    const providers = await client().collection(name).listAuthMethods();
    const second = providers.oauth2.providers.find((provider) => provider.name === 'oidc2');
    const back = await browse(second.authURL + encodeURIComponent(REDIRECT), REDIRECT);
    await pb.collection(name).authWithOAuth2Code('oidc2', back.searchParams.get('code'), second.codeVerifier, REDIRECT);
    oidc.who = 'hijacked';
    const owner = client();
    const come = await (await fetchCode(name)).bring(owner);
    oidc.who = 'ann';
    assert.deepEqual([come.record.email, come.record.verified], ['Hijacked@Example.com', true]);
    const links = await su.collection('_externalAuths').getFullList({ filter: `recordRef = "${come.record.id}"` });
    assert.deepEqual(links.map((link) => link.provider), ['oidc']);
    const gone = await request(server.url, { method: 'POST', path: `/api/collections/${name}/auth-refresh`, token: pb.authStore.token });
    assert.equal(gone.status, 401);
  });

  it('links who is signed in, and unlinks', async () => {
    oidc.who = 'lena';
    const created = await su.collection(name).create({ email: 'other@example.com', password: 'password1', passwordConfirm: 'password1', verified: true });
    const pb = client();
    await pb.collection(name).authWithPassword('other@example.com', 'password1');
    const linked = await (await fetchCode(name)).bring(pb);
    assert.deepEqual([linked.record.id, linked.meta.isNew], [created.id, false]);
    assert.equal((await (await fetchCode(name)).bring()).record.id, created.id);
    await pb.collection(name).unlinkExternalAuth(created.id, 'oidc');
    assert.deepEqual(await pb.collection(name).listExternalAuths(created.id), []);
    assert.notEqual((await (await fetchCode(name)).bring()).record.id, created.id);
    oidc.who = 'ann';
  });

  it('two first sign-ins at once make one account', async () => {
    oidc.who = 'twin';
    const both = await Promise.all([fetchCode(name), fetchCode(name)]);
    const ids = await Promise.all(both.map(async ({ bring }) => (await bring()).record.id));
    oidc.who = 'ann';
    assert.equal(ids[0], ids[1]);
  });

  it('wants the secret in the body where the provider does', async () => {
    const other = await startOidc({ redirectUris: [REDIRECT], tokenAuth: 'client_secret_post' });
    stops.push(other.stop);
    const place = await people([{ name: 'oidc2', extra: { issuer: other.url } }]);
    for (let i = 0; i < 2; i += 1) assert.equal((await (await fetchCode(place)).bring()).meta.id, 'id-of-ann');
  });

  it('an issuer that is not there costs the list its provider, not the answer', async () => {
    const place = await people([{ name: 'oidc', extra: { issuer: 'http://127.0.0.1:1' } }, { name: 'google' }]);
    const { oauth2 } = await client().collection(place).listAuthMethods();
    assert.deepEqual(oauth2.providers.map((provider) => provider.name), ['google']);
    await fails(client().collection(place).authWithOAuth2Code('oidc', 'x', 'y', REDIRECT), 400, 'Failed to fetch OAuth2 token.');
  });
});

describe('the way back', () => {
  const redirect = (query) => request(server.url, { path: `/api/oauth2-redirect?${query}` });

  /** A realtime client; resolves once it is connected and subscribed to `topics`. */
  async function listen(topics = ['@oauth2']) {
    const source = new EventSource(`${server.url}/api/realtime`);
    stops.push(() => source.close());
    const id = await new Promise((resolve, reject) => {
      source.addEventListener('PB_CONNECT', (event) => resolve(JSON.parse(event.data).clientId));
      source.onerror = reject;
    });
    const heard = new Promise((resolve) => source.addEventListener('@oauth2', (event) => resolve(JSON.parse(event.data))));
    await request(server.url, { method: 'POST', path: '/api/realtime', json: { clientId: id, subscriptions: topics } });
    return { id, heard };
  }

  it('tells the client that waits, once', async () => {
    const { id, heard } = await listen();
    const first = await redirect(`state=${id}&code=abc`);
    assert.deepEqual([first.status, first.headers.location], [307, '../_/#/auth/oauth2-redirect-success']);
    assert.deepEqual(await heard, { state: id, code: 'abc' });
    assert.equal((await redirect(`state=${id}&code=def`)).headers.location, '../_/#/auth/oauth2-redirect-failure');
  });

  it('tells of an error, and takes forms', async () => {
    const { id, heard } = await listen();
    const answer = await request(server.url, { method: 'POST', path: '/api/oauth2-redirect', urlencoded: [['state', id], ['error', 'access_denied']] });
    assert.deepEqual([answer.status, answer.headers.location], [303, '../_/#/auth/oauth2-redirect-failure']);
    assert.deepEqual(await heard, { state: id, code: '', error: 'access_denied' });
  });

  it('leads nowhere with a state that nobody waits for', async () => {
    const { id } = await listen(['something/*']);
    for (const query of ['', 'state=nope&code=x', `state=${id}&code=x`, `code=x`, `state=${'x'.repeat(40_000)}&code=x`]) {
      assert.match((await redirect(query)).headers.location, /failure$/, query.slice(0, 60));
    }
  });
});

describe('an issuer that lies', () => {
  let issuer;
  let name;
  const bring = (place = name) => client().collection(place).authWithOAuth2Code('oidc', 'code', 'v'.repeat(43), REDIRECT);

  before(async () => {
    issuer = await startIssuer();
    stops.push(issuer.stop);
    name = await people([{ name: 'oidc', extra: { issuer: issuer.url } }]);
  });

  it('is believed when it does not', async () => {
    assert.equal((await bring()).meta.id, 'person');
  });

  it('is not believed about anything else', async () => {
    const stranger = await generateKeyPair('ES256');
    const nonce = (verifier) => crypto.createHash('sha256').update(`nonce:${verifier}`).digest('base64url');
    const publicText = new TextEncoder().encode(await exportSPKI(issuer.publicKey));
    const past = Math.floor(Date.now() / 1000) - 3600;
    const lies = {
      'signed by another key': () => issuer.sign(issuer.claims(), { key: stranger.privateKey }),
      'signed by an unknown key': () => issuer.sign(issuer.claims(), { key: stranger.privateKey, header: { kid: 'unknown' } }),
      'not signed': async () => issuer.unsigned(issuer.claims()),
      'signed with the public key as a secret': () => issuer.sign(issuer.claims(), { key: publicText, header: { alg: 'HS256' } }),
      'for another client': () => issuer.sign(issuer.claims({ aud: 'somebody-else' })),
      'for several, and made for another': () => issuer.sign(issuer.claims({ aud: ['bakend', 'x'], azp: 'x' })),
      'of another issuer': () => issuer.sign(issuer.claims({ iss: 'https://accounts.google.com' })),
      'ended': () => issuer.sign(issuer.claims({ iat: past, exp: past + 60 })),
      'without end': () => issuer.sign(issuer.claims({ exp: undefined })),
      'not valid yet': () => issuer.sign(issuer.claims({ nbf: past + 7200 })),
      'of another request': () => issuer.sign(issuer.claims({ nonce: nonce('w'.repeat(43)) })),
      'no token at all': async () => undefined,
      'no token but text': async () => 'a.b.c',
    };
    for (const [lie, token] of Object.entries(lies)) {
      issuer.token = token;
      await fails(bring(), 400, 'Failed to fetch OAuth2 user.').catch((error) => assert.fail(`${lie}: ${error.message}`));
    }
    issuer.token = () => issuer.sign(issuer.claims({ nonce: nonce('v'.repeat(43)) }));
    assert.equal((await bring()).meta.id, 'person');
    issuer.token = () => issuer.sign(issuer.claims());
  });

  it('cannot say one person in the token and another at the user endpoint', async () => {
    const other = await startIssuer();
    stops.push(other.stop);
    other.user = { sub: 'victim', email: 'victim@example.com', email_verified: true };
    const place = await people([{ name: 'oidc', extra: { issuer: other.url } }]);
    await fails(bring(place), 400, 'Failed to fetch OAuth2 user.');
    other.user = { sub: 'person', email: 'person@example.com', email_verified: true };
    assert.equal((await bring(place)).meta.id, 'person');
  });

  it('cannot speak for another issuer', async () => {
    const other = await startIssuer();
    stops.push(other.stop);
    other.metadata = { issuer: issuer.url };
    const place = await people([{ name: 'oidc', extra: { issuer: other.url } }]);
    assert.deepEqual((await client().collection(place).listAuthMethods()).oauth2.providers, []);
    await fails(bring(place), 400, 'Failed to fetch OAuth2 token.');
  });

  it('may change its keys', async () => {
    await issuer.rotate('two');
    const until = Date.now() + KEYS_NOTICED_MAX_MS;
    const reads = issuer.reads['/keys'];
    let known;
    while (!known && Date.now() < until) known = await bring().catch(() => sleep(250));
    assert.equal(known?.meta.id, 'person');
    assert.ok(issuer.reads['/keys'] - reads < 5, 'who asks us a lot does not make us ask as much');
  });

  it('is not asked for its metadata each time', async () => {
    const reads = issuer.reads['/.well-known/openid-configuration'];
    for (let i = 0; i < 10; i += 1) await client().collection(name).listAuthMethods();
    assert.equal(issuer.reads['/.well-known/openid-configuration'], reads);
  });

  it('proves its tokens where only keys and issuers are set', async () => {
    const set = { name: 'oidc', authURL: `${issuer.url}/auth`, tokenURL: `${issuer.url}/token`, extra: { jwksURL: `${issuer.url}/keys`, issuers: [issuer.url] } };
    const place = await people([set]);
    assert.equal((await bring(place)).meta.id, 'person');
    issuer.token = () => issuer.sign(issuer.claims({ iss: 'https://elsewhere.example.com' }));
    await fails(bring(place), 400, 'Failed to fetch OAuth2 user.');
    issuer.token = async () => issuer.unsigned(issuer.claims());
    await fails(bring(place), 400, 'Failed to fetch OAuth2 user.');
    issuer.token = () => issuer.sign(issuer.claims());
  });
});

describe('a provider that misbehaves', () => {
  let provider;
  let name;
  const set = () => ({ name: 'google', authURL: `${provider.url}/auth`, tokenURL: `${provider.url}/token`, userInfoURL: `${provider.url}/user` });
  const bring = (options, user = { sub: '1', email: 'x@example.com', email_verified: true }, place = name) =>
    client().collection(place).authWithOAuth2Code('google', code({ '/user': user }, options), 'v'.repeat(43), REDIRECT);

  before(async () => {
    provider = await startProvider();
    stops.push(provider.stop);
    name = await people([set()]);
  });

  it('sends too much, nothing, or us elsewhere: the sign-in fails and the server goes on', async () => {
    for (const fault of ['huge', '500', 'text', 'elsewhere', 'silent']) {
      await fails(bring({ fault, at: '/user' }), 400, 'Failed to fetch OAuth2 user.');
      await fails(bring({ fault, at: '/token' }), 400, 'Failed to fetch OAuth2 token.');
    }
    assert.equal((await bring({})).meta.id, '1');
    assert.equal((await request(server.url, { path: '/api/health' })).status, 200);
  });

  it('a picture at a neighbour is not fetched, and its want keeps nobody out', async () => {
    const seen = provider.seen.length;
    const auth = await bring({}, { sub: 'p', email: 'p@example.com', email_verified: true, picture: `${provider.url}/secret.png` });
    assert.deepEqual([auth.meta.isNew, auth.record.picture], [true, '']);
    assert.ok(!provider.seen.slice(seen).some((asked) => asked.path === '/secret.png'));
  });

  it('GitHub and its like: the trusted address is in a list beside the person', async () => {
    const place = await people(['github', 'gitea', 'gitee', 'planningcenter'].map((own) => ({ ...set(), name: own, userInfoURL: `${provider.url}/api/v1/user` })), { fields: [{ name: 'name', type: 'text' }, { name: 'email', type: 'email', system: true, required: false }] });
    const list = [{ email: 'old@example.com', primary: false, verified: true }, { email: 'ann@example.com', primary: true, verified: true, state: 'confirmed', scope: ['primary'] }];
    const people_ = { id: 5, login: 'ann', email: 'public' };
    const ask = (own, answers) => client().collection(place).authWithOAuth2Code(own, code(answers), 'v'.repeat(43), REDIRECT);
    assert.equal((await ask('github', { '/api/v1/user': people_, '/api/v1/user/emails': list })).meta.email, 'ann@example.com');
    assert.equal((await ask('gitea', { '/api/v1/user': people_, '/api/v1/user/emails': list })).meta.email, 'ann@example.com');
    assert.equal((await ask('gitee', { '/api/v1/user': people_, '/api/v1/emails': list })).meta.email, 'ann@example.com');
    assert.equal((await ask('gitee', { '/api/v1/user': { ...people_, email: 'own@example.com' } })).meta.email, 'own@example.com');
    assert.equal((await ask('planningcenter', { '/api/v1/user': { data: { id: '9', attributes: { name: 'Ann', status: 'active' } } } })).meta.id, '9');
    await fails(ask('planningcenter', { '/api/v1/user': { data: { id: '9', attributes: { status: 'inactive' } } } }), 400, 'Failed to fetch OAuth2 user.');
  });
});

describe('Apple', () => {
  it('tells the name once, by form, and its token the rest', async () => {
    const apple = await startIssuer();
    stops.push(apple.stop);
    apple.token = () => apple.sign(apple.claims({ iss: 'https://appleid.apple.com', sub: 'apple-1', email_verified: 'true', name: undefined }));
    const name = await people([{ name: 'apple', authURL: `${apple.url}/auth`, tokenURL: `${apple.url}/token`, userInfoURL: `${apple.url}/keys` }]);
    const user = JSON.stringify({ name: { firstName: 'Ann', lastName: 'Example' }, email: 'ann@example.com' });
    await request(server.url, { method: 'POST', path: '/api/oauth2-redirect', urlencoded: [['state', 'x'], ['code', 'apple-code'], ['user', user]] });
    const bring = (sent) => client().collection(name).authWithOAuth2Code('apple', sent, 'v'.repeat(43), REDIRECT);
    const first = await bring('apple-code');
    assert.deepEqual([first.meta.id, first.meta.name, first.record.name, first.meta.email], ['apple-1', 'Ann Example', 'Ann Example', 'person@example.com']);
    assert.equal((await bring('apple-code')).meta.name, '', 'the name is forgotten with its code');
    apple.token = () => apple.sign(apple.claims({ sub: 'apple-1' }));
    await fails(bring('x'), 400, 'Failed to fetch OAuth2 user.');
  });

  it('gets a client secret from us', async () => {
    const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { secret } = await su.settings.generateAppleClientSecret('app', 'TEAM567890', 'KEY4567890', pem, 3600);
    const [header, claims] = secret.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    assert.deepEqual([header.alg, header.kid, claims.iss, claims.sub, claims.exp - claims.iat], ['ES256', 'KEY4567890', 'TEAM567890', 'app', 3600]);
  });
});

describe('who may', () => {
  it('see the providers there are, and never a secret', async () => {
    const all = await su.collections.getAllOAuth2Providers();
    assert.equal(all.length, 32);
    await fails(client().collections.getAllOAuth2Providers(), 401);
    const name = await people([{ name: 'google' }]);
    assert.ok(!JSON.stringify(await su.collections.getOne(name)).includes(SECRET));
    assert.ok(!JSON.stringify(await client().collection(name).listAuthMethods()).includes(SECRET));
  });
});
