// Rules in the panel: written with help, checked as one types, and tried out as anybody.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { axe, shot, startPanel, until } from './panel.mjs';

describe('the rule tester', () => {
  let panel;
  let people;
  let posts;
  before(async () => {
    panel = await startPanel();
    people = await panel.pb.collection('people').getFullList({ sort: 'name' });
    posts = await panel.pb.collection('posts').getFullList({ sort: 'views' });
  });
  after(() => panel?.stop());

  const open = (query) => panel.open({ at: `/rules?${new URLSearchParams(query)}` });
  const verdict = (page, words) => page.getByLabel('Verdict').getByText(words, { exact: true }).waitFor();
  const choose = async (page, label, text) => {
    await page.getByRole('combobox', { name: label, exact: true }).fill(text);
    await page.getByRole('option', { name: text }).first().click();
  };

  it('says what a guest may do, and what each part of the rule comes to', async () => {
    const hidden = posts.find(({ published }) => !published);
    const { page, close } = await open({ collection: 'posts', action: 'view', record: hidden.id });
    await verdict(page, 'Not allowed');
    const parts = page.getByRole('list', { name: 'Parts of the rule' });
    await parts.getByText('any of these').waitFor();
    assert.match(await parts.innerText(), /false\s+published = true/);
    assert.match(await parts.innerText(), /false\s+author = @request\.auth\.id/);
    await shot(page, 'rules-refused');
    await axe(page);
    await close();
  });

  it('lets one pick a user and a record, and agrees with the API', async () => {
    const hidden = posts.find(({ published }) => !published);
    const author = people.find(({ id }) => id === hidden.author);
    const { page, close } = await open({ collection: 'posts', action: 'view' });
    await page.getByText('Choose a record.').waitFor();
    await choose(page, 'Record', hidden.title);
    await verdict(page, 'Not allowed');
    await page.getByLabel('Who asks').selectOption({ label: 'Somebody of people' });
    await page.getByText('Choose the account that asks.').waitFor();
    await choose(page, 'Account', author.name);
    await verdict(page, 'Allowed');
    assert.match(await page.getByRole('list', { name: 'Parts of the rule' }).innerText(), /true\s+author = @request\.auth\.id/);
    assert.equal(new URL(page.url()).hash.includes(`record=${hidden.id}`), true, 'the address remembers the record');
    await shot(page, 'rules-allowed');

    const { token } = await panel.pb.collection('people').impersonate(author.id, 60).then(({ authStore }) => authStore);
    const asked = await fetch(`${panel.server.url}/api/collections/posts/records/${hidden.id}`, { headers: { authorization: token } });
    assert.equal(asked.status, 200);
    await close();
  });

  it('shows how many records a list gives, the SQL and its plan', async () => {
    const { page, close } = await open({ collection: 'posts', action: 'list' });
    await verdict(page, 'Allowed');
    const { total } = await fetch(`${panel.server.url}/api/collections/posts/records`).then((answer) => answer.json()).then(({ totalItems }) => ({ total: totalItems }));
    await page.getByText(`${total} records in the list`).waitFor();
    assert.match(await page.getByLabel('SQL', { exact: true }).innerText(), /SELECT[\s\S]*WHERE/);
    assert.match(await page.getByLabel('Plan', { exact: true }).innerText(), /(SCAN|SEARCH) /);
    await page.getByRole('region', { name: 'Query' }).getByRole('button', { name: 'Copy' }).first().click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /SELECT/);
    await axe(page);
    await close();
  });

  it('tries creating with a body', async () => {
    const ann = people[0];
    const { page, close } = await open({ collection: 'posts', action: 'create', as: `people/${ann.id}` });
    await verdict(page, 'Not allowed');
    await page.getByLabel('Body', { exact: true }).fill('{ "title": ');
    await page.getByText('This is not valid JSON.').waitFor();
    await page.getByLabel('Body', { exact: true }).fill(JSON.stringify({ title: 'x', author: ann.id }));
    await verdict(page, 'Allowed');
    assert.equal((await panel.pb.collection('posts').getFullList()).length, posts.length, 'nothing is written');
    await close();
  });

  it('tries another rule without saving, with suggestions and the place of an error; then saves it, and undoes that', async () => {
    const { page, close } = await open({ collection: 'posts', action: 'list' });
    await page.getByText('Try another rule').click();
    const editor = page.getByRole('textbox', { name: 'Rule to try' });
    await page.locator('.cm-content[aria-labelledby]').first().waitFor();
    await editor.fill('');
    await editor.pressSequentially('author.na');
    await page.getByRole('option', { name: /^name/ }).waitFor();
    await shot(page, 'rules-suggestions');
    await axe(page);
    await page.keyboard.press('Enter');
    assert.equal(await editor.innerText(), 'author.name');
    await page.keyboard.type(' = nope');
    await page.getByText(/nope.*\(at character 15\)/s).waitFor();
    await until(async () => (await editor.getAttribute('aria-invalid')) === 'true', 'told to screen readers');
    assert.equal(await page.locator('.cm-content .word-fault').innerText(), 'nope');
    await page.keyboard.press('Escape');
    await shot(page, 'rules-invalid');
    await axe(page);
    await editor.fill('author.name = "Ann"');
    await page.getByText('6 records in the list').waitFor();
    assert.equal((await panel.pb.collections.getOne('posts')).listRule.includes('Ann'), false, 'nothing is saved');

    await page.getByRole('button', { name: 'Save this rule' }).click();
    await page.getByText('The rule is saved.').waitFor();
    assert.equal((await panel.pb.collections.getOne('posts')).listRule, 'author.name = "Ann"');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await panel.pb.collections.getOne('posts')).listRule.startsWith('published'), 'undone');
    await close();
  });

  it('locks and unlocks a rule by keyboard', async () => {
    const { page, close } = await open({ collection: 'posts', action: 'list' });
    await page.getByText('Try another rule').click();
    await page.getByRole('button', { name: 'Lock', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Only superusers can list records.').first().waitFor();
    await verdict(page, 'Not allowed');
    await axe(page);
    await page.keyboard.press('Enter');
    const editor = page.getByRole('textbox', { name: 'Rule to try' });
    await page.locator('.cm-content[aria-labelledby]').first().waitFor();
    assert.match(await editor.innerText(), /^published/);
    await editor.fill('');
    await page.getByText('Everyone can list all records, guests too.').waitFor();
    await verdict(page, 'Allowed');
    await close();
  });

  it('knows who may sign in, and the rule of a locked action', async () => {
    const { page, close } = await open({ collection: 'people', action: 'auth', record: people[0].id });
    await verdict(page, 'Allowed');
    await page.getByLabel('Collection', { exact: true }).selectOption('posts');
    await page.getByLabel('Action', { exact: true }).selectOption({ label: 'Delete a record' });
    await choose(page, 'Record', posts[0].title);
    await verdict(page, 'Not allowed');
    await close();
  });

  it('checks a filter with the position of its error', async () => {
    const { page, close } = await open({ collection: 'posts', action: 'list' });
    const filter = page.getByRole('textbox', { name: /^Filter/ });
    await filter.click();
    await page.locator('.filter .cm-content').waitFor();
    await page.keyboard.type('views >');
    await page.getByText(/\(at the end\)/).first().waitFor();
    await page.keyboard.type(' 70');
    const { totalItems } = await fetch(`${panel.server.url}/api/collections/posts/records?filter=${encodeURIComponent('views > 70')}`).then((answer) => answer.json());
    await page.getByText(`${totalItems} record${totalItems === 1 ? '' : 's'} in the list`).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    assert.equal((await filter.innerText()).includes('views'), false);
    await close();
  });
});
