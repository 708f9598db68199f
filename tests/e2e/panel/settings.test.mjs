// The settings: each page saves what it shows, keeps what it does not, and says what the server refuses.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { axe, shot, startPanel, until } from './panel.mjs';

let panel;
before(async () => (panel = await startPanel()));
after(() => panel?.stop());

const saved = (page) => page.getByText('All changes are saved').waitFor();
const save = async (page) => {
  await page.getByRole('button', { name: 'Save changes' }).click();
  await saved(page);
};

describe('settings', () => {
  it('name and colour of the app are saved, shown at once, and can be undone', async () => {
    const { page, close } = await panel.open({ at: '/settings' });
    const name = page.getByRole('textbox', { name: 'Name' });
    const before = await name.inputValue();
    await name.fill('Orchard');
    await page.getByText('Not saved yet').waitFor();
    await save(page);
    await until(async () => (await page.title()).endsWith('Orchard'), 'the title');
    assert.equal((await panel.pb.settings.getAll()).meta.appName, 'Orchard');
    await axe(page);
    await shot(page, 'settings-application');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await panel.pb.settings.getAll()).meta.appName === before, 'the old name');
    await close();
  });

  it('only what was typed is saved and undone; what others change meanwhile is shown, and stays', async () => {
    const { page, close } = await panel.open({ at: '/settings/application' });
    const address = page.getByRole('textbox', { name: 'Address' });
    const before = await address.inputValue();
    await address.fill('https://mine.example.com');
    await panel.pb.settings.update({ meta: { appName: 'Elsewhere' } });
    await until(async () => (await page.getByRole('textbox', { name: 'Name' }).inputValue()) === 'Elsewhere', 'what others saved');
    assert.equal(await address.inputValue(), 'https://mine.example.com');
    await save(page);
    let { meta } = await panel.pb.settings.getAll();
    assert.deepEqual([meta.appName, meta.appURL], ['Elsewhere', 'https://mine.example.com']);
    await panel.pb.settings.update({ meta: { appName: 'Again' } });
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await panel.pb.settings.getAll()).meta.appURL === before, 'the old address');
    ({ meta } = await panel.pb.settings.getAll());
    assert.equal(meta.appName, 'Again');
    await close();
  });

  it('what the server refuses stands at its field, and nothing is saved', async () => {
    const { page, close } = await panel.open({ at: '/settings/application' });
    await page.getByRole('textbox', { name: 'Address' }).fill('no address');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Must be a valid URL.', { exact: true }).waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Address' }).getAttribute('aria-invalid'), 'true');
    await axe(page);
    await page.getByRole('button', { name: 'Reset' }).click();
    await saved(page);
    await close();
  });

  it('how long tokens are good for is shown of all accounts, and leads to where it is changed', async () => {
    const { page, close } = await panel.open({ at: '/settings/tokens' });
    const row = page.getByRole('row', { name: /^users/ });
    await row.getByText('5 days').waitFor();
    await axe(page);
    await shot(page, 'settings-tokens');
    await row.getByRole('link', { name: 'Change the tokens of users' }).click();
    await page.getByLabel(/^Sign-in: valid for/).fill('3600');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await until(async () => (await panel.pb.collections.getOne('users')).authToken.duration === 3600, 'the new time');
    await close();
  });

  it('leaving with unsaved changes asks first', async () => {
    const { page, close } = await panel.open({ at: '/settings/application' });
    await page.getByRole('textbox', { name: 'Name' }).fill('Not kept');
    await page.getByRole('link', { name: 'Limits' }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard your changes?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Name' }).inputValue(), 'Not kept');
    await page.getByRole('link', { name: 'Limits' }).click();
    await dialog.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('heading', { name: 'Limits', level: 1 }).waitFor();
    await close();
  });

  it('a test mail arrives through the server that was set, and its password is kept without being shown', async () => {
    const mails = [];
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) => (password === 'hush' ? done(null, { user: username }) : done(new Error('wrong'))),
      onData(stream, session, done) {
        let text = '';
        stream.on('data', (chunk) => (text += chunk));
        stream.on('end', () => (mails.push({ text, user: session.user }), done()));
      },
    });
    await new Promise((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    const { page, close } = await panel.open({ at: '/settings/mail' });
    await page.getByRole('switch', { name: /Send by SMTP/ }).press('Space');
    await page.getByRole('textbox', { name: 'Host' }).fill('127.0.0.1');
    await page.getByRole('spinbutton', { name: 'Port' }).fill(String(smtp.server.address().port));
    await page.getByRole('textbox', { name: 'User name' }).fill('bak');
    await page.getByRole('button', { name: 'Replace: Password' }).click();
    await page.locator('input[autocomplete="new-password"]').fill('hush');
    await save(page);
    await page.getByText('Stays as it is; never shown').waitFor();
    await page.getByRole('textbox', { name: 'Name of this server' }).fill('bak.test');
    await save(page);
    const test = page.getByRole('form', { name: 'Test mail' });
    await test.getByRole('textbox', { name: 'To' }).fill('someone@example.com');
    await test.getByRole('button', { name: 'Send a test mail' }).click();
    await test.getByRole('status').waitFor();
    await until(() => mails.length === 1, 'the mail');
    assert.equal(mails[0].user, 'bak');
    assert.match(mails[0].text, /someone@example\.com/);
    await axe(page);
    await shot(page, 'settings-mail');
    await new Promise((resolve) => smtp.close(resolve));
    await test.getByRole('button', { name: 'Send a test mail' }).click();
    await test.getByRole('alert').waitFor();
    await close();
  });

  it('an S3 store is set and tested; a store that does not answer is told in its own words', async () => {
    const { page, close } = await panel.open({ at: '/settings/storage' });
    await page.getByRole('switch', { name: /Keep new files in S3/ }).press('Space');
    await page.getByRole('textbox', { name: 'Endpoint' }).fill('http://127.0.0.1:9');
    await page.getByRole('textbox', { name: 'Bucket' }).fill('files');
    await page.getByRole('textbox', { name: 'Region' }).fill('here');
    await page.getByRole('textbox', { name: 'Access key' }).fill('key');
    await page.getByRole('button', { name: 'Replace: Secret' }).click();
    await page.locator('input[autocomplete="new-password"]').fill('secret');
    await save(page);
    await page.getByText('bak files move --to s3').waitFor();
    await page.getByRole('button', { name: 'Test the store' }).click();
    await page.getByText(/Raw error|failed/i).first().waitFor();
    await axe(page);
    await shot(page, 'settings-storage');
    await page.getByRole('switch', { name: /Keep new files in S3/ }).press('Space');
    await save(page);
    await page.getByText('bak files move --to local').waitFor();
    await close();
  });

  it('rate limits and batches are set; a limit can be added and removed', async () => {
    const { page, close } = await panel.open({ at: '/settings/limits' });
    await page.getByRole('switch', { name: /Limit how often/ }).press('Space');
    const before = (await panel.pb.settings.getAll()).rateLimits.rules.length;
    await page.getByRole('button', { name: 'Add a limit' }).click();
    await page.getByRole('combobox', { name: 'For' }).last().fill('posts:list');
    await page.getByRole('combobox', { name: 'Whom' }).last().selectOption('@guest');
    await page.getByRole('textbox', { name: 'Without limits' }).fill('127.0.0.1\n10.0.0.0/8');
    await page.getByRole('switch', { name: /Allow several writes/ }).press('Space');
    await save(page);
    const { rateLimits, batch } = await panel.pb.settings.getAll();
    assert.deepEqual(rateLimits.rules.at(-1), { label: 'posts:list', audience: '@guest', duration: 10, maxRequests: 300 });
    assert.deepEqual(rateLimits.excludedIPs, ['127.0.0.1', '10.0.0.0/8']);
    assert.equal(batch.enabled, true);
    await axe(page);
    await shot(page, 'settings-limits');
    await page.getByRole('button', { name: 'Remove the limit posts:list' }).click();
    await page.getByRole('switch', { name: /Limit how often/ }).press('Space');
    await save(page);
    assert.equal((await panel.pb.settings.getAll()).rateLimits.rules.length, before);
    await close();
  });

  it('shows from where the server sees one, and takes headers of a proxy', async () => {
    const { page, close } = await panel.open({ at: '/settings/network' });
    await page.getByText('127.0.0.1').first().waitFor();
    const headers = page.getByRole('combobox', { name: /Headers with the client/ });
    await headers.fill('X-Real');
    await page.getByRole('option', { name: 'X-Real-IP' }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Where it holds several' }).selectOption('left');
    await save(page);
    assert.deepEqual((await panel.pb.settings.getAll()).trustedProxy, { headers: ['X-Real-IP'], useLeftmostIP: true });
    await axe(page);
    await shot(page, 'settings-network');
    await close();
  });

  it('channels are opened for whom they are meant', async () => {
    const { page, close } = await panel.open({ at: '/settings/realtime' });
    await page.getByRole('button', { name: 'Add a channel' }).click();
    await page.getByRole('textbox', { name: 'Pattern' }).fill('rooms/*');
    await page.getByRole('combobox', { name: 'Listen' }).selectOption('everyone');
    await page.getByRole('combobox', { name: 'Publish' }).selectOption('rule');
    await page.getByRole('switch', { name: /Show who is there/ }).press('Space');
    await save(page);
    const channel = (await panel.pb.settings.getAll()).realtime.channels.at(-1);
    assert.deepEqual(channel, { pattern: 'rooms/*', listenRule: '', publishRule: '@request.auth.id != ""', presence: true });
    await axe(page);
    await shot(page, 'settings-realtime');
    await close();
  });
});
