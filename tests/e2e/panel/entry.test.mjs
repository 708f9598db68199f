// The way in: the installer's link, signing in by every way, forgotten passwords, links of mails and of other sites.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TOTP } from 'otpauth';
import { axe, shot, startPanel, SUPERUSER, until } from './panel.mjs';

describe('the first start', () => {
  let panel;
  before(async () => (panel = await startPanel({ superuser: false })));
  after(() => panel?.stop());

  it('makes the first superuser through the installer link, once', async () => {
    const token = panel.server.output().match(/\/(?:install|pbinstall)\/([\w.-]+)/)?.[1];
    assert.ok(token, panel.server.output());
    const { page, close } = await panel.open({
      at: `/pbinstall/${token}`,
      signedIn: false,
    });
    await page.getByRole('heading', { name: 'Create the first superuser' }).waitFor();
    await shot(page, 'install');
    await axe(page);

    await page.getByLabel('Email').fill(SUPERUSER.email);
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByLabel('The same again').fill('other');
    await page.getByRole('button', { name: 'Create and sign in' }).click();
    await page.getByRole('alert').first().waitFor();
    await axe(page);

    await page.getByLabel('Password', { exact: true }).fill(SUPERUSER.password);
    await page.getByLabel('The same again').fill(SUPERUSER.password);
    await page.getByRole('button', { name: 'Create and sign in' }).click();
    await page.getByRole('heading', { name: 'users' }).waitFor();
    await shot(page, 'fresh');
    await axe(page);
    await close();

    const again = await panel.open({
      at: `/pbinstall/${token}`,
      signedIn: false,
    });
    await again.page.getByText('This link does not work any more').waitFor();
    await shot(again.page, 'install-over');
    await axe(again.page);
    await again.close();
  });
});

describe('signing in', () => {
  let panel;
  before(async () => (panel = await startPanel()));
  after(() => panel?.stop());

  const password = async (page, text = SUPERUSER.password) => {
    await page.getByLabel('Email').fill(SUPERUSER.email);
    await page.getByLabel('Password', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };

  it('brings strangers to the sign-in and back to where they wanted', async () => {
    const { page, close } = await panel.open({
      at: '/collections/posts',
      signedIn: false,
    });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await shot(page, 'sign-in');
    await axe(page);
    await password(page, 'wrong password');
    await page.getByRole('alert').waitFor();
    await axe(page);
    await password(page);
    await page.getByRole('heading', { name: 'posts' }).waitFor();
    assert.match(page.url(), /#\/collections\/posts$/);

    await page.getByRole('button', { name: /^Account and appearance/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await close();
  });

  it('signs in again when the session was ended elsewhere', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts' });
    await page.getByRole('heading', { name: 'posts' }).waitFor();
    await panel.pb.send('/api/sessions', {
      method: 'DELETE',
      query: { others: true },
    });
    // The next request notices: one of the page that is opened now, or one of the first page that was still under way.
    const notice = page.getByText('Your session has ended');
    await Promise.race([page.getByRole('link', { name: 'tags' }).click(), notice.waitFor()]);
    await notice.waitFor();
    await axe(page);
    await password(page);
    await page.getByRole('heading', { name: /^(posts|tags)$/ }).waitFor();
    await close();
  });

  it('keeps what is not saved when the session was ended elsewhere, for the one whose it is', async () => {
    const other = { email: 'other@example.com', password: 'another horse 1' };
    await panel.pb.collection('_superusers').create({ ...other, passwordConfirm: other.password });
    const tag = await panel.pb.collection('tags').create({ name: 'Stored' });
    const again = (page) => page.getByRole('dialog', { name: 'Sign in again' });
    const end = () => panel.pb.send('/api/sessions', { method: 'DELETE', query: { others: true } });

    const { page, close } = await panel.open({ at: `/collections/tags/records/${tag.id}` });
    const box = page.getByRole('dialog').getByRole('textbox', { name: /^name/ });
    await box.fill('Typed');
    await end();
    await page.keyboard.press('Control+s');
    await again(page).getByLabel('Password', { exact: true }).waitFor();
    await axe(page);
    await page.keyboard.press('Escape');
    await again(page).getByLabel('Password', { exact: true }).fill(SUPERUSER.password);
    await page.keyboard.press('Enter');
    await again(page).waitFor({ state: 'detached' });
    assert.equal(await box.inputValue(), 'Typed');
    await page.keyboard.press('Control+s');
    await until(async () => (await panel.pb.collection('tags').getOne(tag.id)).name === 'Typed', 'what was typed');
    // What others do is heard again.
    await panel.pb.collection('tags').update(tag.id, { name: 'Theirs' });
    await until(async () => (await box.inputValue()) === 'Theirs', 'what others saved');

    // Whoever else signs in begins with what is stored.
    await box.fill('Secret of mine');
    await end();
    await page.keyboard.press('Control+s');
    await again(page).getByLabel('Email').fill(other.email);
    await again(page).getByLabel('Password', { exact: true }).fill(other.password);
    await page.keyboard.press('Enter');
    await again(page).waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'tags' }).first().waitFor();
    assert.equal(await page.locator('input').evaluateAll((all) => all.some(({ value }) => value.includes('Secret'))), false);
    assert.equal(await page.getByText('Secret of mine').count(), 0);
    await close();
  });

  it('keeps what was typed into a cell the same way', async () => {
    const tag = await panel.pb.collection('tags').create({ name: 'In a cell' });
    const { page, close } = await panel.open({ at: '/collections/tags' });
    const cell = page.locator('#cell-0-2');
    await cell.getByText('In a cell').hover();
    await cell.locator('button.edit').click();
    const box = page.getByRole('textbox', { name: 'name', exact: true });
    await box.fill('Typed');
    await panel.pb.send('/api/sessions', { method: 'DELETE', query: { others: true } });
    await page.keyboard.press('Enter');
    const again = page.getByRole('dialog', { name: 'Sign in again' });
    await again.getByLabel('Password', { exact: true }).fill(SUPERUSER.password);
    await page.keyboard.press('Enter');
    await again.waitFor({ state: 'detached' });
    assert.equal(await box.inputValue(), 'Typed');
    await box.press('Enter');
    await until(async () => (await panel.pb.collection('tags').getOne(tag.id)).name === 'Typed', 'what was typed');
    await close();
  });

  it('keeps what was to be written to many, and tells what was not', async () => {
    const again = async (page) => {
      const dialog = page.getByRole('dialog', { name: 'Sign in again' });
      await dialog.getByLabel('Password', { exact: true }).fill(SUPERUSER.password);
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
    };
    const end = () => panel.pb.send('/api/sessions', { method: 'DELETE', query: { others: true } });
    const { page, close } = await panel.open({ at: '/collections/tags' });
    await page.locator('#cell-0-0').getByRole('checkbox').click();
    await page.getByRole('toolbar').getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('combobox', { name: 'Fields to set' }).fill('name');
    await page.getByRole('option', { name: /^name/ }).click();
    await page.keyboard.press('Escape');
    const box = page.getByRole('dialog').getByLabel(/^name\*?$/);
    await box.fill('For many');
    await end();
    await page.getByRole('button', { name: 'Set in 1 record' }).click();
    await again(page);
    assert.equal(await box.inputValue(), 'For many');
    await page.getByRole('dialog').locator('footer').getByRole('button', { name: /Close|Cancel/ }).click();

    await page.getByRole('button', { name: 'Import, export, API' }).click();
    await page.getByRole('menuitem', { name: 'Import' }).click();
    await page.locator('input[type=file]').setInputFiles({ name: 'a.csv', mimeType: 'text/plain', buffer: Buffer.from('name\nnew\n') });
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('1 record will be created').waitFor();
    await end();
    await page.getByRole('button', { name: 'Import 1 record' }).click();
    await again(page);
    await page.getByText('0 records created, 0 updated, 1 record not taken.').waitFor();
    await close();
  });

  it('keeps drafts of settings and collections the same way, or lets them go when asked', async () => {
    const again = (page) => page.getByRole('dialog', { name: 'Sign in again' });
    const end = () => panel.pb.send('/api/sessions', { method: 'DELETE', query: { others: true } });
    for (const [at, label, shown] of [
      ['/settings/application', 'Address', 'https://typed.example.com'],
      ['/collections/tags/edit', 'Name', 'typed'],
    ]) {
      const { page, close } = await panel.open({ at });
      const box = page.getByRole('textbox', { name: label, exact: true }).first();
      await box.fill(shown);
      await end();
      // Coming back to the window notices the end.
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await again(page).getByLabel('Password', { exact: true }).fill(SUPERUSER.password);
      await page.keyboard.press('Enter');
      await again(page).waitFor({ state: 'detached' });
      assert.equal(await box.inputValue(), shown);
      await end();
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await again(page).getByRole('button', { name: 'Discard what is not saved' }).click();
      await page.getByRole('dialog', { name: 'Discard your changes?' }).getByRole('button', { name: 'Discard' }).click();
      await page.waitForURL(/#\/login$/);
      await close();
    }
  });

  it('never tells whether an account exists when a password was forgotten', async () => {
    const { page, close } = await panel.open({ at: '/login', signedIn: false });
    const said = [];
    for (const email of [SUPERUSER.email, 'nobody@example.com']) {
      await page.goto(`${panel.url}/_/#/login`);
      await page.getByRole('link', { name: 'Forgotten?' }).click();
      // Both pages ask for an email; the right one is meant.
      await page.getByRole('heading', { name: 'Forgotten password' }).waitFor();
      await page.getByLabel('Email').fill(email);
      if (email === SUPERUSER.email) await axe(page);
      await page.getByRole('button', { name: 'Send the link' }).click();
      said.push((await page.getByRole('status').filter({ hasText: 'superuser' }).textContent()).replace(email, 'X'));
    }
    assert.equal(said[0], said[1]);
    await shot(page, 'forgotten');
    await close();
  });

  it('asks for a second factor when the superusers have one', async () => {
    await panel.pb.collections.update('_superusers', {
      mfa: { enabled: true, duration: 600, rule: '' },
      otp: { enabled: true, duration: 300, length: 8 },
      totp: { enabled: true },
    });
    try {
      const { page, close } = await panel.open({
        at: '/login',
        signedIn: false,
      });
      await password(page);
      await page.getByRole('heading', { name: 'One more step' }).waitFor();
      await shot(page, 'second-factor');
      await axe(page);
      await page.getByRole('button', { name: 'Code by mail' }).click();
      await page.getByRole('button', { name: 'Send me a code' }).click();
      // Without a mail server the mail is printed.
      const code = await until(() => panel.server.output().match(/\b(\d{8})\b(?![\s\S]*\b\d{8}\b)/)?.[1], 'the mail with the code');
      await page.getByLabel('One-time code').fill('00000000');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('One-time code').fill(code);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('navigation', { name: 'Panel' }).waitFor();
      await close();
    } finally {
      await panel.pb.collections.update('_superusers', {
        mfa: { enabled: false },
        otp: { enabled: false },
        totp: { enabled: false },
      });
    }
  });

  it('takes the code of an authenticator app as the second factor', async () => {
    // Who has an app is asked for its code, also where MFA is off.
    await panel.pb.collections.update('_superusers', { totp: { enabled: true } });
    try {
      const { secret } = await panel.pb.send('/api/collections/_superusers/totp', { method: 'POST' });
      const code = (step = 0) => new TOTP({ secret }).generate({ timestamp: Date.now() + step * 30_000 });
      await panel.pb.send('/api/collections/_superusers/totp/confirm', { method: 'POST', body: { code: code() } });
      const { page, close } = await panel.open({ at: '/login', signedIn: false });
      await password(page);
      // The only other way needs no choice.
      const field = page.getByLabel('Code of your authenticator app');
      await field.fill('000000');
      await axe(page);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
      // Each code is good once; the next one is taken a little early.
      await field.fill(code(1));
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('navigation', { name: 'Panel' }).waitFor();
      await close();
    } finally {
      await panel.pb.collections.update('_superusers', { totp: { enabled: false } });
    }
  });

  it('begins with a mailed code and goes on with the password', async () => {
    // Superusers who get codes by mail need a second factor; the server sees to that.
    await panel.pb.collections.update('_superusers', { otp: { enabled: true, duration: 300, length: 9 } });
    try {
      const { page, close } = await panel.open({ at: '/login', signedIn: false });
      await page.getByLabel('Email').fill(SUPERUSER.email);
      await page.getByRole('button', { name: 'Mail me a code' }).click();
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
      await axe(page);
      const code = await until(() => panel.server.output().match(/\b(\d{9})\b(?![\s\S]*\b\d{9}\b)/)?.[1], 'the mail with the code');
      await page.getByLabel('One-time code').fill(code);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('heading', { name: 'One more step' }).waitFor();
      assert.equal(await page.getByLabel('Email').inputValue(), SUPERUSER.email);
      await axe(page);
      await page.getByLabel('Password', { exact: true }).fill(SUPERUSER.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('navigation', { name: 'Panel' }).waitFor();
      await close();
    } finally {
      await panel.pb.collections.update('_superusers', { mfa: { enabled: false }, otp: { enabled: false } });
    }
  });

  it('signs in with a passkey', async () => {
    const { page, context, close } = await panel.open({
      at: '/login',
      signedIn: false,
    });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    // Only now, so that the page does not ask for a passkey while one is made.
    await panel.pb.settings.update({ meta: { appURL: panel.url } });
    await panel.pb.collections.update('_superusers', {
      passkey: { enabled: true },
    });
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    const { token } = await panel.pb.collection('_superusers').authWithPassword(SUPERUSER.email, SUPERUSER.password);
    await page.evaluate(async (token) => {
      const post = async (path, body) =>
        (
          await fetch(`/api/collections/_superusers/${path}`, {
            method: 'POST',
            body: JSON.stringify(body ?? {}),
            headers: {
              Authorization: token,
              'Content-Type': 'application/json',
            },
          })
        ).json();
      const { id, publicKey } = await post('passkeys/begin');
      const credential = await navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
      });
      await post('passkeys', {
        id,
        credential: credential.toJSON(),
        name: 'Test',
      });
    }, token);
    // The browser's suggestion is taken at once, as by somebody who touches the sensor.
    await page.reload();
    const signedIn = page.getByRole('navigation', { name: 'Panel' });
    await signedIn.waitFor();
    // Where the browser suggests none, there is the button.
    await page.addInitScript(() => (PublicKeyCredential.isConditionalMediationAvailable = async () => false));
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    const button = page.getByRole('button', { name: 'Use a passkey' });
    await button.waitFor();
    await shot(page, 'passkey');
    await button.click();
    await signedIn.waitFor();
    await close();
  });

  it('leads on from the links of mails and of other sites', async () => {
    const { page, close } = await panel.open({
      at: '/auth/confirm-verification/some.bad-token',
      signedIn: false,
    });
    await page.waitForURL(/\/_\/auth\/confirm-verification\/some\.bad-token$/);
    await close();
    for (const [end, text] of [
      ['success', 'You are signed in'],
      ['failure', 'did not succeed'],
      ['elsewhere', 'nothing at this address'],
    ]) {
      const { page, close } = await panel.open({
        at: `/auth/${end === 'elsewhere' ? end : `oauth2-redirect-${end}`}`,
        signedIn: false,
      });
      await page.getByText(text).waitFor();
      await axe(page);
      await close();
    }
  });
});
