// Secrets at rest: with a key nothing readable lies in the data folder, and the key is asked for, changed and removed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { URI } from 'otpauth';
import { BAK_BIN, run, runOk, signIn, start, tempFolder } from './harness.mjs';
import { request } from './http.mjs';

const KEY = 'k'.repeat(32);
const OTHER = 'o'.repeat(32);
const SECRETS = ['smtp-s3cret-7261', 'storage-s3cret-7261', 'oauth-s3cret-7261', 'token-s3cret-7261-7261-7261-7261'];

const ANA = { email: 'ana@example.com', password: 'correct horse 2' };
const STEP_MS = 30_000;

const withKey = (key) => ({ BAK_ENCRYPTION_KEY: key });

async function change(server, root, method, where, json) {
  const answer = await request(server.url, { method, path: where, json, headers: { authorization: root } });
  assert.ok(answer.status < 300, `${method} ${where}: ${answer.status} ${answer.text}`);
  for (const secret of SECRETS) assert.ok(!answer.text.includes(secret), `${where} shows ${secret}`);
  return answer.json;
}

async function store(server) {
  const root = await signIn(server.url);
  const [smtp, storage, oauth, token] = SECRETS;
  await change(server, root, 'PATCH', '/api/settings', { smtp: { password: smtp }, s3: { secret: storage } });
  await change(server, root, 'PATCH', '/api/collections/users', {
    oauth2: { enabled: true, providers: [{ name: 'google', clientId: 'x', clientSecret: oauth }] },
    authToken: { secret: token, duration: 1000 },
  });
}

async function ask(server, path, json, token, status = 200) {
  const answer = await request(server.url, { method: 'POST', path: `/api/collections/users/${path}`, json, token });
  assert.equal(answer.status, status, `${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** Ana, with an authenticator app: its secret is one that the files must not show. Returns the app and recovery codes. */
async function enrol(server) {
  const root = await signIn(server.url);
  await change(server, root, 'PATCH', '/api/collections/users', { totp: { enabled: true } });
  await change(server, root, 'POST', '/api/collections/users/records', { ...ANA, passwordConfirm: ANA.password });
  const token = await signIn(server.url, ANA, 'users');
  const shown = await ask(server, 'totp', {}, token);
  const app = URI.parse(shown.url);
  SECRETS.push(shown.secret);
  // The code of the step before: those of this step and the next stay good for the sign-ins to come.
  const confirmed = await ask(server, 'totp/confirm', { code: app.generate({ timestamp: Date.now() - STEP_MS }) }, token);
  return { app, codes: confirmed.recoveryCodes };
}

/** Signs Ana in with a password and a code, as only a server can that knows the secret. */
async function signInTwice(server, code) {
  const { mfaId } = await ask(server, 'auth-with-password', { identity: ANA.email, password: ANA.password }, undefined, 401);
  return ask(server, 'auth-with-totp', { mfaId, code });
}

/** The secrets that can be read in the files of a stopped server's folder. */
function readable(dir) {
  const files = fs.readdirSync(dir).map((name) => path.join(dir, name)).filter((file) => fs.statSync(file).isFile());
  const bytes = Buffer.concat(files.map((file) => fs.readFileSync(file)));
  return SECRETS.filter((secret) => bytes.includes(secret));
}

test('a key keeps secrets out of the files, and can be changed and removed', async () => {
  const dir = tempFolder('encryption');
  const plain = await start({ dir, target: 'bak' });
  await store(plain);
  const { app, codes } = await enrol(plain);
  await plain.stop();
  assert.deepEqual(readable(dir), SECRETS, 'without a key they can be read: the measure works');

  // From now on with a key: what was there is encrypted with the first start.
  const first = await start({ dir, target: 'bak', superuser: false, env: withKey(KEY) });
  await signIn(first.url);
  await store(first);
  await signInTwice(first, app.generate());
  await first.stop();
  runOk(BAK_BIN, ['admin', 'list', '--dir', dir, '--encryption-key', KEY]);
  assert.deepEqual(readable(dir), []);

  for (const [env, said] of [[{}, /Give the key/], [withKey(OTHER), /another key/], [withKey('short'), /32 bytes/]]) {
    const refused = run(BAK_BIN, ['start', '--http', '127.0.0.1:0', '--dir', dir], { env });
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, said);
    assert.doesNotMatch(refused.stderr, new RegExp(KEY));
  }

  assert.match(run(BAK_BIN, ['rekey', '--dir', dir], { env: withKey(KEY) }).stderr, /no new key/);
  runOk(BAK_BIN, ['rekey', '--dir', dir, '--new-key', OTHER], { env: withKey(KEY) });
  assert.notEqual(run(BAK_BIN, ['admin', 'list', '--dir', dir], { env: withKey(KEY) }).code, 0);
  const second = await start({ dir, target: 'bak', superuser: false, env: withKey(OTHER) });
  const busy = run(BAK_BIN, ['rekey', '--dir', dir, '--remove'], { env: withKey(OTHER) });
  assert.match(busy.stderr, /A server runs/);
  await signIn(second.url);
  await signInTwice(second, codes[0]);
  await second.stop();
  assert.deepEqual(readable(dir), []);

  runOk(BAK_BIN, ['rekey', '--dir', dir, '--remove'], { env: withKey(OTHER) });
  const again = await start({ dir, target: 'bak', superuser: false });
  await signIn(again.url);
  const { mfaId } = await ask(again, 'auth-with-password', { identity: ANA.email, password: ANA.password }, undefined, 401);
  await ask(again, 'auth-with-totp', { mfaId, code: 'abcdef' }, undefined, 400);
  await signInTwice(again, app.generate({ timestamp: Date.now() + STEP_MS }));
  await again.stop();
  assert.ok(readable(dir).includes(SECRETS.at(-1)), 'in clear again');
});
