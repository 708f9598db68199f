// Mails: the official SDK's flows through a real mail server, over TLS and STARTTLS, and mail servers that fail.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import PocketBase, { ClientResponseError } from 'pocketbase';
import { sleep, start, SUPERUSER } from './harness.mjs';
import { authority, codeOf, mailServer, tokenOf } from './smtp.mjs';

const PASSWORD = '1234567890';

/** Longest time an answer may take while the mail server hangs, in milliseconds: far less than the mail's own deadline. */
const PROMPT_MS = 5_000;

function client(server) {
  const pb = new PocketBase(server.url);
  pb.autoCancellation(false);
  return pb;
}

async function superuser(server) {
  const pb = client(server);
  await pb.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
  return pb;
}

/** A server whose mails go to `mails`, and its superuser. */
async function startWith(mails, { smtp = {}, ...options } = {}) {
  const server = await start({ target: 'bak', ...options });
  const su = await superuser(server);
  if (mails) await su.settings.update(mails.settings(smtp));
  await su.collections.update('users', { otp: { enabled: true }, authAlert: { enabled: false } });
  return { server, su };
}

const newUser = (su, name) =>
  su.collection('users').create({ email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, name });

async function refused(promise, status) {
  const error = await promise.then(() => assert.fail('it was not refused'), (caught) => caught);
  assert.ok(error instanceof ClientResponseError, String(error));
  assert.equal(error.status, status, JSON.stringify(error.response));
  return error;
}

describe('the official SDK with a mail server', () => {
  let mails, server, su, pb;
  before(async () => {
    mails = await mailServer();
    ({ server, su } = await startWith(mails));
    pb = client(server);
  });
  after(async () => {
    await server?.stop();
    await mails?.stop();
  });

  it('verifies an address', async () => {
    const { id } = await newUser(su, 'vera');
    await pb.collection('users').requestVerification('vera@example.com');
    const mail = await mails.take('vera@example.com');
    assert.equal(mail.subject, 'Verify your Acme email');
    assert.equal(mail.from.address, 'support@example.com');
    assert.match(mail.html, /<a class="btn" href="http:\/\/localhost:8090\/_\/auth\/confirm-verification\//);
    await pb.collection('users').confirmVerification(tokenOf(mail));
    assert.equal((await su.collection('users').getOne(id)).verified, true);
  });

  it('resets a password', async () => {
    await newUser(su, 'rita');
    await pb.collection('users').requestPasswordReset('rita@example.com');
    const token = tokenOf(await mails.take('rita@example.com'));
    await pb.collection('users').confirmPasswordReset(token, 'another one', 'another one');
    await refused(pb.collection('users').confirmPasswordReset(token, 'and another', 'and another'), 400);
    await refused(client(server).collection('users').authWithPassword('rita@example.com', PASSWORD), 400);
    await client(server).collection('users').authWithPassword('rita@example.com', 'another one');
  });

  it('changes an address', async () => {
    await newUser(su, 'ella');
    const ella = client(server);
    await ella.collection('users').authWithPassword('ella@example.com', PASSWORD);
    await ella.collection('users').requestEmailChange('ella.new@example.com');
    const token = tokenOf(await mails.take('ella.new@example.com'));
    await ella.collection('users').confirmEmailChange(token, PASSWORD);
    assert.equal(ella.authStore.isValid, false, 'the SDK signs out with the old address');
    await client(server).collection('users').authWithPassword('ella.new@example.com', PASSWORD);
  });

  it('signs in with a one-time password', async () => {
    const { id } = await newUser(su, 'otto');
    const { otpId } = await pb.collection('users').requestOTP('otto@example.com');
    const code = codeOf(await mails.take('otto@example.com'));
    const otto = client(server);
    const { record } = await otto.collection('users').authWithOTP(otpId, code);
    assert.equal(record.id, id);
    assert.ok(otto.authStore.isValid);
    await refused(client(server).collection('users').authWithOTP(otpId, code), 400);
  });

  it('signs in with two factors', async () => {
    await su.collections.update('users', { mfa: { enabled: true } });
    const { id } = await newUser(su, 'mia');
    const mia = client(server);
    const first = await refused(mia.collection('users').authWithPassword('mia@example.com', PASSWORD), 401);
    const { mfaId } = first.response;
    const { otpId } = await mia.collection('users').requestOTP('mia@example.com');
    const code = codeOf(await mails.take('mia@example.com'));
    const { record } = await mia.collection('users').authWithOTP(otpId, code, { mfaId });
    assert.equal(record.id, id);
    await su.collections.update('users', { mfa: { enabled: false } });
  });

  it('tells of a sign-in from a new place', async () => {
    await su.collections.update('users', { authAlert: { enabled: true } });
    await newUser(su, 'nora');
    const from = (agent) =>
      client(server).collection('users').authWithPassword('nora@example.com', PASSWORD, { headers: { 'user-agent': agent } });
    await from('one');
    await from('two');
    const mail = await mails.take('nora@example.com');
    assert.match(mail.text, /127\.0\.0\.1 two/);
    await su.collections.update('users', { authAlert: { enabled: false } });
  });

  it('tries every template, also in other languages', async () => {
    await su.settings.update({ meta: { appName: 'Größe “Æ” 日本', senderName: 'Größe' } });
    for (const template of ['verification', 'password-reset', 'email-change', 'otp', 'login-alert']) {
      await su.settings.testEmail('users', 'me@example.com', template);
      const mail = await mails.take('me@example.com');
      assert.match(mail.subject, /Größe “Æ” 日本/);
      assert.equal(mail.from.name, 'Größe');
      assert.match(mail.text, /Größe “Æ” 日本/);
      assert.match(mail.html, /Größe “Æ” 日本/);
      assert.match(mail.raw, /^[\x00-\x7f]*$/, 'what travels is ASCII');
    }
    await su.settings.update({ meta: { appName: 'Acme', senderName: 'Support' } });
  });

  it('smuggles nothing into the headers', async () => {
    const evil = 'x\r\nBcc: eve@example.com\r\n\r\n<script>';
    const { id } = await newUser(su, 'hanna');
    await su.collection('users').update(id, { name: evil });
    const { verificationTemplate } = await su.collections.getOne('users');
    await su.collections.update('users', { verificationTemplate: { subject: 'For {RECORD:name}', body: '<p>{RECORD:name} {TOKEN}</p>' } });
    await pb.collection('users').requestVerification('hanna@example.com');
    const mail = await mails.take('hanna@example.com');
    assert.equal(mail.subject, 'For x Bcc: eve@example.com <script>');
    assert.deepEqual(mail.envelope.to, ['hanna@example.com']);
    assert.equal(mail.bcc, undefined);
    assert.doesNotMatch(mail.html, /<script>/);
    await su.collections.update('users', { verificationTemplate });
  });
});

describe('ways to a mail server', () => {
  let own;
  const accounts = {
    authOptional: false,
    onAuth: (auth, session, done) =>
      auth.username === 'bak' && auth.password === 'secret' ? done(null, { user: 'bak' }) : done(new Error('wrong password')),
  };
  before(async () => {
    own = await authority();
  });

  async function through(serverOptions, smtp, options) {
    const pems = await own.of();
    const mails = await mailServer({ key: pems.private, cert: pems.cert, ...serverOptions });
    const { server, su } = await startWith(mails, { smtp, extraArgs: ['--smtp-roots', own.file], ...options });
    const end = async () => {
      await server.stop();
      await mails.stop();
    };
    return { mails, su, end };
  }

  for (const [name, serverOptions, smtp] of [
    ['TLS from the start, LOGIN', { secure: true, authMethods: ['LOGIN'] }, { tls: true, authMethod: 'LOGIN' }],
    ['STARTTLS, PLAIN', { hideSTARTTLS: false, authMethods: ['PLAIN'] }, { authMethod: 'PLAIN' }],
  ]) {
    it(name, async () => {
      const signed = { username: 'bak', password: 'secret', localName: 'app.example.com', ...smtp };
      const { mails, su, end } = await through({ ...accounts, ...serverOptions }, signed);
      await su.settings.testEmail('users', 'me@example.com', 'otp');
      const { session } = await mails.take('me@example.com');
      assert.equal(session.secure, true);
      assert.equal(session.user, 'bak');
      assert.equal(session.hostNameAppearsAs, 'app.example.com');
      await su.settings.update({ smtp: { ...signed, password: 'guess' } });
      const error = await refused(su.settings.testEmail('users', 'me@example.com', 'otp'), 400);
      assert.match(error.message, /wrong password/);
      await end();
    });
  }

  it('goes without TLS where the server offers none', async () => {
    const { mails, su, end } = await through({ hideSTARTTLS: true }, {});
    await su.settings.testEmail('users', 'me@example.com', 'otp');
    assert.equal((await mails.take('me@example.com')).session.secure, false);
    await end();
  });

  it('trusts no certificate of an unknown authority', async () => {
    for (const [serverOptions, smtp] of [[{ secure: true }, { tls: true }], [{ hideSTARTTLS: false }, {}]]) {
      const { mails, su, end } = await through(serverOptions, smtp, { extraArgs: [] });
      const error = await refused(su.settings.testEmail('users', 'me@example.com', 'otp'), 400);
      assert.match(error.message, /certificate/i);
      assert.equal(mails.attempts(), 0, 'no mail was handed over');
      await end();
    }
  });

  it('refuses to start with roots that are none', async () => {
    await assert.rejects(start({ target: 'bak', extraArgs: ['--smtp-roots', '/nowhere/roots.pem'] }), /cannot be read/);
  });
});

describe('mail servers that fail', () => {
  const ask = (server, name) => client(server).collection('users').requestPasswordReset(`${name}@example.com`);

  it('a mail that did not leave is tried again, and nobody waits for it', async () => {
    const busy = { responseCode: 451, message: 'try later' };
    const mails = await mailServer({ behave: (_, attempt) => (attempt < 3 ? busy : null) });
    const { server, su } = await startWith(mails);
    await newUser(su, 'ana');
    await ask(server, 'ana');
    await mails.take('ana@example.com');
    assert.equal(mails.attempts(), 3);
    await server.stop();
    assert.match(server.output(), /try later/);
    await mails.stop();
  });

  it('a mail that is refused for good is given up, and the caller does not learn of it', async () => {
    const mails = await mailServer({ behave: () => ({ responseCode: 550, message: 'no such mailbox' }) });
    const { server, su } = await startWith(mails);
    await newUser(su, 'ana');
    await ask(server, 'ana');
    await ask(server, 'nobody');
    await server.stop();
    assert.equal(mails.attempts(), 1);
    assert.match(server.output(), /given up.*no such mailbox/s);
    await mails.stop();
  });

  it('a hanging mail server keeps nobody waiting, and not the end', async () => {
    const mails = await mailServer({ behave: () => new Promise(() => {}) });
    const { server, su } = await startWith(mails);
    for (const name of ['ana', 'bob', 'cleo', 'dora', 'emil', 'finn']) await newUser(su, name);
    const began = Date.now();
    for (const name of ['ana', 'bob', 'cleo', 'dora', 'emil', 'finn', 'nobody']) await ask(server, name);
    const { otpId } = await client(server).collection('users').requestOTP('ana@example.com');
    assert.match(otpId, /^[a-z0-9]{15}$/);
    assert.ok(Date.now() - began < PROMPT_MS, `the answers took ${Date.now() - began} ms`);
    server.child.kill('SIGTERM');
    const end = await Promise.race([server.ended, sleep(30_000)]);
    assert.equal(end?.code, 0, server.output());
    assert.match(server.output(), /mails did not leave before the end/);
    await mails.stop();
  });

  it('mails on their way leave before the end', async () => {
    const mails = await mailServer({ behave: () => sleep(800).then(() => null) });
    const { server, su } = await startWith(mails);
    await newUser(su, 'ana');
    await ask(server, 'ana');
    await server.stop();
    assert.equal(mails.kept.length, 1);
    await mails.stop();
  });

  it('without a mail server the log has the mail with its link', async () => {
    const { server, su } = await startWith(null);
    await newUser(su, 'ana');
    await ask(server, 'ana');
    await server.stop();
    assert.match(server.output(), /no mail server is set/);
    assert.match(server.output(), /^ {2}\| To: ana@example\.com$/m);
    assert.match(server.output(), /^ {2}\| Choose a new password: http:\/\/localhost:8090\/_\/auth\/confirm-password-reset\/[\w.-]+$/m);
  });
});
