// What is around every page: side bar, palette, shortcuts, themes, phones; what a visit costs, and the policy it runs under.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import zlib from 'node:zlib';
import { axe, shot, startPanel, until } from './panel.mjs';

/** What the first visit of a signed-in superuser may load from the panel, compressed, in bytes. */
const FIRST_LOAD_MAX_BYTES = 200_000;

let panel;
before(async () => (panel = await startPanel()));
after(() => panel?.stop());

const ready = (page) => page.getByRole('navigation', { name: 'Panel' }).getByRole('link', { name: 'posts' }).waitFor();

describe('the shell', () => {
  it('lists the collections, folds away those of the system, and finds by name', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts' });
    await ready(page);
    const bar = page.getByRole('navigation', { name: 'Panel' });
    assert.equal(await bar.getByRole('link', { name: 'posts' }).getAttribute('aria-current'), 'page');
    assert.equal(await bar.getByRole('link', { name: '_superusers' }).isVisible(), false);
    await bar.getByText('System', { exact: true }).click();
    await bar.getByRole('link', { name: '_superusers' }).waitFor();
    await bar.getByRole('searchbox', { name: 'Find a collection' }).fill('peo');
    await until(async () => (await bar.getByRole('link', { name: 'tags' }).count()) === 0, 'other collections to vanish');
    await bar.getByRole('link', { name: 'people' }).click();
    await page.getByRole('heading', { name: 'people' }).waitFor();
    await until(async () => (await page.title()).startsWith('people'), 'the title');
    await axe(page);
    await close();
  });

  it('goes anywhere by the palette, with the keyboard alone', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts' });
    await ready(page);
    await page.keyboard.press('Control+k');
    const box = page.getByRole('combobox', { name: 'Search pages, collections and actions' });
    await box.waitFor();
    await shot(page, 'palette');
    await axe(page, { within: 'dialog[open]' });
    await page.keyboard.type('tag');
    await page.getByRole('option', { name: 'tags' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'tags' }).waitFor();
    await until(() => page.evaluate(() => document.activeElement?.id === 'page-title'), 'the focus on the title');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('nothing is called this');
    await page.getByText('Nothing is called that.').waitFor();
    await page.keyboard.press('Escape');
    await until(async () => !(await box.isVisible()), 'the palette to close');
    await close();
  });

  it('tells its shortcuts, and two keys lead to a page', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts' });
    await ready(page);
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await shot(page, 'shortcuts');
    await axe(page, { within: 'dialog[open]' });
    await page.keyboard.press('Escape');
    await until(async () => !(await page.getByRole('heading', { name: 'Keyboard shortcuts' }).isVisible()), 'the help to close');
    await page.evaluate(() => localStorage.setItem('bakend_last_collection', 'tags'));
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'tags' }).waitFor();
    await close();
  });

  it('leads past the side bar to the content', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts' });
    await ready(page);
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to the content' }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'page-title');
    await close();
  });

  it('is light or dark as the system or as one chose, also after a reload', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts', theme: 'light' });
    await ready(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await ground();
    assert.notEqual(light, dark);
    await page.getByRole('button', { name: /^Account and appearance/ }).click();
    await axe(page, { within: '[role=menu]:popover-open' });
    await page.getByRole('menuitemcheckbox', { name: 'Light' }).click();
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await ground(), light);
    await page.reload();
    await ready(page);
    assert.equal(await ground(), light);
    await close();
  });

  it("wears the app's name and colour, made readable", async () => {
    await panel.pb.settings.update({ meta: { appName: 'Blog & Co', accentColor: '#ffd400' } });
    const { page, close } = await panel.open({ at: '/collections/nowhere' });
    await page.getByText('There is no such collection').waitFor();
    await page.getByRole('link', { name: 'Blog & Co' }).waitFor();
    await axe(page);
    await shot(page, 'accent');
    await close();
    await panel.pb.settings.update({ meta: { appName: 'Acme', accentColor: '#1055c9' } });
  });

  it('has its side bar in a sheet on phones', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts', size: 'phone' });
    await page.getByRole('heading', { name: 'posts' }).waitFor();
    await page.getByRole('button', { name: 'Navigation' }).click();
    const sheet = page.getByRole('dialog', { name: 'Navigation' });
    await sheet.getByRole('link', { name: 'tags' }).waitFor();
    await axe(page, { within: 'dialog[open]' });
    await page.screenshot({ path: new URL('shots/sheet-phone.png', import.meta.url).pathname });
    await sheet.getByRole('link', { name: 'tags' }).click();
    await page.getByRole('heading', { name: 'tags' }).waitFor();
    await until(async () => !(await sheet.isVisible()), 'the sheet to close');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(overflow, 0, 'nothing sticks out at the side');
    await close();
  });

  it('says so when the server does not answer, and goes on when it does', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts', allow: ['ERR_FAILED', 'Failed to load resource'] });
    await ready(page);
    await page.route('**/api/collections/*/records*', (route) => route.abort());
    await page.getByRole('link', { name: 'tags' }).click();
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    await axe(page);
    await shot(page, 'unreachable');
    await page.unroute('**/api/collections/*/records*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('svelte').first().waitFor();
    await close();
  });
});

describe('a first visit', () => {
  it('loads less than 200 kB, and runs under a strict policy', async () => {
    const { page, context, close } = await panel.open({ at: '/login', signedIn: false });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await close();
    assert.ok(context);

    const visit = await panel.browser.newContext();
    const first = await visit.newPage();
    const sizes = new Map();
    first.on('response', async (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith('/_/')) return;
      sizes.set(pathname, (async () => compressed(pathname, await response.body()))());
    });
    const { token, record } = await panel.pb.collection('_superusers').authRefresh();
    await visit.addInitScript(([key, value]) => localStorage.setItem(key, value), ['bakend_panel_auth', JSON.stringify({ token, record })]);
    const answer = await first.goto(`${panel.url}/_/`);
    await ready(first);
    // The records are the last that comes; then nothing more is loaded.
    await first.getByRole('heading', { level: 1 }).waitFor();
    let seen = -1;
    await until(async () => {
      const isSettled = seen === sizes.size;
      seen = sizes.size;
      await new Promise((done) => setTimeout(done, 400));
      return isSettled && seen === sizes.size;
    }, 'the end of loading');
    const policy = answer.headers()['content-security-policy'];
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      assert.ok(policy.includes(part), `${part} in ${policy}`);
    }
    assert.ok(!/script-src[^;]*unsafe/.test(policy), policy);
    const all = await Promise.all(sizes.values());
    const sum = all.reduce((a, b) => a + b, 0);
    console.log(`first load: ${sizes.size} files, ${sum} bytes compressed`);
    assert.ok(sum < FIRST_LOAD_MAX_BYTES, `${sum} bytes in ${sizes.size} files`);
    await visit.close();
  });
});

/** What goes over the wire; fonts and pictures are compressed in themselves. */
const compressed = (name, body) => (/\.(woff2|png|webp)$/.test(name) ? body.length : zlib.gzipSync(body, { level: 6 }).length);
