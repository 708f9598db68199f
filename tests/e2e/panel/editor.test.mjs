// The record's drawer: every type of field is edited as a person would, and looked up in the API.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import PocketBase from 'pocketbase';
import { axe, shot, startPanel, until } from './panel.mjs';

/** A red dot. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==',
  'base64',
);

describe('the record editor', () => {
  let panel;
  let posts;
  before(async () => {
    panel = await startPanel();
    posts = await panel.pb.collection('posts').getFullList({ sort: 'created' });
  });
  after(() => panel?.stop());

  /** A client that nobody is signed in to. */
  const visitor = () => new PocketBase(panel.server.url);
  const stored = (id, options) => panel.pb.collection('posts').getOne(id, options);

  /** Opens a record's drawer by its address. */
  async function drawer(id, { collection = 'posts', ...how } = {}) {
    const opened = await panel.open({ at: `/collections/${collection}/records/${id}`, ...how });
    const dialog = opened.page.getByRole('dialog').first();
    await dialog.locator('form, [role=alert]').first().waitFor();
    return { ...opened, dialog };
  }
  const field = (dialog, name) => dialog.locator(`[data-field="${name}"]`);
  /** The control of a field; the label may have a star. */
  const control = (dialog, name) => field(dialog, name).getByLabel(new RegExp(`^${name}\\*?$`));

  it('numbers in JSON that a browser would round stay as they are stored', async () => {
    const id = 'exactnumbers001';
    const meta = '{"big":12345678901234567890,"other":1}';
    const { token } = panel.pb.authStore;
    const at = `${panel.server.url}/api/collections/posts/records`;
    const headers = { Authorization: token, 'Content-Type': 'application/json' };
    const text = async () => (await fetch(`${at}/${id}?fields=meta`, { headers })).text();
    await fetch(at, { method: 'POST', headers, body: `{"id":"${id}","title":"Exact","meta":${meta}}` });
    assert.equal(await text(), `{"meta":${meta}}`);

    const { page, dialog, close } = await drawer(id);
    const json = control(dialog, 'meta');
    assert.match(await json.inputValue(), /12345678901234567890/);
    await json.fill((await json.inputValue()).replace('"other": 1', '"other": 2'));
    await page.keyboard.press('Control+s');
    await until(async () => (await text()) === `{"meta":${meta.replace('"other":1', '"other":2')}}`, 'the other key');
    await dialog.locator('footer').getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await text()) === `{"meta":${meta}}`, 'what was there');
    // Heard from elsewhere, by a way that rounds.
    await fetch(`${at}/${id}`, { method: 'PATCH', headers, body: '{"meta":{"big":12345678901234567891}}' });
    await until(async () => /12345678901234567891/.test(await json.inputValue()), 'the new number');
    await close();
  });

  it('creates a record with a value of every type', async () => {
    const { page, dialog, close } = await drawer('new');
    await dialog.getByRole('heading', { name: 'New in posts' }).waitFor();
    await dialog.locator('.rich').waitFor();
    await control(dialog, 'title').fill('Made by hand');
    await dialog.locator('.rich').click();
    await page.keyboard.type('Plain and ');
    await page.keyboard.press('Control+b');
    await page.keyboard.type('bold');
    await control(dialog, 'views').fill('42');
    await dialog.getByRole('switch', { name: 'published' }).press('Space');
    await control(dialog, 'at').fill('2026-03-04T05:06:07');
    await control(dialog, 'kind').selectOption('essay');
    await control(dialog, 'link').fill('https://example.com/x');
    await control(dialog, 'mail').fill('someone@example.com');
    await control(dialog, 'meta').fill('{"deep":[1,2,{"x":null}]}');
    await dialog.getByLabel('Latitude').fill('48.137');
    await dialog.getByLabel('Longitude').fill('11.575');
    await dialog.locator('input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: PNG });
    await field(dialog, 'docs').getByText('dot.png').waitFor();
    await shot(page, 'record-new');
    await axe(page, { within: 'dialog' });
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Created.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await page.waitForURL(/#\/collections\/posts$/);

    const made = await panel.pb.collection('posts').getFirstListItem('title = "Made by hand"');
    assert.equal(made.body, '<p>Plain and <strong>bold</strong></p>');
    assert.equal(made.views, 42);
    assert.equal(made.published, true);
    assert.equal(made.kind, 'essay');
    assert.equal(made.link, 'https://example.com/x');
    assert.equal(made.mail, 'someone@example.com');
    assert.deepEqual(made.meta, { deep: [1, 2, { x: null }] });
    assert.deepEqual(made.place, { lon: 11.575, lat: 48.137 });
    assert.equal(made.docs.length, 1);
    await close();
  });

  it('saves with Ctrl+S, sends only what changed, and takes it back', async () => {
    const { page, dialog, close } = await drawer(posts[0].id);
    const sent = [];
    page.on('request', (request) => request.method() === 'PATCH' && sent.push(request.postDataJSON()));
    await control(dialog, 'title').fill('Another title');
    await dialog.getByText('1 change', { exact: true }).waitFor();
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    assert.deepEqual(sent, [{ title: 'Another title' }]);
    assert.equal((await stored(posts[0].id)).title, 'Another title');
    await dialog.getByRole('heading', { name: 'Another title' }).waitFor();
    await dialog.locator('footer').getByRole('button', { name: 'Undo', exact: true }).click();
    await until(async () => (await stored(posts[0].id)).title === posts[0].title, 'the old title');
    await until(async () => (await control(dialog, 'title').inputValue()) === posts[0].title, 'the old title in the form');

    const views = control(dialog, 'views');
    await views.fill('');
    await page.keyboard.press('Control+s');
    await until(async () => (await stored(posts[0].id)).views === 0, 'no views');
    await dialog.locator('footer').getByRole('button', { name: 'Undo', exact: true }).click();
    await until(async () => (await views.inputValue()) === String(posts[0].views), 'the old number in the form');
    await close();
  });

  it('keeps what is typed while it is saved', async () => {
    const { id, title, link } = posts[1];
    const { page, dialog, close } = await drawer(id);
    let release;
    const held = new Promise((done) => (release = done));
    await page.route(/\/records\//, async (route) => {
      if (route.request().method() === 'PATCH') await held;
      await route.continue();
    });
    await control(dialog, 'title').fill('Sent');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await control(dialog, 'title').fill('Sent and more');
    await control(dialog, 'link').fill('https://example.com/typed');
    const answered = page.waitForResponse((response) => response.request().method() === 'PATCH');
    release();
    await answered;
    // What is still being saved is not saved again.
    const save = dialog.getByRole('button', { name: 'Save', exact: true });
    await until(async () => (await save.isEnabled()) && (await save.getAttribute('aria-busy')) !== 'true', 'the end of saving');
    await dialog.getByText('2 changes', { exact: true }).waitFor();
    assert.equal((await stored(id)).title, 'Sent');
    assert.equal(await control(dialog, 'title').inputValue(), 'Sent and more');
    await page.keyboard.press('Control+s');
    await dialog.getByText('Saved.').waitFor();
    const { title: now, link: linked } = await stored(id);
    assert.deepEqual([now, linked], ['Sent and more', 'https://example.com/typed']);
    await close();
    await panel.pb.collection('posts').update(id, { title, link });
  });

  it('asks before unsaved changes are thrown away', async () => {
    const { page, dialog, close } = await drawer(posts[1].id);
    await control(dialog, 'title').fill('Never saved');
    await page.keyboard.press('Escape');
    const question = page.getByRole('dialog', { name: 'Discard your changes?' });
    await question.waitFor();
    await axe(page, { within: 'dialog:last-of-type' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    assert.equal(await control(dialog, 'title').inputValue(), 'Never saved');
    await page.keyboard.press('Escape');
    await question.getByRole('button', { name: 'Discard' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await stored(posts[1].id)).title, posts[1].title);
    await close();
  });

  it('asks too when one goes elsewhere, goes back or loads the page again', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts' });
    await page.getByText(posts[1].title, { exact: true }).click();
    const dialog = page.getByRole('dialog').first();
    await dialog.locator('form').waitFor();
    const question = page.getByRole('dialog', { name: 'Discard your changes?' });
    const title = control(dialog, 'title');
    const ask = async (leave, answer) => {
      await leave();
      await question.waitFor();
      await question.getByRole('button', { name: answer }).click();
      await question.waitFor({ state: 'detached' });
    };
    const back = () => page.evaluate(() => history.back());
    const go = () => page.evaluate(() => Object.assign(document.querySelector('dialog').appendChild(document.createElement('a')), { href: '#/rules' }).click());

    await title.click();
    await title.fill('Never saved');
    for (const leave of [back, go]) {
      await ask(leave, 'Cancel');
      assert.equal(await title.inputValue(), 'Never saved');
      assert.match(page.url(), new RegExp(`/records/${posts[1].id}`));
    }
    const warned = new Promise((done) => page.once('dialog', (asked) => done(asked.dismiss().then(() => asked.type()))));
    page.evaluate(() => location.reload()).catch(() => undefined);
    assert.equal(await warned, 'beforeunload');
    assert.equal(await title.inputValue(), 'Never saved');

    await ask(back, 'Discard');
    await dialog.waitFor({ state: 'detached' });
    await page.waitForURL(/#\/collections\/posts$/);
    await page.goForward();
    await until(async () => (await title.inputValue()) === posts[1].title, 'what is stored');
    await title.fill('Never saved either');
    await ask(go, 'Discard');
    await page.waitForURL(/#\/rules/);
    assert.equal((await stored(posts[1].id)).title, posts[1].title);
    await close();
  });

  it('shows what the server refuses at its field', async () => {
    const { page, dialog, close } = await drawer(posts[1].id);
    await control(dialog, 'title').fill('');
    await control(dialog, 'link').fill('no address');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await field(dialog, 'title').getByText('Cannot be blank.').waitFor();
    await field(dialog, 'link').getByText('Must be a valid url.').waitFor();
    assert.equal(await control(dialog, 'title').getAttribute('aria-invalid'), 'true');
    await shot(page, 'record-faults');
    await axe(page, { within: 'dialog' });
    await close();
  });

  it('says where JSON is wrong, and does not send it', async () => {
    const { page, dialog, close } = await drawer(posts[1].id);
    const meta = control(dialog, 'meta');
    await meta.fill('{\n  "a": 1,\n  "b" 2\n}');
    await field(dialog, 'meta').getByText('Line 3, column 7: a colon is expected.').first().waitFor();
    await field(dialog, 'meta').getByRole('button', { name: 'Show' }).click();
    assert.equal(await meta.evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd)), '2');
    await axe(page, { within: 'dialog' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Not saved yet').waitFor();
    await meta.fill('{"a":1,"b":2}');
    await field(dialog, 'meta').getByRole('button', { name: 'Tidy up' }).click();
    assert.equal(await meta.inputValue(), '{\n  "a": 1,\n  "b": 2\n}');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    assert.deepEqual((await stored(posts[1].id)).meta, { a: 1, b: 2 });
    await close();
  });

  it('shows dates on the reader’s clock and in UTC', async () => {
    const { page, context, dialog, close } = await drawer(posts[2].id);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Emulation.setTimezoneOverride', { timezoneId: 'Europe/Berlin' });
    await page.reload();
    const at = control(dialog, 'at');
    await at.fill('2026-07-01T12:00:00');
    await field(dialog, 'at').getByText('2026-07-01 10:00:00.000Z in UTC').waitFor();
    await dialog.getByLabel('Time zone of at').selectOption('utc');
    assert.match(await at.inputValue(), /^2026-07-01T10:00/);
    await field(dialog, 'at').getByText('2026-07-01 12:00:00 here (UTC+2)').waitFor();
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    assert.equal((await stored(posts[2].id)).at, '2026-07-01 10:00:00.000Z');
    await field(dialog, 'at').getByRole('button', { name: 'Clear' }).click();
    await page.keyboard.press('Control+s');
    await until(async () => (await stored(posts[2].id)).at === '', 'no date');
    await close();
  });

  it('takes a pasted point apart, and refuses one outside of the earth', async () => {
    const { page, dialog, close } = await drawer(posts[3].id);
    await page.evaluate(() => navigator.clipboard.writeText('-33.857, 151.215'));
    await dialog.getByLabel('Latitude').focus();
    await page.keyboard.press('Control+v');
    assert.equal(await dialog.getByLabel('Longitude').inputValue(), '151.215');
    await dialog.getByLabel('Latitude').fill('123');
    await field(dialog, 'place').getByText('Between -90 and 90.').waitFor();
    await dialog.getByLabel('Latitude').fill('-33.857');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    assert.deepEqual((await stored(posts[3].id)).place, { lon: 151.215, lat: -33.857 });
    await close();
  });

  it('finds, chooses, orders and makes related records, by keyboard', async () => {
    const { page, dialog, close } = await drawer(posts[3].id);
    const tags = field(dialog, 'tags');
    await tags.getByRole('button', { name: 'Choose from tags' }).press('Enter');
    const picker = page.getByRole('dialog', { name: 'Choose tags' });
    await picker.getByRole('button', { name: /rust/ }).waitFor();
    await axe(page, { within: 'dialog:last-of-type' });
    await picker.getByLabel('Search in tags').fill('sql');
    await picker.getByRole('button', { name: /rust/ }).waitFor({ state: 'detached' });
    await shot(page, 'relation-picker');
    await picker.getByRole('button', { name: /sqlite/ }).press('Space');
    await picker.getByLabel('Search in tags').fill('nothing like it');
    await picker.getByText('Nothing found').waitFor();
    await picker.getByRole('button', { name: 'New', exact: true }).click();
    const inner = page.getByRole('dialog', { name: 'New in tags' });
    await control(inner, 'name').fill('fresh');
    await page.keyboard.press('Enter');
    await inner.waitFor({ state: 'detached' });
    await until(async () => (await panel.pb.collection('tags').getFullList({ filter: 'name = "fresh"' })).length === 1, 'the new tag');
    await picker.getByRole('button', { name: 'Choose', exact: true }).click();
    await tags.getByRole('listitem').filter({ hasText: 'fresh' }).waitFor();
    await tags.getByRole('button', { name: /^Move fresh/ }).press('ArrowUp');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    const { expand } = await stored(posts[3].id, { expand: 'tags' });
    assert.deepEqual(
      expand.tags.map(({ name }) => name),
      ['fresh', 'sqlite'],
    );
    await tags.getByRole('button', { name: 'Remove fresh' }).click();
    await page.keyboard.press('Control+s');
    await until(async () => (await stored(posts[3].id)).tags.length === 1, 'one tag');

    await field(dialog, 'author').getByRole('button', { name: /^Open / }).click();
    const person = page.getByRole('dialog').nth(1);
    await control(person, 'name').waitFor();
    await person.getByRole('button', { name: 'Close' }).click();
    await close();
  });

  it('takes files, shows them, checks them first, orders and removes them', async () => {
    const { page, dialog, close } = await drawer(posts[4].id);
    const docs = field(dialog, 'docs');
    const input = dialog.locator('input[type=file]');
    await input.setInputFiles([
      { name: 'one.png', mimeType: 'image/png', buffer: PNG },
      { name: 'two.txt', mimeType: 'text/plain', buffer: Buffer.from('two') },
    ]);
    await input.setInputFiles([{ name: 'huge.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(6_000_000) }]);
    await docs.getByText(/“huge.bin” is 6.0 MB; at most 5.2 MB are allowed/).waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const [one, two] = (await stored(posts[4].id)).docs;
    assert.match(one, /^one_\w+\.png$/);
    assert.match(two, /^two_\w+\.txt$/);

    await page.goto(`${panel.url}/_/#/collections/posts/records/${posts[4].id}`);
    await until(() => docs.locator('img').evaluate((image) => image.complete && image.naturalWidth > 0), 'the preview');
    await input.setInputFiles({ name: 'three.txt', mimeType: 'text/plain', buffer: Buffer.from('three') });
    await docs.getByRole('button', { name: /^Move three/ }).press('Home');
    await docs.getByRole('button', { name: `Remove ${one}` }).click();
    await docs.getByText('is deleted when you save').waitFor();
    await shot(page, 'record-files');
    await axe(page, { within: 'dialog' });
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    const names = await until(async () => {
      const { docs } = await stored(posts[4].id);
      return docs[0]?.startsWith('three') && docs;
    }, 'the new order');
    assert.deepEqual(names.slice(1), [two]);
    const gone = await fetch(panel.pb.files.getURL(posts[4], one));
    assert.equal(gone.status, 404);
    await close();
  });

  it('edits rich text, keeps what it does not know, and loads nothing from elsewhere', async () => {
    const { page, dialog, close } = await drawer(posts[5].id);
    const asked = [];
    page.on('request', (request) => request.url().includes('tracker.test') && asked.push(request.url()));
    const text = dialog.locator('.rich');
    await text.waitFor();
    await text.click();
    await page.keyboard.press('Control+End');
    await dialog.getByRole('button', { name: 'Image' }).click();
    await dialog.getByLabel('Address of the image').fill('https://tracker.test/a.png');
    await dialog.getByLabel('What the image shows').fill('A dot');
    await page.keyboard.press('Enter');
    await text.getByText('Image: A dot').waitFor();
    await axe(page, { within: 'dialog' });
    await dialog.getByRole('button', { name: 'Link' }).click();
    await dialog.getByLabel('Address of the link').fill('javascript:alert(1)');
    assert.ok(await dialog.getByRole('button', { name: 'Apply' }).isDisabled());
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    assert.match((await stored(posts[5].id)).body, /<img src="https:\/\/tracker\.test\/a\.png" alt="A dot">/);
    assert.deepEqual(asked, []);
    await close();

    const body = '<table><tr><td>kept</td></tr></table><script>document.title="run"</script>';
    await panel.pb.collection('posts').update(posts[6].id, { body });
    const other = await drawer(posts[6].id);
    await other.dialog.getByText('that editing visually would drop').waitFor();
    assert.equal(await other.dialog.getByLabel('body as HTML').inputValue(), body);
    assert.notEqual(await other.page.title(), 'run');
    await axe(other.page, { within: 'dialog' });
    await control(other.dialog, 'title').fill('With a table');
    await other.page.keyboard.press('Control+s');
    await until(async () => (await stored(posts[6].id)).title === 'With a table', 'the title');
    assert.equal((await stored(posts[6].id)).body, body);
    await other.close();
  });

  it('leaves a rich text as it is when somebody only clicks into it, and shows as HTML what it would drop', async () => {
    for (const body of ['<h2>Last</h2>', '<ul><li>one</li></ul>', '<p>One</p><pre><code>two</code></pre>', '<p><a target="_blank" rel="noopener" href="/a?b=1&amp;c=2">x</a></p>']) {
      await panel.pb.collection('posts').update(posts[6].id, { body });
      const { page, dialog, close } = await drawer(posts[6].id);
      const text = dialog.locator('.rich');
      await text.click();
      await page.keyboard.press('Control+End');
      await until(() => text.evaluate((box) => box.contains(document.activeElement)), 'the focus in the text');
      assert.ok(await dialog.getByRole('button', { name: 'Save' }).isDisabled(), `${body} was changed`);
      assert.equal(await dialog.getByText('that editing visually would drop').count(), 0);
      await close();
    }
    const body = '<p style="text-align: center">x</p><!-- y --><p><span class="z">z</span></p>';
    await panel.pb.collection('posts').update(posts[6].id, { body });
    const { page, dialog, close } = await drawer(posts[6].id);
    await dialog.getByText('(<p style>, <span class>, <!-- -->) that editing visually would drop').waitFor();
    const html = dialog.getByLabel('body as HTML');
    assert.equal(await html.inputValue(), body);
    await axe(page, { within: 'dialog' });
    // What is written meanwhile is looked at too.
    await html.fill('<p>plain</p>');
    await dialog.getByRole('button', { name: 'Edit visually', exact: true }).click();
    await dialog.locator('.rich').getByText('plain').waitFor();
    await dialog.getByRole('button', { name: 'Edit as HTML' }).click();
    await html.fill('<p id="a">plain</p>');
    await dialog.getByRole('button', { name: 'Edit visually', exact: true }).click();
    await dialog.getByText('(<p id>) that editing visually would drop').waitFor();
    await dialog.getByRole('button', { name: 'Edit visually all the same' }).click();
    await dialog.locator('.rich').getByText('plain').waitFor();
    await close();
  });

  it('tells when somebody else changes or deletes the record meanwhile', async () => {
    const { page, dialog, close } = await drawer(posts[7].id);
    const title = control(dialog, 'title');
    // Until the subscription stands, changes are not heard of.
    await until(async () => {
      await panel.pb.collection('posts').update(posts[7].id, { 'views+': 1 });
      return dialog.getByText('Changed elsewhere just now: views').isVisible();
    }, 'the news');
    await title.fill('Mine');
    await panel.pb.collection('posts').update(posts[7].id, { title: 'Theirs', mail: 'their@example.com' });
    await dialog.getByText('Changed elsewhere meanwhile, and by you: title').waitFor();
    assert.equal(await title.inputValue(), 'Mine');
    assert.equal(await control(dialog, 'mail').inputValue(), 'their@example.com');
    await shot(page, 'record-conflict');
    await axe(page, { within: 'dialog' });
    await dialog.getByRole('button', { name: 'Take theirs' }).click();
    assert.equal(await title.inputValue(), 'Theirs');
    await title.fill('Mine after all');
    await panel.pb.collection('posts').delete(posts[7].id);
    await dialog.getByText('This record was deleted elsewhere.').waitFor();
    await dialog.getByRole('button', { name: 'Make it again' }).click();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await stored(posts[7].id)).title, 'Mine after all');
    await close();
  });

  it('copies, duplicates, deletes and brings back', async () => {
    const { page, dialog, close } = await drawer(posts[8].id);
    const choose = async (name) => {
      await dialog.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await choose('Copy the id');
    await until(async () => (await clipboard()) === posts[8].id, 'the id');
    await choose('Copy as JSON');
    await until(async () => (await clipboard()).includes(`"title": "${posts[8].title}"`), 'the JSON');
    await choose('Copy a link to it');
    await until(async () => (await clipboard()).endsWith(`#/collections/posts/records/${posts[8].id}`), 'the link');

    await choose('Duplicate');
    await dialog.getByRole('heading', { name: 'New in posts' }).waitFor();
    assert.equal(await control(dialog, 'title').inputValue(), posts[8].title);
    await control(dialog, 'title').fill('A copy');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    const copy = await panel.pb.collection('posts').getFirstListItem('title = "A copy"');
    assert.deepEqual([copy.views, copy.author, copy.meta], [posts[8].views, posts[8].author, posts[8].meta]);

    await page.goto(`${panel.url}/_/#/collections/posts/records/${copy.id}`);
    await dialog.locator('form').waitFor();
    await choose('Delete');
    await page.getByRole('dialog', { name: 'Delete this record?' }).getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Deleted.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await until(async () => stored(copy.id).then(() => false, ({ status }) => status === 404), 'the deletion');
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await until(async () => stored(copy.id).then(({ title }) => title === 'A copy', () => false), 'the record');
    await close();
  });

  it('shows records of views without offering to change them, and says when there is none', async () => {
    const [author] = await panel.pb.collection('authors').getFullList();
    const { page, dialog, close } = await drawer(author.id, { collection: 'authors' });
    assert.equal(await control(dialog, 'name').inputValue(), author.name);
    assert.ok(await control(dialog, 'name').isDisabled());
    assert.equal(await dialog.getByRole('button', { name: 'Save' }).count(), 0);
    await axe(page, { within: 'dialog' });
    await close();

    const none = await drawer('nothere00000000');
    await none.dialog.getByText('This record could not be loaded').waitFor();
    await axe(none.page, { within: 'dialog' });
    await none.close();
  });

  it('generates passwords for people, and sets new ones', async () => {
    const { page, dialog, close } = await drawer('new', { collection: 'people' });
    await control(dialog, 'email').fill('cleo@example.com');
    await dialog.getByRole('button', { name: 'Generate' }).click();
    const password = await control(dialog, 'password').inputValue();
    assert.equal(password.length, 20);
    await dialog.getByRole('button', { name: 'Show the password' }).click();
    await shot(page, 'record-person');
    await axe(page, { within: 'dialog' });
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { record } = await visitor().collection('people').authWithPassword('cleo@example.com', password);
    await page.goto(`${panel.url}/_/#/collections/people/records/${record.id}`);
    await dialog.getByRole('button', { name: 'Set a new password' }).click();
    await control(dialog, 'password').fill('another password');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    await visitor().collection('people').authWithPassword('cleo@example.com', 'another password');
    await close();
  });

  it('is whole on a phone', async () => {
    const { page, dialog, close } = await drawer(posts[9].id, { size: 'phone' });
    await dialog.locator('.rich').waitFor();
    const wide = await dialog.evaluate((box) => [...box.querySelectorAll('*')].some((one) => one.getBoundingClientRect().right > innerWidth + 1));
    assert.equal(wide, false, 'something stands out at the right');
    await control(dialog, 'title').fill('From a phone');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await until(async () => (await stored(posts[9].id)).title === 'From a phone', 'the title');
    await axe(page);
    await close();
  });
});
