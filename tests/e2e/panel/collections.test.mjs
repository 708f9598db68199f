// Collections in the panel: made, changed, copied, emptied, deleted; what a save loses is said first; import and export.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { axe, shot, startPanel, until } from './panel.mjs';

let panel;
before(async () => (panel = await startPanel()));
after(() => panel?.stop());

/** What the server has. */
const stored = (name) => panel.pb.collections.getOne(name);
const fieldOf = async (name, field) => (await stored(name)).fields.find((one) => one.name === field);

const save = (page) => page.getByRole('button', { name: 'Save changes' });
const row = (page, at) => page.locator('li[data-key]').nth(at);
const names = (page) =>
  page.getByRole('textbox', { name: 'Name of the field' }).evaluateAll((inputs) => inputs.map(({ value }) => value));

async function addField(page, label, name) {
  await page.getByRole('button', { name: 'New field' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: new RegExp(`^${label}`) })
    .click();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
}

/** The row that is open for its options. */
const options = (page, name) =>
  page.locator('li[data-key]').filter({
    has: page.getByRole('button', { name: `Options of ${name}`, exact: true }),
  });

/** Types another name for a field. */
async function rename(page, from, to) {
  const key = await options(page, from).getAttribute('data-key');
  const input = page.locator(`li[data-key="${key}"]`).getByRole('textbox', { name: 'Name of the field' });
  await input.fill(to);
  await input.press('Tab');
}

/** Turns a switch, as the keyboard does. */
async function flip(page, name) {
  await page.getByRole('switch', { name }).focus();
  await page.keyboard.press(' ');
}

async function saved(page) {
  await page.getByText('Everything is saved').waitFor();
}

/** Lists are typed and confirmed with Enter. */
async function list(scope, label, texts) {
  for (const text of texts) {
    await scope.getByLabel(label, { exact: true }).fill(text);
    await scope.getByLabel(label, { exact: true }).press('Enter');
  }
}

describe('a new collection', () => {
  it('gets every type of field with its options, and is what the server then has', async () => {
    const { page, close } = await panel.open({ at: '/collections' });
    await page.getByRole('link', { name: 'New collection' }).click();
    await page.getByRole('heading', { name: 'New collection' }).waitFor();
    await axe(page);
    await shot(page, 'collection-new');
    await page.getByLabel('Name*').fill('things');

    await page.getByRole('button', { name: 'New field' }).click();
    await axe(page);
    await shot(page, 'collection-field-types');
    await page.keyboard.press('Escape');

    await addField(page, 'Plain text', 'title');
    const title = options(page, 'title');
    await title.getByLabel('Shortest').fill('2');
    await title.getByLabel('Longest').fill('80');
    await title.getByLabel('Pattern').fill('^[a-z]+$');
    await title.getByLabel('Help').fill('A short name');
    await title.getByLabel('Required').check();
    await title.getByLabel('Presentable').check();
    await addField(page, 'Rich text', 'body');
    await options(page, 'body').getByLabel('Largest size').fill('2');
    await options(page, 'body').getByLabel('Strip the domain').check();
    await addField(page, 'Number', 'count');
    await options(page, 'count').getByLabel('Smallest').fill('-5');
    await options(page, 'count').getByLabel('Largest').fill('9.5');
    await options(page, 'count').getByLabel('Hidden').check();
    await addField(page, 'Bool', 'done');
    await addField(page, 'Email', 'mail');
    await list(options(page, 'mail'), 'Only these domains', ['example.com']);
    await addField(page, 'URL', 'link');
    await list(options(page, 'link'), 'Not these domains', ['a.org', 'b.org']);
    await addField(page, 'Date', 'day');
    await options(page, 'day').getByLabel('Earliest').fill('2026-01-02T03:04:05');
    await addField(page, 'Autodate', 'seen');
    await options(page, 'seen').getByLabel('Set').selectOption('both');
    await addField(page, 'Select', 'kind');
    await list(options(page, 'kind'), 'Choices*', ['a', 'b', 'c']);
    await options(page, 'kind').getByLabel('How many').selectOption('several');
    await addField(page, 'File', 'docs');
    await options(page, 'docs').getByRole('button', { name: '+ Images' }).click();
    await list(options(page, 'docs'), 'Thumbs', ['100x100']);
    await options(page, 'docs').getByLabel('Protected').check();
    await addField(page, 'Relation', 'post');
    const post = options(page, 'post');
    await post.getByRole('combobox', { name: 'Collection' }).fill('posts');
    await post.getByRole('option', { name: /^posts/ }).click();
    await post.getByLabel('Delete with it').check();
    await addField(page, 'JSON', 'meta');
    await addField(page, 'Geo point', 'place');
    await addField(page, 'Password', 'secret');
    await options(page, 'secret').getByLabel('Cost of the hash').fill('6');
    await axe(page);
    await shot(page, 'collection-new-filled');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('“things” was created.').waitFor();
    await until(() => /#\/collections\/things$/.test(page.url()), 'the page of its records');

    const { fields, type } = await stored('things');
    assert.equal(type, 'base');
    const by = Object.fromEntries(fields.map((field) => [field.name, field]));
    assert.deepEqual(
      fields.map(({ name }) => name),
      [
        'id',
        'title',
        'body',
        'count',
        'done',
        'mail',
        'link',
        'day',
        'kind',
        'docs',
        'post',
        'meta',
        'place',
        'secret',
        'created',
        'updated',
        'seen',
      ].sort((a, b) => fields.findIndex(({ name }) => name === a) - fields.findIndex(({ name }) => name === b)),
    );
    const part = (name, want) =>
      assert.deepEqual(Object.fromEntries(Object.keys(want).map((key) => [key, by[name][key]])), want, name);
    part('title', {
      type: 'text',
      min: 2,
      max: 80,
      pattern: '^[a-z]+$',
      help: 'A short name',
      required: true,
      presentable: true,
    });
    part('body', { type: 'editor', maxSize: 2 * 1024 ** 2, convertURLs: true });
    part('count', { type: 'number', min: -5, max: 9.5, hidden: true });
    part('done', { type: 'bool' });
    part('mail', { type: 'email', onlyDomains: ['example.com'] });
    part('link', { type: 'url', exceptDomains: ['a.org', 'b.org'] });
    part('seen', { type: 'autodate', onCreate: true, onUpdate: true });
    part('kind', { type: 'select', values: ['a', 'b', 'c'] });
    assert.ok(by.kind.maxSelect > 1);
    part('docs', { type: 'file', thumbs: ['100x100'], protected: true });
    assert.ok(by.docs.mimeTypes.includes('image/png'));
    part('post', { type: 'relation', collectionId: (await stored('posts')).id, cascadeDelete: true });
    part('secret', { type: 'password', cost: 6 });
    assert.ok(by.day.min.startsWith('2026-01-0'));
    part('meta', { type: 'json' });
    part('place', { type: 'geoPoint' });
    await close();
  });

  it('can be one of accounts, or a view whose query is tried while it is written', async () => {
    const { page, close } = await panel.open({ at: '/collections/new' });
    await page.getByRole('radio', { name: /^Auth/ }).check({ force: true });
    await page.getByLabel('Name*').fill('members');
    await page.getByRole('tab', { name: 'Sign-in' }).waitFor();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('“members” was created.').waitFor();
    assert.equal((await stored('members')).type, 'auth');
    assert.equal((await stored('members')).indexes.length, 2);

    await page.goto(`${panel.url}/_/#/collections/new?type=view`);
    await page.getByLabel('Name*').fill('titles');
    const query = page.getByLabel('SELECT query*');
    await query.fill('SELECT nope FROM posts');
    await page
      .getByRole('alert')
      .getByText(/no such column/)
      .waitFor();
    await query.fill('SELECT posts.id, posts.title, posts.views FROM posts');
    await page.getByRole('columnheader', { name: 'views' }).waitFor();
    await page.getByText('Post number 1', { exact: true }).waitFor();
    await axe(page);
    await shot(page, 'collection-view');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('“titles” was created.').waitFor();
    assert.equal((await stored('titles')).fields.length, 3);
    await close();
  });

  it('says at the field what the server refuses', async () => {
    const { page, close } = await panel.open({ at: '/collections/new' });
    await page.getByLabel('Name*').fill('not good');
    await addField(page, 'Select', 'kind');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('Must be in a valid format.').waitFor();
    await options(page, 'kind').getByText('Cannot be blank.').waitFor();
    await page.getByRole('tab', { name: /Fields.*has errors/ }).waitFor();
    await axe(page);
    await shot(page, 'collection-faults');
    await close();
  });
});

describe('a collection that is there', () => {
  it('has its fields moved by keyboard, announced, and by dragging', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts/edit' });
    await page.getByRole('button', { name: /^Move title/ }).focus();
    await page.keyboard.press('ArrowDown');
    await page.getByText('title: position 3 of 16').waitFor({ state: 'attached' });
    assert.equal((await names(page))[2], 'title');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    assert.match(await page.evaluate(() => document.activeElement.ariaLabel), /^Move title/);

    const views = await page.getByRole('button', { name: /^Move views/ }).boundingBox();
    const target = await row(page, 0).boundingBox();
    await page.mouse.move(views.x + 8, views.y + 8);
    await page.mouse.down();
    await page.mouse.move(views.x + 8, target.y + 60, { steps: 12 });
    await page.mouse.move(views.x + 8, target.y + 4, { steps: 12 });
    await page.mouse.up();
    assert.equal((await names(page))[0], 'views');
    await save(page).click();
    await saved(page);
    assert.deepEqual(
      (await stored('posts')).fields.slice(0, 4).map(({ name }) => name),
      ['views', 'id', 'body', 'title'],
    );
    await axe(page);
    await shot(page, 'collection-fields');
    await close();
  });

  it('keeps what is not saved when it is renamed elsewhere, and follows the name afterwards', async () => {
    const { id } = await panel.pb.collections.create({ name: 'moving', type: 'base', fields: [{ name: 'one', type: 'text' }] });
    const { page, close } = await panel.open({ at: '/collections/moving/edit' });
    const input = page.getByRole('textbox', { name: 'Name of the field' }).last();
    await input.fill('typed');
    await panel.pb.collections.update(id, { name: 'moved' });
    await page.getByRole('heading', { name: 'moved', level: 1 }).waitFor();
    assert.equal(await input.inputValue(), 'typed');
    await input.fill('one');
    await page.waitForURL(/#\/collections\/moved\/edit/);
    await close();
    await panel.pb.collections.delete(id);
  });

  it('is saved once, and takes nothing that the answer would overwrite', async () => {
    const { id } = await panel.pb.collections.create({ name: 'slow', type: 'base', fields: [] });
    const { page, close } = await panel.open({ at: '/collections/slow/edit' });
    await addField(page, 'Plain text', 'first');
    let release;
    const held = new Promise((done) => (release = done));
    let sent = 0;
    await page.route(/\/api\/collections\//, async (route) => {
      if (route.request().method() === 'PATCH' && ++sent) await held;
      await route.continue();
    });
    await page.keyboard.press('Control+s');
    await page.keyboard.press('Control+s');
    await until(() => sent, 'the request');
    const inputs = page.getByRole('textbox', { name: 'Name of the field', includeHidden: true });
    assert.equal(await inputs.first().evaluate((input) => input.closest('[inert]') !== null), true);
    release();
    await saved(page);
    assert.equal(sent, 1);
    await addField(page, 'Plain text', 'second');
    assert.deepEqual(await names(page), ['id', 'first', 'second']);
    await page.keyboard.press('Control+s');
    await saved(page);
    assert.ok(await fieldOf('slow', 'second'));
    await close();
    await panel.pb.collections.delete(id);
  });

  it('renames and deletes fields only after it said what that means', async () => {
    const { page, close } = await panel.open({ at: '/collections/things/edit' });
    const id = (await fieldOf('things', 'count')).id;
    await rename(page, 'count', 'amount');
    await page.getByRole('button', { name: 'Delete body' }).click();
    await page.getByText('is deleted when you save').waitFor();
    await page.getByRole('button', { name: 'Undo: keep body' }).click();
    await page.getByRole('button', { name: 'Delete link' }).click();
    await addField(page, 'Plain text', 'brief');
    await page.getByRole('button', { name: 'Delete brief' }).click();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await save(page).click();
    const dialog = page.getByRole('dialog', { name: 'Save these changes?' });
    await dialog.getByText('“link” is deleted, with its values in every record.').waitFor();
    await dialog.getByText('“count” becomes “amount”.').waitFor();
    await axe(page);
    await shot(page, 'collection-changes');
    await dialog.getByRole('button', { name: 'Save and lose this data' }).click();
    await saved(page);
    assert.equal((await fieldOf('things', 'amount')).id, id);
    assert.ok(await fieldOf('things', 'body'));
    assert.ok(await fieldOf('things', 'brief'));
    assert.equal(await fieldOf('things', 'link'), undefined);
    await close();
  });

  it("takes a new name, and its indexes and rules follow a field's", async () => {
    await panel.pb.collections.create({
      name: 'notes',
      type: 'base',
      fields: [{ name: 'head', type: 'text' }],
      listRule: "head != ''",
      indexes: ['CREATE INDEX `idx_head` ON `notes` (`head`)'],
    });
    const { page, close } = await panel.open({ at: '/collections/notes/edit' });
    await rename(page, 'head', 'title');
    await page.getByLabel('Name*').fill('memos');
    await page.getByLabel('Name*').press('Tab');
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await saved(page);
    assert.match(page.url(), /#\/collections\/memos\/edit$/);
    const { listRule, indexes } = await stored('memos');
    assert.equal(listRule, "title != ''");
    assert.match(indexes[0], /ON `memos` \(`title`\)/);
    await close();
  });

  it('names the rules elsewhere that ask for what is renamed or deleted, and leads to them', async () => {
    const { pb } = panel;
    const editors = await pb.collections.create({
      name: 'editors',
      type: 'auth',
      listRule: 'role != ""',
      fields: ['role', 'nick', 'desk'].map((name) => ({ name, type: 'text' })),
    });
    await pb.collections.create({
      name: 'pages',
      type: 'base',
      listRule: '@collection.editors.role ?= "chief"',
      updateRule: '@request.auth.role != "guest" && editor.desk = "a"',
      fields: [
        { name: 'text', type: 'text' },
        { name: 'editor', type: 'relation', collectionId: editors.id },
      ],
    });
    await pb.collections.update(editors.id, { viewRule: 'pages_via_editor.text ?= "x" || desk = "b"' });
    await pb.collections.create({ name: 'nicks', type: 'view', viewQuery: 'SELECT id, nick FROM editors' });

    const { page, context, close } = await panel.open({ at: '/collections/editors/edit' });
    await page.getByRole('link', { name: 'pages', exact: true }).waitFor();
    await rename(page, 'role', 'rank');
    await rename(page, 'nick', 'alias');
    await page.getByRole('button', { name: 'Delete desk' }).click();
    await save(page).click();
    const dialog = page.getByRole('dialog', { name: 'Save these changes?' });
    for (const text of [
      'List and search of “pages” asks for “@collection.editors.role”: from then on it refuses everybody but superusers.',
      'Update of “pages” asks for “@request.auth.role”, which is no field of “editors” from then on',
      'Update of “pages” asks for “editor.desk”: from then on it refuses everybody but superusers.',
      'View asks for “desk”: it must be changed too, or nothing is saved.',
      'The view “nicks” reads “editors” and names “nick”: if it means this one, nothing is saved.',
    ])
      await dialog.getByText(text).waitFor();
    assert.equal(await dialog.getByText(/List and search asks for/).count(), 0, 'own rules follow');
    await axe(page);
    await shot(page, 'collection-asking');

    const [other] = await Promise.all([
      context.waitForEvent('page'),
      dialog.getByRole('link', { name: /^Rules of pages/ }).first().click(),
    ]);
    await other.getByRole('group', { name: 'List and search' }).waitFor();
    await other.getByRole('heading', { name: 'pages', level: 1 }).waitFor();
    await other.close();
    await dialog.getByRole('link', { name: 'Go to the rule' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: 'View' }).fill('pages_via_editor.text ?= "x"');
    await page.getByRole('tab', { name: 'Fields' }).click();
    await rename(page, 'alias', 'nick');
    await page.keyboard.press('Control+s');
    await dialog.getByRole('button', { name: 'Save and lose this data' }).click();
    await saved(page);
    assert.equal((await stored('editors')).listRule, 'rank != ""');

    await page.goto(`${panel.url}/_/#/collections/pages/edit`);
    await page.getByRole('heading', { name: 'pages', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Delete “pages”?' });
    await question.getByText('View of “editors” asks for “pages_via_editor.text”').waitFor();
    await axe(page);
    await shot(page, 'collection-delete-asking');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await close();
    for (const name of ['nicks', 'pages', 'editors']) await pb.collections.delete(name);
  });

  it('has indexes made by form or SQL, changed and removed', async () => {
    const { page, close } = await panel.open({ at: '/collections/memos/edit?tab=indexes' });
    await page.getByRole('button', { name: 'New index' }).click();
    const dialog = page.getByRole('dialog', { name: 'New index' });
    await dialog.getByRole('button', { name: 'Column', exact: true }).click();
    await dialog.getByRole('combobox', { name: 'Column 1', exact: true }).fill('title');
    await dialog.getByRole('option', { name: /^title/ }).click();
    await dialog.getByLabel('Comparison of column 1').selectOption('NOCASE');
    await flip(page, /^Unique/);
    await dialog.getByLabel('Only where').fill("title != ''");
    await axe(page);
    await shot(page, 'collection-index');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'New index' }).click();
    await page.getByRole('tab', { name: 'SQL' }).click();
    await page.getByLabel('CREATE INDEX').fill('CREATE INDEX idx_len ON memos (length(title))');
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'Delete idx_head' }).click();
    await save(page).click();
    await page.getByRole('dialog').getByText('Index “idx_head” is dropped.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await saved(page);
    const { indexes } = await stored('memos');
    assert.deepEqual(indexes, [
      "CREATE UNIQUE INDEX `idx_memos_title` ON `memos` (`title` COLLATE NOCASE) WHERE title != ''",
      'CREATE INDEX idx_len ON memos (length(title))',
    ]);
    await axe(page);
    await shot(page, 'collection-indexes');
    await close();
  });

  it('keeps unsaved changes from being lost by leaving', async () => {
    const { page, close } = await panel.open({ at: '/collections/tags/edit' });
    await addField(page, 'Number', 'weight');
    await page.getByRole('tab', { name: 'API rules' }).click();
    await page.getByRole('link', { name: 'people' }).click();
    const dialog = page.getByRole('dialog', { name: 'Discard your changes?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('tab', { name: 'Fields' }).click();
    assert.ok((await names(page)).includes('weight'));
    await page.getByRole('link', { name: 'people' }).click();
    await dialog.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('heading', { name: 'people' }).waitFor();
    assert.equal(await fieldOf('tags', 'weight'), undefined);
    await close();
  });

  it('has its rules unlocked, written and opened; opening to everyone is said first', async () => {
    const { page, close } = await panel.open({ at: '/collections/tags/edit?tab=rules' });
    await page.getByRole('group', { name: 'Create' }).getByRole('button', { name: 'Unlock' }).click();
    await save(page).click();
    await page.getByRole('dialog').getByText('Create is open to everyone.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await saved(page);
    assert.equal((await stored('tags')).createRule, '');
    await axe(page);
    await shot(page, 'collection-rules');
    await close();
  });

  it('is duplicated, emptied and deleted', async () => {
    const { page, close } = await panel.open({ at: '/collections/tags/edit' });
    const more = async (label) => {
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: label, exact: true }).click();
    };
    await more('Duplicate');
    await until(async () => (await page.getByLabel('Name*').inputValue()) === 'tags_copy', 'the copy');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('“tags_copy” was created.').waitFor();
    assert.deepEqual(
      (await stored('tags_copy')).fields.map(({ name }) => name),
      (await stored('tags')).fields.map(({ name }) => name),
    );

    await panel.pb.collection('tags_copy').create({ name: 'x' });
    await page.goto(`${panel.url}/_/#/collections/tags_copy/edit`);
    await more('Delete all records');
    await page.getByLabel(/Type “tags_copy”/).fill('tags_copy');
    await axe(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete all records' }).click();
    await page.getByText('“tags_copy” is empty now.').waitFor();
    assert.equal((await panel.pb.collection('tags_copy').getList()).totalItems, 0);

    await more('Delete');
    await page.getByLabel(/Type “tags_copy”/).fill('tags_copy');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('“tags_copy” was deleted.').waitFor();
    await assert.rejects(stored('tags_copy'), { status: 404 });
    await close();
  });
});

describe('a collection of accounts', () => {
  it('has every way to sign in with its options', async () => {
    const { page, close } = await panel.open({ at: '/collections/people/edit?tab=signin' });
    await flip(page, /^One-time password/);
    await page.getByLabel('Length').fill('6');
    await flip(page, /^Passkeys/);
    await page.getByLabel('Domain').fill('localhost');
    await flip(page, /^Authenticator app/);
    await flip(page, /^Two factors/);
    await page.getByLabel('Time for the second').fill('300');
    await flip(page, /^Sign-in alert/);
    await flip(page, /^OAuth2/);
    await page.getByRole('button', { name: 'Add provider' }).click();
    await page.getByLabel('Find a provider').fill('git');
    await axe(page);
    await shot(page, 'collection-providers');
    await page.getByRole('dialog').getByRole('button', { name: 'GitHub' }).click();
    await page.getByLabel('Client id').fill('client-1');
    await page.getByLabel('Client secret').fill('secret-1');
    await page.getByLabel('Full name').selectOption('name');
    await axe(page);
    await shot(page, 'collection-signin');
    await save(page).click();
    await saved(page);
    const people = await stored('people');
    assert.equal(people.otp.enabled, true);
    assert.equal(people.otp.length, 6);
    assert.equal(people.passkey.rpId, 'localhost');
    assert.equal(people.totp.enabled, true);
    assert.deepEqual([people.mfa.enabled, people.mfa.duration], [true, 300]);
    assert.equal(people.authAlert.enabled, false);
    assert.equal(people.oauth2.providers[0].name, 'github');
    assert.equal(people.oauth2.providers[0].clientId, 'client-1');
    assert.equal(people.oauth2.mappedFields.name, 'name');
    await close();
  });

  it('has its mails written with the words that are filled in', async () => {
    const { page, close } = await panel.open({ at: '/collections/people/edit?tab=mails' });
    const mail = page.locator('details').filter({ hasText: 'Verify the email' });
    await mail.locator('summary').click();
    await mail.getByLabel('Subject').fill('Hello ');
    await mail.getByLabel('Subject').press('End');
    await mail.getByRole('button', { name: '{RECORD:name}' }).click();
    await axe(page);
    await shot(page, 'collection-mails');
    await save(page).click();
    await saved(page);
    assert.equal((await stored('people')).verificationTemplate.subject, 'Hello {RECORD:name}');
    await close();
  });

  it('has token times, and ends all sessions at once', async () => {
    const ask = (path, init) =>
      fetch(`${panel.server.url}/api/collections/people/${path}`, { method: 'POST', ...init });
    const { token } = await (
      await ask('impersonate/' + (await panel.pb.collection('people').getFirstListItem('')).id, {
        headers: { Authorization: panel.pb.authStore.token },
      })
    ).json();
    assert.equal((await ask('auth-refresh', { headers: { Authorization: token } })).status, 200);
    const { page, close } = await panel.open({ at: '/collections/people/edit?tab=tokens' });
    await page.getByLabel('Verification: valid for').fill('3600');
    await page.getByText('1 hour', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign-in: End all sessions' }).click();
    await axe(page);
    await shot(page, 'collection-tokens');
    await save(page).click();
    await page.getByRole('dialog').getByText('Everybody is signed out.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await saved(page);
    assert.equal((await stored('people')).verificationToken.duration, 3600);
    assert.equal((await ask('auth-refresh', { headers: { Authorization: token } })).status, 401);
    await close();
  });
});

describe('import and export', () => {
  it('gives the picked collections as JSON, and shows that nothing would change', async () => {
    const { page, close } = await panel.open({ at: '/import-export' });
    await page.getByRole('checkbox', { name: /^All/ }).uncheck();
    await page.getByText('Nothing is picked').waitFor();
    await page.getByRole('checkbox', { name: /^posts/ }).check();
    await axe(page);
    await shot(page, 'export');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    const json = await page.getByRole('region', { name: 'The collections as JSON' }).innerText();
    assert.deepEqual(
      JSON.parse(json).map(({ name }) => name),
      ['posts'],
    );
    assert.match(file.suggestedFilename(), /-collections\.json$/);

    await page.getByRole('tab', { name: 'Import' }).click();
    await page.locator('input[type=file]').setInputFiles(await file.path());
    await page.getByText('One collection is the same already.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled());
    await page.getByRole('button', { name: 'Start over' }).click();
    await close();
  });

  it('shows each change before it is made, then makes it', async () => {
    const { page, close } = await panel.open({ at: '/import-export?tab=import' });
    const text = page.getByLabel('Collections as JSON');
    await text.fill('{');
    await page.getByText(/This is no JSON/).waitFor();
    const tags = await stored('tags');
    const file = [
      {
        id: 'elsewhere1',
        name: 'tags',
        listRule: null,
        fields: [{ id: 't1', name: 'name', type: 'text', required: true, max: 20 }],
      },
      { name: 'brands', type: 'base', listRule: '', fields: [{ name: 'label', type: 'text' }] },
    ];
    await text.fill(JSON.stringify(file));
    await flip(page, /^Keep the ids/);
    await page.getByText(/Field “name” has another id here/).waitFor();
    await flip(page, /^Keep the ids/);
    await page.getByText('fields.name.max').waitFor();
    await page.getByText('listRule').first().waitFor();
    await axe(page);
    await shot(page, 'import');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Imported: 1 added, 1 changed.').waitFor();
    const now = await stored('tags');
    assert.equal(now.id, tags.id);
    assert.equal(now.listRule, null);
    const name = now.fields.find((field) => field.name === 'name');
    assert.deepEqual([name.max, name.presentable], [20, false]);
    assert.equal((await panel.pb.collection('tags').getFullList()).length, 3);
    assert.ok(await stored('brands'));
    await close();
  });

  it('says which data is lost, and what the server refuses', async () => {
    const { page, close } = await panel.open({ at: '/import-export?tab=import' });
    const text = page.getByLabel('Collections as JSON');
    await text.fill(JSON.stringify([{ name: 'brands', type: 'auth' }]));
    await page.getByText(/It is of type auth, but the one here is base/).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled());

    await text.fill(JSON.stringify([{ name: 'brands', listRule: 'nope = 1' }]));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText(/nope/).last().waitFor();
    await axe(page);

    const all = (await panel.pb.collections.getFullList()).filter(({ system, name }) => !system && name !== 'brands');
    await text.fill(JSON.stringify(all));
    await flip(page, /^Delete what is not/);
    await page.getByText('The collection is deleted, with all its records and files.').waitFor();
    await shot(page, 'import-loss');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Imported: 1 deleted.').waitFor();
    await assert.rejects(stored('brands'), { status: 404 });
    await close();
  });
});
