// Accounts: sessions, mails, passwords, tokens to act as somebody, ways to sign in, API keys, superusers.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import PocketBase from 'pocketbase';
import { axe, shot, startPanel, SUPERUSER, until } from './panel.mjs';

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

describe('accounts', () => {
  let panel;
  let ann;
  let bob;
  before(async () => {
    panel = await startPanel();
    [ann, bob] = await panel.pb.collection('people').getFullList({ sort: 'name' });
  });
  after(() => panel?.stop());

  const visitor = () => new PocketBase(panel.server.url);
  const signIn = async (email, password = 'password1', collection = 'people') => {
    const client = visitor();
    await client.collection(collection).authWithPassword(email, password);
    return client;
  };
  const person = (id) => panel.pb.collection('people').getOne(id);
  const open = async (record, tab, how) => {
    const opened = await panel.open({ at: `/accounts/people/${record.id}${tab ? `?tab=${tab}` : ''}`, ...how });
    await opened.page.getByRole('tabpanel').waitFor();
    return opened;
  };
  const mails = () => panel.server.output();
  const sure = (page, label) => page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click();

  it('are reached from their record', async () => {
    const { page, close } = await panel.open({ at: `/collections/people/records/${ann.id}` });
    await page.getByRole('dialog').getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Sessions, sign-in, keys' }).click();
    await page.getByRole('heading', { name: 'Ann', level: 1 }).waitFor();
    await shot(page, 'account');
    await axe(page);
    await page.getByRole('button', { name: 'Record', exact: true }).click();
    await page.getByRole('dialog').getByLabel('name').fill('Anna');
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog').getByText('Saved.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Anna', level: 1 }).waitFor();
    await close();

    const none = await panel.open({ at: '/accounts/people/nothere00000000' });
    await none.page.getByText('There is no such account').waitFor();
    await axe(none.page);
    await none.close();
  });

  it('are verified by hand, and that can be undone; or by a mail', async () => {
    const { page, close } = await open(ann);
    await page.getByRole('button', { name: 'Mark as not verified' }).click();
    await page.getByText('not verified', { exact: true }).waitFor();
    await until(async () => !(await person(ann.id)).verified, 'the mark');
    await page.getByRole('button', { name: 'Send verification mail' }).click();
    await until(() => /confirm-verification/.test(mails()), 'the mail');
    await page.getByRole('button', { name: 'Mark as verified' }).click();
    await until(async () => (await person(ann.id)).verified, 'the mark');
    await page.locator('.toast', { hasText: 'Marked as verified.' }).getByRole('button', { name: 'Undo' }).click();
    await until(async () => !(await person(ann.id)).verified, 'the undoing');
    await close();
  });

  it('get a mail to choose a new password, or a new one set', async () => {
    const { page, close } = await open(bob);
    await page.getByRole('button', { name: 'Send reset mail' }).click();
    await until(() => /confirm-password-reset/.test(mails()), 'the mail');
    await page.getByRole('button', { name: 'Set a new one' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^New password/).fill('short');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.getByText(/at least 8/).waitFor();
    await axe(page);
    await dialog.getByLabel(/^New password/).fill('a new password');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await signIn('bob@example.com', 'a new password');
    await close();
  });

  it('get another e-mail address', async () => {
    const { page, close } = await open(bob);
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^E-mail address/).fill('ann@example.com');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await dialog.getByText(/unique/).waitFor();
    await dialog.getByLabel(/^E-mail address/).fill('robert@example.com');
    await dialog.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByText('robert@example.com').waitFor();
    assert.equal((await person(bob.id)).email, 'robert@example.com');
    await close();
  });

  it('list their sessions, and end one or all', async () => {
    const [first, second] = [await signIn('ann@example.com'), await signIn('ann@example.com')];
    const { page, close } = await open(ann, 'sessions');
    const rows = page.getByRole('row');
    await until(async () => (await rows.count()) === 3, 'two sessions');
    await page.getByText('password').first().waitFor();
    await shot(page, 'account-sessions');
    await axe(page);
    await rows.nth(1).getByRole('button', { name: 'End' }).click();
    await until(async () => (await rows.count()) === 2, 'one session');
    const alive = async (client) => client.collection('people').authRefresh().then(() => true, () => false);
    const left = [await alive(first), await alive(second)];
    assert.deepEqual(left.sort(), [false, true]);
    await page.getByRole('button', { name: 'End all' }).click();
    await sure(page, 'End all');
    await page.getByText('Signed in nowhere').waitFor();
    await axe(page);
    assert.deepEqual([await alive(first), await alive(second)], [false, false]);
    await close();
  });

  it('are acted for by a token, for as long as one says, without signing anybody out', async () => {
    const { page, close } = await open(ann);
    await page.getByRole('button', { name: 'Make a token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Valid for').selectOption('15 minutes');
    await axe(page);
    await dialog.getByRole('button', { name: 'Make a token' }).click();
    await dialog.getByRole('button', { name: 'Copy the token' }).click();
    const token = await until(async () => page.evaluate(() => navigator.clipboard.readText()), 'the token');
    await shot(page, 'impersonate');
    await axe(page);
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    assert.equal(claims.id, ann.id);
    assert.ok(Math.abs(claims.exp - Date.now() / 1000 - 900) < 120, 'a quarter of an hour');
    const client = visitor();
    client.authStore.save(token, null);
    assert.equal((await client.collection('people').getOne(ann.id)).email, 'ann@example.com');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await page.getByText('impersonated').waitFor();
    await close();
  });

  it('show how they sign in: links elsewhere, passkeys and authenticator apps are taken away', async () => {
    await panel.pb.settings.update({ meta: { appURL: panel.url } });
    await panel.pb.collections.update('people', { passkey: { enabled: true }, totp: { enabled: true } });
    const { collectionId } = ann;
    const link = { collectionRef: collectionId, recordRef: ann.id, provider: 'github', providerId: 'octo-1' };
    await panel.pb.collection('_externalAuths').create(link);
    const client = await signIn('ann@example.com');
    const { page, context, close } = await open(ann, 'ways');

    // Ann adds a passkey and begins with an app, as her own program would.
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR });
    await page.evaluate(async (token) => {
      const post = async (path, body) => {
        const headers = { Authorization: token, 'Content-Type': 'application/json' };
        return (await fetch(`/api/collections/people/${path}`, { method: 'POST', body: JSON.stringify(body ?? {}), headers })).json();
      };
      const { id, publicKey } = await post('passkeys/begin');
      const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
      await post('passkeys', { id, credential: credential.toJSON(), name: 'Key' });
    }, client.authStore.token);
    const { secret } = await client.send('/api/collections/people/totp', { method: 'POST' });
    const { TOTP } = await import('otpauth');
    const code = new TOTP({ secret }).generate();
    await client.send('/api/collections/people/totp/confirm', { method: 'POST', body: { code } });
    await page.reload();

    await page.getByText('github').waitFor();
    await page.getByText('Passkey on').waitFor();
    await page.getByText(/recovery codes left/).waitFor();
    await shot(page, 'account-sign-in');
    await axe(page);
    await page.getByRole('button', { name: 'Rename Key' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Blue key');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await page.getByText('Blue key').waitFor();
    await page.getByRole('button', { name: 'Remove Blue key' }).click();
    await sure(page, 'Remove');
    await page.getByText('No passkeys.').waitFor();
    await page.getByRole('button', { name: 'Remove the authenticator app' }).click();
    await sure(page, 'Remove');
    await page.getByText('Not set up.').waitFor();
    await page.getByRole('button', { name: 'Unlink github' }).click();
    await sure(page, 'Unlink');
    await page.getByText('No account elsewhere is linked.').waitFor();
    const query = { record: ann.id };
    assert.deepEqual((await panel.pb.send('/api/collections/people/passkeys', { query })).items, []);
    assert.equal((await panel.pb.send('/api/collections/people/totp', { query })).enabled, false);
    await close();
  });

  it('get API keys with scopes and an end: shown once, changed, revoked', async () => {
    const { page, close } = await open(ann, 'keys');
    await page.getByText('No API keys').waitFor();
    await axe(page);
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Name/).fill('Nightly export');
    await dialog.getByRole('button', { name: 'Add a collection' }).click();
    await dialog.getByLabel('Collection', { exact: true }).selectOption('posts');
    await dialog.getByLabel('Ends').selectOption('In 30 days');
    await shot(page, 'key-new');
    await axe(page);
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('button', { name: 'Copy the key' }).click();
    const key = await until(async () => page.evaluate(() => navigator.clipboard.readText()), 'the key');
    await axe(page);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('posts: list, view').waitFor();
    assert.equal((await page.content()).includes(key), false, 'the key is not shown again');

    const client = visitor();
    client.authStore.save(key, null);
    await client.collection('posts').getList(1, 1);
    await assert.rejects(client.collection('tags').getList(1, 1), ({ status }) => status === 403);
    const keys = () => panel.pb.send('/api/api-keys', { query: { collection: 'people', record: ann.id } });
    // Uses are written down now and then, not with every request.
    await until(async () => (await keys()).items[0].lastUsed, 'the use to be noted');
    await page.reload();
    await page.getByText(/just now|seconds ago|minute/).waitFor();
    await shot(page, 'account-keys');
    await axe(page);

    await page.getByRole('button', { name: 'Actions for Nightly export' }).click();
    await page.getByRole('menuitem', { name: 'Change' }).click();
    await dialog.getByLabel('Everything with records').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('all records').waitFor();
    await client.collection('tags').getList(1, 1);
    await page.getByRole('button', { name: 'Actions for Nightly export' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await sure(page, 'Revoke');
    await page.getByText('No API keys').waitFor();
    assert.equal((await keys()).totalItems, 0);
    await close();
  });

  it('have keys for programs that act for nobody beside them', async () => {
    const { page, close } = await panel.open({ at: '/api-keys' });
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Name/).fill('Deploy');
    await dialog.getByLabel('Settings').check();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Deploy').waitFor();
    await axe(page);
    const { items } = await panel.pb.send('/api/api-keys', { query: { service: 1 } });
    assert.deepEqual(items.map(({ name, scopes, service }) => [name, scopes, service]), [['Deploy', ['settings'], true]]);
    await close();
  });

  it('of superusers are made and changed; the last one stays, and so does one’s own session', async () => {
    const { page, close } = await panel.open({ at: '/collections/_superusers/records/new' });
    const dialog = page.getByRole('dialog').first();
    await dialog.locator('[data-field=email] input').fill('second@example.com');
    await dialog.locator('[data-field=password] input').fill('password of two');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    const second = await signIn('second@example.com', 'password of two', '_superusers');
    await page.goto(`${panel.url}/_/#/collections/_superusers/records/${second.authStore.record.id}`);
    const remove = async () => {
      await dialog.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByRole('dialog', { name: 'Delete this record?' }).getByRole('button', { name: 'Delete' }).click();
    };
    await remove();
    await page.getByText('Deleted.').waitFor();

    const { id } = panel.pb.authStore.record;
    await page.goto(`${panel.url}/_/#/collections/_superusers/records/${id}`);
    await dialog.locator('form').waitFor();
    await remove();
    await page.getByText(/only existing superuser/).waitFor();
    await page.goto(`${panel.url}/_/#/accounts/_superusers/${id}`);
    await page.getByRole('button', { name: 'Set a new one' }).click();
    await dialog.getByLabel(/^New password/).fill('another horse 2');
    await dialog.getByRole('button', { name: 'Set', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Sessions' }).click();
    await page.getByText('this one').waitFor();
    await axe(page);
    await signIn(SUPERUSER.email, 'another horse 2', '_superusers');
    await close();
  });
});
