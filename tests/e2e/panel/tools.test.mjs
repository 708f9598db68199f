// The diagram of the relations, the API preview and the realtime inspector: what they show is what the server has, gives and tells.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import PocketBase from 'pocketbase';
import { BAK_BIN, runOk, tempFolder } from '../harness.mjs';
import { axe, shot, startPanel, until } from './panel.mjs';

const TSC = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../node_modules/.bin/tsc');

let panel;
before(async () => (panel = await startPanel()));
after(() => panel?.stop());

describe('the diagram', () => {
  it('draws each collection once, with its relations, and reads as a table too', async () => {
    const { page, close } = await panel.open({ at: '/schema' });
    const own = (await panel.pb.collections.getFullList()).filter(({ system }) => !system);
    const relations = own.flatMap(({ fields }) => fields.filter(({ type }) => type === 'relation'));
    assert.ok(relations.length > 0);
    for (const { name } of own) await page.getByRole('link', { name: new RegExp(`^${name}\\b`) }).last().waitFor();
    // What is drawn can be saved.
    await page.locator('button:enabled', { hasText: 'Save' }).waitFor();
    await axe(page);
    await shot(page, 'diagram');

    await page.getByRole('tab', { name: 'Table' }).click();
    const table = page.getByRole('table', { name: 'Relations' });
    await until(async () => (await table.locator('tbody tr').count()) === relations.length, 'a row for each relation');
    await table.getByRole('row', { name: /posts author/ }).getByRole('link', { name: 'posts' }).waitFor();
    assert.match(page.url(), /view=table/);
    await axe(page);
    await shot(page, 'diagram-table');
    await page.getByRole('switch', { name: 'System' }).press('Space');
    await until(() => page.url().includes('system=true'), 'the address');
    await close();
  });

  it('is saved as a picture', async () => {
    const { page, close } = await panel.open({ at: '/schema' });
    for (const [kind, begins] of [['SVG', '<svg'], ['PNG', '\x89PNG']]) {
      await page.getByRole('button', { name: 'Save' }).click();
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: kind }).click()]);
      assert.equal(file.suggestedFilename(), `schema.${kind.toLowerCase()}`);
      const bytes = fs.readFileSync(await file.path());
      assert.ok(bytes.toString('latin1').includes(begins), kind);
      if (kind === 'SVG') assert.ok(bytes.toString().includes('posts'), 'names are in it');
    }
    await close();
  });
});

describe('the API preview', () => {
  it('has the requests of a collection, from its fields and rules, and they work as they stand', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts/api' });
    await page.getByRole('heading', { name: 'List and search' }).waitFor();
    const { listRule } = await panel.pb.collections.getOne('posts');
    await page.getByText(`who meets the rule: ${listRule}`).waitFor();
    await axe(page);
    await shot(page, 'api-preview');

    await page.getByRole('tab', { name: 'curl' }).click();
    const code = () => page.getByLabel('Request', { exact: true }).last().innerText();
    await until(async () => (await code()).includes('curl'), 'the command');
    const command = (await code()).replaceAll(/http:\/\/[^/']+/g, panel.server.url);
    const answer = JSON.parse(execFileSync('bash', ['-c', command], { env: { ...process.env, TOKEN: panel.pb.authStore.token }, stdio: ['ignore', 'pipe', 'ignore'] }));
    assert.ok(Array.isArray(answer.items), JSON.stringify(answer));

    await page.getByRole('tab', { name: 'JavaScript' }).click();
    await until(async () => (await code()).includes('getFullList'), 'the code');
    const body = (await code()).replace(/^import .*$/m, '').replace(/new PocketBase\([^)]*\)/, `new PocketBase(${JSON.stringify(panel.server.url)})`);
    assert.match(body, /const pb = new PocketBase/);
    const AsyncFunction = (async () => {}).constructor;
    const records = await new AsyncFunction('PocketBase', `${body}\nreturn records;`)(PocketBase);
    assert.ok(Array.isArray(records));
    await close();
  });

  it('has every request for the generated client, and all of them compile and work as they stand', async () => {
    const on = { enabled: true };
    await panel.pb.collections.update('people', { otp: on, passkey: on, totp: on, mfa: on });
    const folder = tempFolder('preview');
    const programs = new Map();
    for (const collection of ['posts', 'people', 'authors']) {
      const { page, close } = await panel.open({ at: `/collections/${collection}/api` });
      await page.getByRole('tab', { name: 'TypeScript' }).click();
      await page.getByText('bak sdk ts --out src/bakend', { exact: true }).waitFor();
      if (collection === 'people') {
        await axe(page);
        await shot(page, 'api-preview-typescript');
      }
      for (const link of await page.getByRole('navigation', { name: 'Endpoints' }).getByRole('link').all()) {
        const title = await link.innerText();
        await link.click();
        const article = page.getByRole('article', { name: title, exact: true });
        const code = (await article.getByLabel('Request', { exact: true }).innerText()).replaceAll(/http:\/\/[^/']+/g, panel.server.url);
        assert.match(code, /^\/\/ bak sdk ts --out src\/bakend\nimport \{ createClient/);
        programs.set(`${collection}: ${title}`, code);
      }
      await close();
    }
    assert.ok(programs.size > 35, `${programs.size} requests`);
    for (const title of ['people: Add a passkey', 'people: Sign in with a code', 'posts: Batch', 'authors: View']) assert.ok(programs.has(title), title);

    runOk(BAK_BIN, ['sdk', 'ts', '--out', path.join(folder, 'bakend'), '--dir', panel.server.dir]);
    const compilerOptions = { target: 'ES2022', module: 'ES2022', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [], strict: true, outDir: 'out' };
    fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
    const names = [...programs.keys()];
    names.forEach((name, at) => fs.writeFileSync(path.join(folder, `${at}.ts`), programs.get(name)));
    try {
      execFileSync(TSC, ['-p', folder], { encoding: 'utf8' });
    } catch (error) {
      assert.fail(error.stdout.replaceAll(/^.*?(\d+)\.ts/gm, (_, at) => names[at]));
    }
    // Those that need neither an account nor a record of their own.
    for (const [name, shown] of [
      ['posts: List and search', 'page.items.length > 0 && first.id !== undefined'],
      ['authors: List and search', 'page.totalItems === 2'],
      ['people: Ways to sign in', 'methods.passkey.enabled'],
      ['people: Begin with a passkey', 'result.publicKey.challenge.length > 10'],
      ['people: Request a one-time password', 'result.otpId.length > 10'],
    ]) {
      const file = path.join(folder, 'out', `${names.indexOf(name)}.js`);
      fs.appendFileSync(file, `\nconsole.log('so it is:', ${shown});\n`);
      assert.match(execFileSync(process.execPath, [file], { encoding: 'utf8' }), /so it is: true/, name);
    }
  });

  it('asks for passkeys and codes of apps with the official SDK and curl too, as they stand', async () => {
    await panel.pb.collections.update('people', { passkey: { enabled: true }, totp: { enabled: true } });
    const { page, close } = await panel.open({ at: '/collections/people/api?endpoint=begin-auth-with-passkey' });
    const code = () => page.getByLabel('Request', { exact: true }).last().innerText();
    await until(async () => (await code()).includes('pb.send'), 'the code');
    const body = (await code()).replace(/^import .*$/m, '').replace(/new PocketBase\([^)]*\)/, `new PocketBase(${JSON.stringify(panel.server.url)})`);
    const AsyncFunction = (async () => {}).constructor;
    const asked = await new AsyncFunction('PocketBase', `${body}\nreturn result;`)(PocketBase);
    assert.ok(asked.publicKey.challenge, JSON.stringify(asked));

    await page.getByRole('link', { name: 'Authenticator app', exact: true }).click();
    await page.getByRole('tab', { name: 'curl' }).click();
    await until(async () => (await code()).includes('/totp'), 'the command');
    const ann = await new PocketBase(panel.server.url).collection('people').create({ email: 'totp@example.com', password: 'password1', passwordConfirm: 'password1' });
    const { token } = await panel.pb.collection('people').impersonate(ann.id, 60).then(({ authStore }) => authStore);
    const command = (await code()).replaceAll(/http:\/\/[^/']+/g, panel.server.url);
    const answer = JSON.parse(execFileSync('bash', ['-c', command], { env: { ...process.env, TOKEN: token }, stdio: ['ignore', 'pipe', 'ignore'] }));
    assert.deepEqual([answer.enabled, answer.recoveryCodesLeft], [false, 0]);
    await close();
  });

  it('has every endpoint of accounts, and only reading for views', async () => {
    const { page, close } = await panel.open({ at: '/collections/people/api' });
    const list = page.getByRole('navigation', { name: 'Endpoints' });
    for (const group of ['Records', 'Sign-in', 'Account', 'More']) await list.getByRole('heading', { name: group }).waitFor();
    const links = await list.getByRole('link').all();
    assert.ok(links.length > 12, `${links.length} endpoints`);
    for (const link of links) {
      const title = await link.innerText();
      await link.click();
      await page.getByRole('article', { name: title, exact: true }).waitFor();
      assert.match(await page.locator('article code').first().innerText(), /^\/api\//);
    }
    await axe(page);
    const { page: views, close: closeViews } = await panel.open({ at: '/collections/authors/api', size: 'phone' });
    const picker = views.getByRole('combobox', { name: 'Endpoint' });
    await picker.waitFor();
    const titles = await picker.locator('option').allInnerTexts();
    assert.ok(titles.includes('View') && !titles.includes('Create') && !titles.includes('Delete'), titles.join());
    await axe(views);
    await closeViews();
    await close();
  });
});

describe('the realtime inspector', () => {
  it('shows events as they happen, with their numbers, in order', async () => {
    const { page, close } = await panel.open({ at: '/realtime' });
    await page.getByText('Nothing subscribed yet').waitFor();
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
    await page.getByText('Write a topic').waitFor();
    await page.getByLabel('Topic').fill('posts/*');
    await page.getByLabel('Fields (optional)').fill('id,title');
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
    await page.getByRole('list', { name: 'Subscriptions' }).getByText('posts/*').waitFor();
    await page.getByText('Connected', { exact: true }).waitFor();

    // Of a record that is gone by the time its changes are told, only the end is: each is waited for.
    const events = page.getByRole('list', { name: 'Events, the newest first' }).getByRole('listitem');
    const heard = (count) => until(async () => (await events.count()) === count, `event ${count}`);
    const { id } = await panel.pb.collection('posts').create({ title: 'Heard at once', views: 1 });
    await heard(1);
    await panel.pb.collection('posts').update(id, { title: 'Heard again' });
    await heard(2);
    await panel.pb.collection('posts').delete(id);
    await heard(3);
    const told = await events.locator('summary').allInnerTexts();
    assert.deepEqual(told.map((text) => text.match(/create|update|delete/)[0]), ['delete', 'update', 'create']);
    const numbers = told.map((text) => Number(text.match(/#(\d+)/)[1]));
    assert.ok(numbers[0] > numbers[1] && numbers[1] > numbers[2], numbers.join());
    assert.ok(!told.join().includes('views'), 'only the fields that were asked for');
    await events.last().locator('summary').click();
    await page.getByRole('tree', { name: 'Event' }).or(page.getByLabel('Event', { exact: true })).first().waitFor();
    await axe(page);
    await shot(page, 'realtime');

    await page.getByRole('button', { name: 'Pause' }).click();
    await panel.pb.collection('posts').create({ title: 'While paused' });
    await page.getByRole('button', { name: 'Go on (1 new)' }).click();
    await page.getByText('While paused').waitFor();
    await page.getByLabel('Find in events').fill('no such text');
    await page.getByText('Nothing found').waitFor();
    await page.getByLabel('Find in events').fill('');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Events are listed here as they happen.').waitFor();
    await page.getByRole('button', { name: 'Unsubscribe from posts/*' }).click();
    await page.getByText('Nothing subscribed yet').waitFor();
    await close();
  });

  it('hears of collections and settings, from a link with its topic', async () => {
    const { page, close } = await panel.open({ at: '/realtime?topic=%40system%2F*' });
    await page.getByRole('list', { name: 'Subscriptions' }).getByText('@system/*').waitFor();
    await page.getByText('Connected', { exact: true }).waitFor();
    await panel.pb.collections.create({ name: 'heard_of', type: 'base', fields: [{ name: 'title', type: 'text' }] });
    await page.getByText('heard_of').first().waitFor();
    await panel.pb.settings.update({ meta: { appName: 'Heard of' } });
    await page.getByLabel('Find in events').fill('Heard of');
    await until(async () => (await page.getByRole('list', { name: 'Events, the newest first' }).locator('summary').count()) === 1, 'the settings');
    await panel.pb.settings.update({ meta: { appName: 'Acme' } });
    await close();
  });
});
