// Passkeys in a real browser: Chromium's virtual authenticator registers them, signs in with them, and is told to cheat.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { signIn, start } from './harness.mjs';
import { request } from './http.mjs';

const CHROMIUM = process.env.CHROMIUM_BIN ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => fs.existsSync(path));
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
const INTERNAL = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
const AUTH = '/api/collections/people';

let server;
let browser;
let root;
let origin;

async function ask(method, path, { token, json, status = 200 } = {}) {
  const answer = await request(server.url, { method, path, json, token });
  assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** A new account, signed in with its password. */
async function account(name, collection = 'people') {
  const email = `${name}@example.com`;
  const { id } = await ask('POST', `/api/collections/${collection}/records`, { token: root, json: { email, password: 'password1', passwordConfirm: 'password1' } });
  return { id, email, token: await signIn(server.url, { email, password: 'password1' }, collection) };
}

/** A page with an authenticator of its own. */
class Device {
  static async open(options = INTERNAL, at = origin) {
    const device = new Device();
    device.context = await browser.newContext();
    device.page = await device.context.newPage();
    await device.page.goto(`${at}/api/health`);
    device.cdp = await device.context.newCDPSession(device.page);
    await device.cdp.send('WebAuthn.enable');
    ({ authenticatorId: device.id } = await device.cdp.send('WebAuthn.addVirtualAuthenticator', { options }));
    return device;
  }

  close() {
    return this.context.close();
  }

  create(options) {
    return this.page.evaluate(async (json) => {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
      return (await navigator.credentials.create({ publicKey })).toJSON();
    }, options);
  }

  get(options) {
    return this.page.evaluate(async (json) => {
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
      return (await navigator.credentials.get({ publicKey })).toJSON();
    }, options);
  }

  /** Registers a passkey of an account; `status` is what the server should answer. */
  async register({ token }, { name, status = 200, change = (x) => x } = {}) {
    const { id, publicKey } = await ask('POST', `${AUTH}/passkeys/begin`, { token });
    const credential = await this.create(publicKey);
    return ask('POST', `${AUTH}/passkeys`, { token, json: change({ id, credential, name }), status });
  }

  async challenge(change = (x) => x) {
    const { id, publicKey } = await ask('POST', `${AUTH}/auth-with-passkey/begin`);
    return { id, credential: await this.get(change(publicKey)) };
  }

  async signIn({ status = 200, more = {}, change = (x) => x } = {}) {
    return ask('POST', `${AUTH}/auth-with-passkey`, { json: { ...change(await this.challenge()), ...more }, status });
  }
}

const set = (options, collection = 'people') => ask('PATCH', `/api/collections/${collection}`, { token: root, json: options });

before(async () => {
  assert.ok(CHROMIUM, 'Chromium is needed: install it, or name it in CHROMIUM_BIN');
  server = await start();
  root = await signIn(server.url);
  origin = `http://localhost:${new URL(server.url).port}`;
  await ask('PATCH', '/api/settings', { token: root, json: { meta: { appURL: origin } } });
  const auth = { type: 'auth', listRule: '', viewRule: '', createRule: '', passkey: { enabled: true } };
  await ask('POST', '/api/collections', { token: root, json: { name: 'people', ...auth } });
  await ask('POST', '/api/collections', { token: root, json: { name: 'others', ...auth } });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

describe('passkeys', () => {
  it('register, sign in without a name, are listed, renamed and removed', async () => {
    const ann = await account('ann');
    const device = await Device.open();
    const made = await device.register(ann, { name: ' Laptop ' });
    assert.deepEqual([made.name, made.lastUsed, made.synced], ['Laptop', '', false]);
    const { credentials } = await device.cdp.send('WebAuthn.getCredentials', { authenticatorId: device.id });
    assert.deepEqual([credentials.length, credentials[0].isResidentCredential, credentials[0].rpId], [1, true, 'localhost']);

    const auth = await device.signIn();
    assert.deepEqual([auth.record.id, auth.record.email], [ann.id, ann.email]);
    await ask('POST', `${AUTH}/auth-refresh`, { token: auth.token });

    const { items } = await ask('GET', `${AUTH}/passkeys`, { token: ann.token });
    assert.deepEqual(items.map(({ id, name }) => [id, name]), [[made.id, 'Laptop']]);
    assert.ok(items[0].lastUsed >= items[0].created);
    await ask('PATCH', `${AUTH}/passkeys/${made.id}`, { token: ann.token, json: { name: 'Old laptop' }, status: 204 });
    assert.equal((await ask('GET', `${AUTH}/passkeys`, { token: ann.token })).items[0].name, 'Old laptop');
    await ask('DELETE', `${AUTH}/passkeys/${made.id}`, { token: ann.token, status: 204 });
    await device.signIn({ status: 400 });
    await ask('DELETE', `${AUTH}/passkeys/${made.id}`, { token: ann.token, status: 404 });
    await device.close();
  });

  it('an account has several, an authenticator one of each account', async () => {
    const [bea, cem] = [await account('bea'), await account('cem')];
    const [phone, key] = [await Device.open(), await Device.open({ ...INTERNAL, transport: 'usb' })];
    await phone.register(bea);
    await key.register(bea, { name: 'Key' });
    await assert.rejects(phone.register(bea), /InvalidStateError/, 'the browser knows that it is registered');
    assert.equal((await phone.signIn()).record.id, bea.id);
    assert.equal((await key.signIn()).record.id, bea.id);
    const other = await Device.open();
    await other.register(cem);
    assert.equal((await other.signIn()).record.id, cem.id);
    await Promise.all([phone.close(), key.close(), other.close()]);
  });

  it('a challenge is good once, for its own account and collection', async () => {
    const [dan, eva] = [await account('dan'), await account('eva')];
    const device = await Device.open();
    const { id, publicKey } = await ask('POST', `${AUTH}/passkeys/begin`, { token: dan.token });
    const credential = await device.create(publicKey);
    const json = { id, credential };
    await ask('POST', `${AUTH}/passkeys`, { token: eva.token, json, status: 400 });
    const refused = await ask('POST', `${AUTH}/passkeys`, { token: dan.token, json, status: 400 });
    assert.equal(refused.data.id.code, 'validation_invalid_challenge', 'used up by the one who must not');

    const fresh = await Device.open();
    await fresh.register(dan);
    await ask('POST', '/api/collections/others/auth-with-passkey', { json: await fresh.challenge(), status: 400 });
    const answer = await fresh.challenge();
    assert.equal((await ask('POST', `${AUTH}/auth-with-passkey`, { json: answer })).record.id, dan.id);
    await ask('POST', `${AUTH}/auth-with-passkey`, { json: answer, status: 400 });
    const [one, two] = [await fresh.challenge(), await fresh.challenge()];
    await ask('POST', `${AUTH}/auth-with-passkey`, { json: { ...one, id: two.id }, status: 400 });
    await ask('POST', `${AUTH}/auth-with-passkey`, { json: { ...two, id: one.id }, status: 400 });
    await Promise.all([device.close(), fresh.close()]);
  });

  it('what is not proven is refused', async () => {
    const fay = await account('fay');
    const device = await Device.open();
    await device.register(fay, { status: 400, change: (sent) => ({ ...sent, credential: {} }) });
    const kept = await Device.open();
    await kept.register(fay);
    const other = await Device.open();
    await other.register(await account('gil'));
    const stranger = await other.challenge();
    const flip = (text) => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);
    const within = (sent, change) => ({ ...sent, credential: { ...sent.credential, response: { ...sent.credential.response, ...change(sent.credential.response) } } });
    const lies = {
      'another signature': (sent) => within(sent, ({ signature }) => ({ signature: flip(signature.slice(0, -4)) + signature.slice(-4) })),
      'another account': (sent) => within(sent, () => ({ userHandle: stranger.credential.response.userHandle })),
      'no account': (sent) => within(sent, () => ({ userHandle: null })),
      'another passkey': (sent) => ({ ...sent, credential: { ...sent.credential, id: stranger.credential.id, rawId: stranger.credential.rawId } }),
      'other data': (sent) => within(sent, ({ clientDataJSON }) => ({ clientDataJSON: Buffer.from(Buffer.from(clientDataJSON, 'base64url').toString().replace(origin, 'http://localhost:1')).toString('base64url') })),
      'nothing': ({ id }) => ({ id }),
      'text': (sent) => ({ ...sent, credential: 'x' }),
    };
    for (const [lie, change] of Object.entries(lies)) {
      const refused = await kept.signIn({ status: 400, change }).catch((error) => assert.fail(`${lie}: ${error.message}`));
      assert.deepEqual([refused.message, refused.data], ['Failed to authenticate.', {}], 'which it is, is not told');
    }
    assert.equal((await kept.signIn()).record.id, fay.id);
    await Promise.all([device.close(), kept.close(), other.close()]);
  });

  it('somebody has to unlock it', async () => {
    const hal = await account('hal');
    const device = await Device.open();
    await device.register(hal);
    await device.cdp.send('WebAuthn.setUserVerified', { authenticatorId: device.id, isUserVerified: false });
    const answer = await device.challenge((options) => ({ ...options, userVerification: 'discouraged' }));
    await ask('POST', `${AUTH}/auth-with-passkey`, { json: answer, status: 400 });
    await device.close();
  });

  it('a copy is noticed by its counter', async () => {
    const ida = await account('ida');
    const device = await Device.open();
    await device.register(ida);
    await device.signIn();
    const { credentials } = await device.cdp.send('WebAuthn.getCredentials', { authenticatorId: device.id });
    await device.signIn();
    const copy = await Device.open();
    await copy.cdp.send('WebAuthn.addCredential', { authenticatorId: copy.id, credential: { ...credentials[0], signCount: 0 } });
    await copy.signIn({ status: 400 });
    assert.equal((await device.signIn()).record.id, ida.id, 'the real one goes on');
    await Promise.all([device.close(), copy.close()]);
  });

  it('is for the pages of its origin', async () => {
    const jon = await account('jon');
    const device = await Device.open();
    await device.register(jon);
    const answer = await device.challenge();
    await set({ passkey: { enabled: true, origins: ['https://app.example.com'] } });
    await ask('POST', `${AUTH}/auth-with-passkey`, { json: answer, status: 400 });
    assert.equal((await ask('POST', `${AUTH}/auth-with-passkey/begin`)).publicKey.rpId, 'app.example.com');
    await set({ passkey: { enabled: true, rpId: 'example.com', origins: ['https://app.example.com', 'https://example.com'] } });
    assert.equal((await ask('POST', `${AUTH}/auth-with-passkey/begin`)).publicKey.rpId, 'example.com');
    const bad = await ask('PATCH', '/api/collections/people', { token: root, json: { passkey: { rpId: 'example.com', origins: ['https://evil.com'] } }, status: 400 });
    assert.equal(bad.data.passkey.origins[0].code, 'validation_invalid_origin');
    await set({ passkey: { enabled: true, rpId: '', origins: [] } });
    assert.equal((await device.signIn()).record.id, jon.id);
    await device.close();
  });

  it('is a factor beside others', async () => {
    const kim = await account('kim');
    const device = await Device.open();
    await device.register(kim);
    // Passkeys alone beside passwords are refused: who has none yet could never sign in.
    await ask('PATCH', AUTH, { token: root, json: { mfa: { enabled: true, duration: 600, rule: '' } }, status: 400 });
    await set({ mfa: { enabled: true, duration: 600, rule: '' }, otp: { enabled: true } });
    const password = { identity: kim.email, password: 'password1' };
    const first = await ask('POST', `${AUTH}/auth-with-password`, { json: password, status: 401 });
    assert.equal((await device.signIn({ more: { mfaId: first.mfaId } })).record.id, kim.id);
    await device.signIn({ more: { mfaId: first.mfaId }, status: 400 });
    const second = await device.signIn({ status: 401 });
    await device.signIn({ more: { mfaId: second.mfaId }, status: 400 });
    assert.equal((await ask('POST', `${AUTH}/auth-with-password`, { json: { ...password, mfaId: second.mfaId } })).record.id, kim.id);
    await set({ mfa: { enabled: false }, otp: { enabled: false } });
    await device.close();
  });

  it('obeys the auth rule, and goes with the account', async () => {
    const lou = await account('lou');
    const device = await Device.open();
    await device.register(lou);
    await set({ authRule: 'verified = true' });
    await device.signIn({ status: 403 });
    await set({ authRule: '' });
    assert.equal((await device.signIn()).record.id, lou.id);
    await ask('DELETE', `${AUTH}/records/${lou.id}`, { token: root, status: 204 });
    assert.deepEqual(await ask('GET', `${AUTH}/passkeys?record=${lou.id}`, { token: root }), { items: [] });
    await device.signIn({ status: 400 });
    await device.close();
  });

  it('is off where the collection says so', async () => {
    const mia = await account('mia');
    await set({ passkey: { enabled: false } });
    await ask('POST', `${AUTH}/auth-with-passkey/begin`, { status: 403 });
    await ask('POST', `${AUTH}/auth-with-passkey`, { json: {}, status: 403 });
    await ask('POST', `${AUTH}/passkeys/begin`, { token: mia.token, status: 403 });
    assert.equal((await ask('GET', `${AUTH}/auth-methods`)).passkey.enabled, false);
    await set({ passkey: { enabled: true } });
    assert.equal((await ask('GET', `${AUTH}/auth-methods`)).passkey.enabled, true);
  });

  it('needs a domain that browsers take', async () => {
    await ask('PATCH', '/api/settings', { token: root, json: { meta: { appURL: 'http://127.0.0.1:8090' } } });
    const refused = await ask('POST', `${AUTH}/auth-with-passkey/begin`, { status: 400 });
    assert.match(refused.message, /application URL/);
    await ask('PATCH', '/api/settings', { token: root, json: { meta: { appURL: origin } } });
  });
});
