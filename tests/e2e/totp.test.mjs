// Codes of an authenticator app as a second factor; the app is an independent library.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { URI } from 'otpauth';
import { signIn, start } from './harness.mjs';
import { request } from './http.mjs';

const AUTH = '/api/collections/people';
const STEP_MS = 30_000;

let server;
let root;

async function ask(method, path, { token, json, status = 200 } = {}) {
  const answer = await request(server.url, { method, path, json, token });
  assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

async function account(name) {
  const email = `${name}@example.com`;
  const { id } = await ask('POST', `${AUTH}/records`, { token: root, json: { email, password: 'password1', passwordConfirm: 'password1' } });
  return { id, email, token: await signIn(server.url, { email, password: 'password1' }, 'people') };
}

/** An account with an app. The code that confirmed it was of the step before, so that this one's is still good. */
async function enrolled(name) {
  const person = await account(name);
  const shown = await ask('POST', `${AUTH}/totp`, { token: person.token });
  const app = URI.parse(shown.url);
  const { recoveryCodes } = await ask('POST', `${AUTH}/totp/confirm`, { token: person.token, json: { code: app.generate({ timestamp: Date.now() - STEP_MS }) } });
  return { ...person, app, shown, recoveryCodes };
}

const first = async ({ email }) => (await ask('POST', `${AUTH}/auth-with-password`, { json: { identity: email, password: 'password1' }, status: 401 })).mfaId;
const second = (mfaId, code, status = 200) => ask('POST', `${AUTH}/auth-with-totp`, { json: { mfaId, code }, status });

before(async () => {
  server = await start();
  root = await signIn(server.url);
  await ask('POST', '/api/collections', { token: root, json: { name: 'people', type: 'auth', listRule: '', viewRule: '', createRule: '', totp: { enabled: true } } });
});
after(() => server?.stop());

describe('codes of an authenticator app', () => {
  it('count once a code has shown that the app has the secret', async () => {
    const ann = await account('ann');
    const shown = await ask('POST', `${AUTH}/totp`, { token: ann.token });
    const app = URI.parse(shown.url);
    assert.deepEqual([app.secret.base32, app.digits, app.period, app.label, app.issuer], [shown.secret, 6, 30, 'ann@example.com', 'Acme']);
    assert.match(shown.qr, /^<\?xml.*<svg/s);
    assert.equal((await ask('GET', `${AUTH}/totp`, { token: ann.token })).enabled, false);
    await signIn(server.url, { email: ann.email, password: 'password1' }, 'people');
    await ask('POST', `${AUTH}/totp/confirm`, { token: ann.token, json: { code: '000000' }, status: 400 });
    const again = await ask('POST', `${AUTH}/totp`, { token: ann.token });
    assert.notEqual(again.secret, shown.secret, 'a secret that never counted is replaced');
    const { recoveryCodes } = await ask('POST', `${AUTH}/totp/confirm`, { token: ann.token, json: { code: URI.parse(again.url).generate() } });
    assert.equal(new Set(recoveryCodes).size, 10);
    const state = await ask('GET', `${AUTH}/totp`, { token: ann.token });
    assert.deepEqual([state.enabled, state.recoveryCodesLeft], [true, 10]);
    assert.ok(!JSON.stringify(state).includes(again.secret));
    await ask('POST', `${AUTH}/totp`, { token: ann.token, status: 400 });
  });

  it('are asked for after the password, and good once', async () => {
    const bob = await enrolled('bob');
    const mfaId = await first(bob);
    await second(mfaId, '123456', 400);
    const code = bob.app.generate();
    const auth = await second(mfaId, code);
    assert.equal(auth.record.id, bob.id);
    await ask('POST', `${AUTH}/auth-refresh`, { token: auth.token });
    await second(mfaId, code, 400);
    await second(await first(bob), code, 400);
    await second(await first(bob), bob.app.generate({ timestamp: Date.now() - STEP_MS }), 400);
  });

  it('clocks may be a step apart, not more', async () => {
    const cyn = await enrolled('cyn');
    await second(await first(cyn), cyn.app.generate({ timestamp: Date.now() + 3 * STEP_MS }), 400);
    await second(await first(cyn), cyn.app.generate({ timestamp: Date.now() - 3 * STEP_MS }), 400);
    assert.equal((await second(await first(cyn), cyn.app.generate({ timestamp: Date.now() + STEP_MS - 1000 }))).record.id, cyn.id);
  });

  it('of one code two requests at once have it', async () => {
    const dee = await enrolled('dee');
    const ids = await Promise.all([first(dee), first(dee), first(dee)]);
    const code = dee.app.generate();
    const answers = await Promise.all(ids.map((mfaId) => request(server.url, { method: 'POST', path: `${AUTH}/auth-with-totp`, json: { mfaId, code } })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400]);
  });

  it('recovery codes stand in, each once', async () => {
    const eli = await enrolled('eli');
    assert.equal((await second(await first(eli), eli.recoveryCodes[0])).record.id, eli.id);
    await second(await first(eli), eli.recoveryCodes[0], 400);
    assert.equal((await second(await first(eli), eli.recoveryCodes[1].toUpperCase().replace('-', ' '))).record.id, eli.id);
    assert.equal((await ask('GET', `${AUTH}/totp`, { token: eli.token })).recoveryCodesLeft, 8);
  });

  it('recovery codes can be had anew, and the old ones end', async () => {
    const eve = await enrolled('eve');
    await ask('POST', `${AUTH}/totp/recovery-codes`, { token: eve.token, json: {}, status: 400 });
    const { recoveryCodes } = await ask('POST', `${AUTH}/totp/recovery-codes`, { token: eve.token, json: { code: eve.recoveryCodes[0] } });
    assert.equal(recoveryCodes.length, 10);
    await second(await first(eve), eve.recoveryCodes[1], 400);
    assert.equal((await second(await first(eve), recoveryCodes[0])).record.id, eve.id);
  });

  it('tries are few', async () => {
    const fox = await enrolled('fox');
    const mfaId = await first(fox);
    for (let i = 0; i < 4; i += 1) await second(mfaId, '000000', 400);
    // One of the five went into enrolling.
    await second(mfaId, fox.app.generate(), 429);
    await ask('DELETE', `${AUTH}/totp`, { token: fox.token, json: { password: 'password1' }, status: 429 });
  });

  it('need a first factor of the same account that is open', async () => {
    const [gus, hoa] = [await enrolled('gus'), await enrolled('hoa')];
    await second('nope', gus.app.generate(), 400);
    await second('', gus.app.generate(), 400);
    await second(await first(gus), hoa.app.generate(), 400);
    const theirs = await first(hoa);
    assert.equal((await second(theirs, hoa.app.generate())).record.id, hoa.id);
  });

  it('go with a password or a code, never without', async () => {
    const ivy = await enrolled('ivy');
    const remove = (json, status) => ask('DELETE', `${AUTH}/totp`, { token: ivy.token, json, status });
    await remove({}, 400);
    await remove({ password: 'wrong' }, 400);
    await remove({ code: ivy.recoveryCodes[0] }, 204);
    await ask('DELETE', `${AUTH}/totp`, { token: ivy.token, json: { password: 'password1' }, status: 404 });
    await signIn(server.url, { email: ivy.email, password: 'password1' }, 'people');
  });

  it('superusers take away what is lost, nobody else does', async () => {
    const [jay, kai] = [await enrolled('jay'), await account('kai')];
    await ask('DELETE', `${AUTH}/totp?record=${jay.id}`, { status: 401 });
    await ask('DELETE', `${AUTH}/totp?record=${jay.id}`, { token: kai.token, status: 403 });
    await ask('GET', `${AUTH}/totp?record=${jay.id}`, { token: kai.token, status: 403 });
    assert.equal((await ask('GET', `${AUTH}/totp?record=${jay.id}`, { token: root })).enabled, true);
    await ask('DELETE', `${AUTH}/totp?record=${jay.id}`, { token: root, status: 204 });
    await signIn(server.url, { email: jay.email, password: 'password1' }, 'people');
  });

  it('nothing weaker stands in for the app', async () => {
    const leo = await enrolled('leo');
    await ask('PATCH', `${AUTH}/records/${leo.id}`, { token: root, json: { verified: true } });
    await ask('PATCH', AUTH, { token: root, json: { otp: { enabled: true } } });
    const mfaId = await first(leo);
    const { otpId } = await ask('POST', `${AUTH}/request-otp`, { json: { email: leo.email } });
    const code = await mailed(otpId);
    const refused = await ask('POST', `${AUTH}/auth-with-otp`, { json: { otpId, password: code, mfaId }, status: 400 });
    assert.match(refused.message, /authenticator app/);
    await ask('PATCH', AUTH, { token: root, json: { otp: { enabled: false } } });
    await ask('PATCH', AUTH, { token: root, json: { totp: { enabled: false } } });
    await signIn(server.url, { email: leo.email, password: 'password1' }, 'people');
    await ask('POST', `${AUTH}/totp`, { token: leo.token, status: 403 });
    await ask('POST', `${AUTH}/auth-with-totp`, { json: { mfaId, code: '1' }, status: 403 });
    await ask('PATCH', AUTH, { token: root, json: { totp: { enabled: true } } });
  });
});

/** The one-time password of a mail: without SMTP mails go to the log. */
async function mailed() {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const found = server.output().match(/one-time password is\D*(\d{8})/i);
    if (found) return found[1];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return assert.fail(`no mail in the log: ${server.output()}`);
}
