// The records table: a million rows, columns, sort, filter, views, selection, bulk work, edits in cells, import, export, live updates.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { axe, shot, startPanel, until } from './panel.mjs';

const texts = (locator) => locator.evaluateAll((all) => all.map((one) => one.innerText.trim()));
const grid = (page) => page.getByRole('grid');
const heads = async (page) => (await texts(page.getByRole('columnheader'))).filter((text) => text && text !== 'Actions');
const cell = (page, row, column) => page.locator(`#cell-${row}-${column}`);
const rowOf = (page, text) => page.getByRole('row').filter({ hasText: text });
const total = (page, text) => page.getByText(text, { exact: true }).first().waitFor();
/** What a column shows, from the first row on. */
const shown = async (page, column) => {
  const cells = page.locator(`[role=gridcell][data-column="${column}"]`);
  const found = await cells.evaluateAll((all) => all.map((one) => [Number(one.id.split('-')[1]), one.innerText.trim()]));
  return found.sort(([a], [b]) => a - b).map(([, text]) => text);
};

describe('the records table', () => {
  let panel;
  before(async () => (panel = await startPanel()));
  after(() => panel?.stop());

  const open = async (at = '/collections/posts', how = {}) => {
    const opened = await panel.open({ at, ...how });
    await grid(opened.page).waitFor();
    return opened;
  };
  const post = (title) => panel.pb.collection('posts').getFirstListItem(`title = "${title}"`);

  it('shows every type of value: names of related records, dates, thumbs', async () => {
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    const { id } = await post('Post number 12');
    await panel.pb.collection('posts').update(id, { docs: [new File([png], 'dot.png', { type: 'image/png' })] });
    const { page, close } = await open();
    await total(page, '12 records');
    const row = rowOf(page, 'Post number 12');
    assert.match(await row.innerText(), /Ann|Bob/);
    assert.match(await row.innerText(), /About 12\./);
    assert.match(await row.innerText(), /45, 12/);
    assert.match(await row.innerText(), /\{"at":12,"list":\[1,2\]\}/);
    assert.equal(await row.getByRole('img', { name: /^dot_/ }).count(), 1);
    assert.match(await row.locator('time').first().getAttribute('title'), /local · .*Z ·/);
    await shot(page, 'records');
    await axe(page);
    await close();
  });

  it('sorts by a click, by several with Shift, and keeps it in the address', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: 'kind', exact: true }).click();
    await until(async () => (await shown(page, 7))[0] === 'essay', 'sorting by kind');
    await page.getByRole('button', { name: 'views', exact: true }).click({ modifiers: ['Shift'] });
    await page.getByRole('button', { name: /^views/ }).click({ modifiers: ['Shift'] });
    await until(() => page.url().includes('sort=kind%2C-views'), 'the address to have the sort');
    await until(async () => (await shown(page, 2))[0] === 'Post number 10', 'sorting downwards by views');
    assert.equal(await page.getByRole('columnheader', { name: /^views/ }).getAttribute('aria-sort'), 'descending');
    await page.reload();
    await until(async () => (await shown(page, 2))[0] === 'Post number 10', 'the sort to be there again');
    await close();
  });

  it('filters by a filter or by words, and links carry it', async () => {
    const { page, close } = await open('/collections/posts?filter=views%20%3E%2050');
    await total(page, '5 records');
    const box = page.getByRole('textbox', { name: 'Filter the records' });
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await total(page, '12 records');
    await box.click();
    await page.keyboard.type('number 11');
    await page.keyboard.press('Enter');
    await total(page, '1 record');
    assert.match(page.url(), /filter=number\+11/);
    await page.goBack();
    await total(page, '12 records');
    await box.click();
    await page.keyboard.type('zzz nothing');
    await page.keyboard.press('Enter');
    await page.getByText('No record matches').waitFor();
    await shot(page, 'records-none');
    await axe(page);
    await page.getByRole('main').getByRole('button', { name: 'Clear the filter' }).last().click();
    await total(page, '12 records');
    await close();
  });

  it('says so when a link has a filter that is wrong', async () => {
    const { page, close } = await panel.open({ at: '/collections/posts?filter=nope%20%3D%201', allow: [/400/] });
    await page.getByText('This filter is not understood').waitFor();
    await axe(page);
    await page.getByRole('button', { name: 'Clear the filter' }).last().click();
    await total(page, '12 records');
    await close();
  });

  it('lets one choose, order and widen columns by mouse and keyboard, and remembers it', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'body' }).uncheck();
    await page.getByRole('button', { name: 'Move views up' }).click();
    await shot(page, 'records-columns');
    await axe(page);
    await page.getByRole('button', { name: 'Done' }).click();
    assert.deepEqual((await heads(page)).slice(0, 4), ['id', 'title', 'views', 'published']);

    const width = async () => Math.round((await page.getByRole('columnheader', { name: 'title' }).boundingBox()).width);
    const before = await width();
    await grid(page).focus();
    for (const key of ['ArrowUp', 'ArrowRight']) await page.keyboard.press(key);
    await page.keyboard.press('Alt+ArrowRight');
    assert.equal(await width(), before + 24);
    const box = await page.getByRole('columnheader', { name: 'title' }).boundingBox();
    await page.mouse.move(box.x + box.width, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width + 60, box.y + 10, { steps: 4 });
    await page.mouse.up();
    assert.equal(await width(), before + 84);
    await grid(page).focus();
    await page.keyboard.press('Alt+Shift+ArrowRight');
    assert.deepEqual((await heads(page)).slice(0, 4), ['id', 'views', 'title', 'published']);
    await page.getByRole('columnheader', { name: 'published' }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Hide' }).click();
    await page.reload();
    await until(async () => (await heads(page)).slice(0, 4).join() === 'id,views,title,at', 'the columns to be remembered');
    assert.equal(await width(), before + 84);
    await close();
  });

  it('saves a view with its filter, sort and columns; its link brings others the same', async () => {
    const { page, close } = await open('/collections/posts?filter=published%20%3D%20true&sort=-views&columns=id%2Ctitle%2Cviews');
    await total(page, '8 records');
    assert.deepEqual(await heads(page), ['id', 'title', 'views']);
    const save = async (name) => {
      await page.getByRole('button', { name: 'Views', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Save this view' }).click();
      await page.getByLabel('Name').fill(name);
      await axe(page);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
    };
    await save('Published');
    await page.getByRole('button', { name: 'Published', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: 'All records' }).click();
    await total(page, '12 records');
    await page.reload();
    await total(page, '12 records');
    await page.getByRole('button', { name: 'Views', exact: true }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Published', exact: true }).click();
    await total(page, '8 records');
    const link = page.url().replace(/^[^#]*#/, '');
    await page.getByRole('button', { name: 'Published', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete views' }).click();
    await page.getByRole('button', { name: 'Delete Published' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Published', exact: true }).waitFor();
    await close();

    const other = await open(link);
    await total(other.page, '8 records');
    assert.deepEqual(await heads(other.page), ['id', 'title', 'views']);
    assert.equal((await shown(other.page, 2))[0], 'Post number 11');
    await other.close();
  });

  it('edits a cell in its place: Enter or F2, Esc, undo, and what the server says about it', async () => {
    const { page, close } = await open('/collections/posts?sort=created&columns=id%2Ctitle%2Cviews%2Cpublished%2Ckind%2Cauthor%2Cplace%2Cat%2Cmeta', { allow: [/400/] });
    await total(page, '12 records');
    const { id } = await post('Post number 1');
    const stored = () => panel.pb.collection('posts').getOne(id);
    const at = async (column, key = 'Enter') => {
      await cell(page, 0, column).waitFor();
      await grid(page).focus();
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('Home');
      for (let step = 0; step < column; step++) await page.keyboard.press('ArrowRight');
      await page.keyboard.press(key);
    };

    await at(2);
    await page.getByRole('textbox', { name: 'title' }).fill('Changed');
    await page.keyboard.press('Enter');
    await until(async () => (await stored()).title === 'Changed', 'the title to be saved');
    await until(async () => (await cell(page, 0, 2).innerText()) === 'Changed', 'the title to be shown');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await stored()).title === 'Post number 1', 'the undo');

    await at(2, 'F2');
    await page.getByRole('textbox', { name: 'title' }).fill('');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Cannot be blank' }).waitFor();
    await axe(page);
    await page.keyboard.press('Escape');
    assert.equal((await stored()).title, 'Post number 1');

    await at(3);
    await page.getByRole('textbox', { name: 'views' }).fill('many');
    await page.keyboard.press('Enter');
    await page.getByText('This is not a number.').waitFor();
    await page.getByRole('textbox', { name: 'views' }).fill('77.5');
    await page.keyboard.press('Enter');
    await until(async () => (await stored()).views === 77.5, 'the number');

    await at(4);
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await until(async () => (await stored()).published === false, 'the bool');

    await at(5);
    await page.getByRole('combobox', { name: 'kind' }).fill('note');
    await page.getByRole('option', { name: 'note' }).click();
    await page.keyboard.press('Enter');
    await until(async () => (await stored()).kind === 'note', 'the choice');

    await at(6);
    await page.getByRole('combobox', { name: 'author' }).fill('Ann');
    await page.getByRole('option', { name: 'Ann' }).click();
    await page.keyboard.press('Enter');
    await until(async () => (await cell(page, 0, 6).innerText()).includes('Ann'), 'the related record');

    await at(7);
    await page.getByRole('textbox', { name: 'place' }).fill('10.5, 20');
    await page.keyboard.press('Enter');
    await until(async () => (await stored()).place.lat === 10.5, 'the place');
    await at(8);
    await page.getByLabel('at', { exact: true }).fill('2027-03-04T05:06:07');
    await page.keyboard.press('Enter');
    await until(async () => (await stored()).at.startsWith('2027-03-0'), 'the date');
    await at(9);
    await page.getByRole('textbox', { name: 'meta' }).fill('{"a":1}');
    await page.keyboard.press('Enter');
    await until(async () => (await stored()).meta?.a === 1, 'the JSON');
    await close();
  });

  it('saves, and undoes, in the record whose cell was edited, whatever its row shows by then', async () => {
    const { page, close } = await open('/collections/posts?sort=views&columns=id%2Ctitle%2Cviews');
    await total(page, '12 records');
    const rows = await panel.pb.collection('posts').getFullList({ sort: 'views' });
    const title = async (at) => (await panel.pb.collection('posts').getOne(rows[at].id)).title;
    const edit = async (row) => {
      await cell(page, row, 2).hover();
      await cell(page, row, 2).locator('button.edit').click();
    };
    const box = page.getByRole('textbox', { name: 'title' });

    await edit(0);
    await box.fill('Changed');
    await page.keyboard.press('Enter');
    await until(async () => (await title(0)) === 'Changed', 'the change');
    await page.getByRole('columnheader', { name: 'views' }).click();
    await until(async () => (await shown(page, 2))[11] === 'Changed', 'the other order');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await title(0)) === rows[0].title, 'the undo');
    assert.equal(await title(11), rows[11].title);

    // While one cell is being saved, another is edited.
    let release;
    const held = new Promise((done) => (release = done));
    await page.route(/posts|pbc_/, async (route) => {
      if (route.request().method() === 'PATCH') await held;
      await route.continue();
    });
    await edit(0);
    await box.fill('First');
    await edit(1);
    await box.fill('Second');
    release();
    await until(async () => (await title(11)) === 'First', 'the first');
    await page.getByText('“title” was changed.').first().waitFor();
    assert.equal(await box.inputValue(), 'Second');

    // To go elsewhere is to leave it, also without a blur first.
    await page.getByRole('navigation', { name: 'Panel' }).getByRole('link', { name: 'tags' }).evaluate((link) => link.click());
    await until(async () => (await title(10)) === 'Second', 'the second');
    await page.getByRole('heading', { name: 'tags' }).waitFor();
    await close();
    for (const { id, title } of rows) await panel.pb.collection('posts').update(id, { title });
  });

  it('leaves a value as it was when its cell was only looked into', async () => {
    const { id } = await post('Post number 1');
    // In Berlin this hour comes twice, and what stands in the input is the first of them.
    const kept = await panel.pb.collection('posts').update(id, { title: 'First line\nSecond line', at: '2026-10-25 01:30:00.051Z' });
    const { page, context, close } = await panel.open({ at: '/collections/posts?sort=created&columns=id%2Ctitle%2Cat' });
    const cdp = await context.newCDPSession(page);
    await cdp.send('Emulation.setTimezoneOverride', { timezoneId: 'Europe/Berlin' });
    await page.reload();
    await total(page, '12 records');
    const writes = [];
    page.on('request', (request) => request.method() === 'PATCH' && writes.push(request.postData()));

    await grid(page).focus();
    for (const key of ['Control+Home', 'Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
    const at = page.getByLabel('at', { exact: true });
    assert.equal(await at.inputValue(), '2026-10-25T02:30:00.051');
    await page.keyboard.press('Enter');
    await at.waitFor({ state: 'detached' });

    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    const title = page.getByRole('dialog').getByLabel(/^title/);
    await title.waitFor();
    await until(() => title.evaluate((area) => area === document.activeElement), 'the title to have the focus');
    assert.equal(await title.inputValue(), 'First line\nSecond line');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await cell(page, 0, 2).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Open' }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: 'Edit title here' }).count(), 0);
    await page.keyboard.press('Escape');

    assert.deepEqual(writes, []);
    const stored = await panel.pb.collection('posts').getOne(id);
    assert.deepEqual([stored.title, stored.at], [kept.title, '2026-10-25 01:30:00.051Z']);
    await panel.pb.collection('posts').update(id, { title: 'Post number 1' });
    await close();
  });

  it('opens a record beside the table, with an address of its own, and creates and duplicates', async () => {
    const { page, close } = await open('/collections/tags?sort=name');
    await page.getByText('rust', { exact: true }).click();
    await page.getByRole('dialog', { name: 'rust' }).waitFor();
    assert.match(page.url(), /\/collections\/tags\/records\/\w+\?sort=name/);
    await page.reload();
    await page.getByRole('dialog', { name: 'rust' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/collections\/tags\?sort=name$/);

    await page.getByRole('button', { name: 'New record' }).click();
    await page.getByRole('dialog').getByLabel(/^name/).fill('axum');
    await page.getByRole('button', { name: 'Create' }).click();
    await until(async () => (await shown(page, 2))[0] === 'axum', 'the new record in the table');
    await cell(page, 0, 2).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await page.getByRole('dialog').getByLabel(/^name/).fill('axum two');
    await page.getByRole('button', { name: 'Create' }).click();
    await until(async () => (await shown(page, 2))[1] === 'axum two', 'the copy in the table');
    assert.equal(await page.getByRole('button', { name: /\d new record/ }).count(), 0);
    await close();
  });

  it('has a menu on each row: copy the id, copy as JSON, filter by a value', async () => {
    const { page, close } = await open('/collections/posts?sort=title');
    await total(page, '12 records');
    const { id } = await post('Post number 10');
    await cell(page, 1, 2).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Copy the id' }).waitFor();
    await shot(page, 'records-menu');
    await axe(page);
    await page.getByRole('menuitem', { name: 'Copy the id' }).click();
    await until(async () => (await page.evaluate(() => navigator.clipboard.readText())) === id, 'the id in the clipboard');
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menuitem', { name: 'Copy as JSON' }).click();
    await until(async () => (await page.evaluate(() => navigator.clipboard.readText())).includes('"title": "Post number 10"'), 'the JSON');
    await cell(page, 1, 2).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Only with this value' }).click();
    await total(page, '1 record');
    await close();
  });

  it('selects by Shift and by keys, edits many at once, and undoes it', async () => {
    const { page, close } = await open('/collections/posts?sort=created&columns=id%2Ctitle%2Cviews');
    await total(page, '12 records');
    await page.getByRole('checkbox', { name: 'Select Post number 2', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Select Post number 5', exact: true }).click({ modifiers: ['Shift'] });
    await page.getByText('4 records selected').waitFor();
    await grid(page).focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Space');
    for (let at = 0; at < 2; at++) await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('3 records selected').waitFor();
    await shot(page, 'records-selected');
    await axe(page);
    await page.getByRole('toolbar').getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('combobox', { name: 'Fields to set' }).fill('views');
    await page.getByRole('option', { name: /^views/ }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').getByLabel('views', { exact: true }).fill('1000');
    await shot(page, 'records-bulk');
    await axe(page);
    await page.getByRole('button', { name: 'Set in 3 records' }).click();
    const count = async () => (await panel.pb.collection('posts').getList(1, 1, { filter: 'views = 1000' })).totalItems;
    await until(async () => (await count()) === 3, 'three records to be changed');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until(async () => (await count()) === 0, 'the undo');
    await page.getByText('The change was undone.').waitFor();
    await close();
  });

  it('says which part of an undo the server refused', async () => {
    const made = [];
    for (const name of ['brief', 'short', 'small']) made.push(await panel.pb.collection('tags').create({ name }));
    const { page, close } = await open('/collections/tags?filter=name%20%3D%20%22brief%22%20%7C%7C%20name%20%3D%20%22short%22%20%7C%7C%20name%20%3D%20%22small%22', { allow: [/400|404/] });
    await total(page, '3 records');
    await grid(page).focus();
    await page.keyboard.press('Control+a');
    await page.getByText('3 records selected').waitFor();
    await page.getByRole('toolbar').getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('combobox', { name: 'Fields to set' }).click();
    await page.getByRole('option', { name: /^name/ }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').getByLabel(/^name/).fill('all the same');
    await page.getByRole('button', { name: 'Set in 3 records' }).click();
    await page.getByText('3 records changed.').waitFor();
    await panel.pb.collection('tags').delete(made[0].id);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/^Undone in 2 of 3 records only\. \S/).waitFor();
    for (const { id } of made.slice(1)) await panel.pb.collection('tags').delete(id);
    await close();
  });

  it('tells which records of many could not be changed', async () => {
    for (const enabled of [true, false]) {
      await panel.pb.settings.update({ batch: { enabled, maxRequests: 50, timeout: 3 } });
      const { page, close } = await open('/collections/tags?sort=name', { allow: [/400/] });
      await grid(page).focus();
      await page.keyboard.press('Control+a');
      await page.getByText(/\d records selected/).waitFor();
      await page.getByRole('toolbar').getByRole('button', { name: 'Edit' }).click();
      await page.getByRole('combobox', { name: 'Fields to set' }).click();
      await page.getByRole('option', { name: /^name/ }).click();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Set in/ }).click();
      await page.getByRole('region', { name: 'Faults' }).getByText('name: Cannot be blank.').first().waitFor();
      await axe(page);
      await close();
    }
    assert.equal((await panel.pb.collection('tags').getList(1, 1, { filter: 'name = ""' })).totalItems, 0);
  });

  it('deletes many, asks before, and puts them back', async () => {
    await panel.pb.collections.create({ name: 'notes', type: 'base', fields: [{ name: 'text', type: 'text', presentable: true }] });
    for (let at = 10; at < 40; at++) await panel.pb.collection('notes').create({ text: `note ${at}` });
    const { page, close } = await open('/collections/notes?sort=text');
    await total(page, '30 records');
    const ids = async () => (await panel.pb.collection('notes').getFullList({ sort: 'text' })).map(({ id }) => id);
    const all = await ids();
    await page.getByRole('checkbox', { name: 'Select all' }).click();
    await page.getByText('30 records selected').waitFor();
    await page.getByRole('checkbox', { name: 'Select note 10' }).click();
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('Delete 29 records?').waitFor();
    await axe(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal((await ids()).length, 30);
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await until(async () => (await ids()).length === 1, 'the records to be deleted');
    await total(page, '1 record');
    await page.getByRole('button', { name: 'Undo' }).click();
    await total(page, '30 records');
    assert.deepEqual(await ids(), all);
    await close();
  });

  it('shows changes made elsewhere in place, and announces new and deleted records quietly', async () => {
    const { page, close } = await open('/collections/notes?sort=text&filter=text%20~%20%22note%22');
    await total(page, '30 records');
    const notes = panel.pb.collection('notes');
    const [first, second] = await notes.getFullList({ sort: 'text' });
    // The subscription is on its way: something is changed until it is seen.
    let turn = 0;
    await until(async () => {
      await notes.update(first.id, { text: `note 10 ${++turn}` });
      return (await cell(page, 0, 2).innerText()) === `note 10 ${turn}`;
    }, 'the change in place');
    for (const text of ['note 00', 'note 01', 'note 02', 'other']) await notes.create({ text });
    await page.getByText('3 new records').waitFor();
    assert.match((await shown(page, 2))[0], /^note 10/, 'nothing jumps');
    await notes.delete(second.id);
    const bar = page.getByRole('button', { name: '3 new records, 1 deleted' });
    await bar.waitFor();
    await shot(page, 'records-news');
    await axe(page);
    await bar.click();
    await total(page, '32 records');
    await until(async () => (await shown(page, 2))[0] === 'note 00', 'the new records');
    await close();
  });

  it('imports CSV after a check that names the lines at fault, and JSON that updates by id', async () => {
    const { page, close } = await open('/collections/posts', { allow: [/400/] });
    const choose = async (name, text) => {
      await page.getByRole('button', { name: 'Import, export, API' }).click();
      await page.getByRole('menuitem', { name: 'Import' }).click();
      await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
      await page.getByRole('button', { name: 'Check' }).waitFor();
    };
    const csv = 'Title,VIEWS,Genre,link\nFrom CSV,5,news,https://example.com\n"Two, really",x,news,\n,1,essay,\nBad link,2,note,nowhere\n';
    await choose('posts.csv', csv);
    assert.equal(await page.getByRole('combobox', { name: 'Field for VIEWS' }).inputValue(), 'views');
    await page.getByRole('combobox', { name: 'Field for Genre' }).selectOption('kind');
    await shot(page, 'records-import');
    await axe(page);
    await page.getByRole('button', { name: 'Check' }).click();
    const faults = page.getByRole('region', { name: 'Faults' });
    await faults.waitFor();
    assert.deepEqual((await texts(faults.getByRole('row'))).slice(1).map((text) => text.replace(/\s+/g, ' ')), [
      '3 views: “x” is not a number.',
      '4 title: Cannot be blank.',
    ]);
    await axe(page);
    await page.getByRole('button', { name: 'Import 2 records' }).click();
    await page.getByText('1 record created, 0 updated, 3 records not taken.').waitFor();
    await faults.getByText('link: Must be a valid url.').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    assert.equal((await post('From CSV')).kind, 'news');

    const { id } = await post('From CSV');
    await choose('posts.json', JSON.stringify([{ id, title: 'From JSON', views: 9 }, { title: 'Another', tags: [] }]));
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByText('1 record will be created, 1 updated.').waitFor();
    await page.getByRole('button', { name: 'Import 2 records' }).click();
    await page.getByText('1 record created, 1 updated.').waitFor();
    const saved = await panel.pb.collection('posts').getOne(id);
    assert.deepEqual([saved.title, saved.views, saved.kind], ['From JSON', 9, 'news']);
    await page.getByRole('button', { name: 'Done' }).click();

    // More digits than the browser's numbers have.
    await choose('posts.json', '[{ "title": 12345678901234567890, "views": 0.10000000000000001, "kind": ["note"], "meta": 12345678901234567890 }]');
    await page.getByRole('button', { name: 'Check' }).click();
    await page.getByRole('button', { name: 'Import 1 record' }).click();
    await page.getByText('1 record created, 0 updated.').waitFor();
    const exact = await post('12345678901234567890');
    assert.deepEqual([exact.views, exact.kind], [0.1, 'note']);
    await panel.pb.collection('posts').delete(exact.id);
    await close();
  });

  it('exports all that match as CSV and JSON', async () => {
    const { page, close } = await open('/collections/posts?filter=views%20%3E%2060&sort=-views');
    const download = async (prepare) => {
      await page.getByRole('button', { name: 'Import, export, API' }).click();
      await page.getByRole('menuitem', { name: 'Export' }).click();
      await prepare();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click(),
      ]);
      return [file.suggestedFilename(), fs.readFileSync(await file.path(), 'utf8')];
    };
    const wanted = await panel.pb.collection('posts').getFullList({ filter: 'views > 60', sort: '-views' });
    const [jsonName, json] = await download(async () => {
      await page.getByLabel('Format').selectOption('json');
      await shot(page, 'records-export');
      await axe(page);
    });
    assert.equal(jsonName, 'posts.json');
    assert.deepEqual(JSON.parse(json).map(({ title }) => title), wanted.map(({ title }) => title));
    assert.equal(JSON.parse(json)[0].body, wanted[0].body, 'whole texts, not their beginnings');
    const [csvName, csv] = await download(() => page.getByLabel('Format').selectOption('csv'));
    assert.equal(csvName, 'posts.csv');
    assert.match(csv, /^\uFEFFid,title,body/);
    assert.equal(csv.trim().split('\r\n').length, wanted.length + 1);
    await close();
  });

  it('is of use on a phone, for views and for empty collections', async () => {
    const phone = await open('/collections/posts', { size: 'phone', theme: 'dark' });
    await phone.page.getByRole('button', { name: /^Actions for/ }).first().click();
    await phone.page.getByRole('menuitem', { name: 'Open' }).click();
    await phone.page.getByRole('dialog').waitFor();
    await phone.close();

    const view = await open('/collections/authors');
    await total(view.page, '2 records');
    assert.equal(await view.page.getByRole('button', { name: 'New record' }).count(), 0);
    await axe(view.page);
    await view.close();

    await panel.pb.collections.create({ name: 'nothing', type: 'base', fields: [{ name: 'text', type: 'text' }] });
    const empty = await panel.open({ at: '/collections/nothing' });
    await empty.page.getByText('No records yet').waitFor();
    await shot(empty.page, 'records-empty');
    await axe(empty.page);
    await empty.close();
  });
});

describe('a table of a million records', () => {
  const ROWS = 1_000_000;
  /** Rows drawn at most: those of a window of 800 pixels, and some around them. */
  const DRAWN_MAX = 60;
  let panel;
  before(async () => {
    panel = await startPanel({ seed: false });
    await panel.pb.collections.create({
      name: 'million',
      type: 'base',
      fields: [
        { name: 'title', type: 'text', presentable: true },
        { name: 'views', type: 'number' },
      ],
      indexes: ['CREATE INDEX idx_million_views ON million (views)'],
    });
    fill(path.join(panel.server.dir, 'bak.db'), ROWS);
  });
  after(() => panel?.stop());

  const drawn = (page) => page.getByRole('row').count();
  const holds = (page, text) => until(async () => (await grid(page).innerText()).includes(text), `“${text}” in the table`);

  it('is there at once, counts afterwards, and draws only the rows in view, wherever one scrolls to', async () => {
    const { page, close } = await panel.open({ at: '/collections' });
    await page.getByRole('link', { name: 'million' }).first().waitFor();
    for (let turn = 0; turn < 3; turn++) {
      await page.goto(`${panel.url}/_/#/api-keys`);
      await page.getByRole('link', { name: 'million' }).first().waitFor();
      const ms = await page.evaluate(async () => {
        const begun = performance.now();
        [...document.querySelectorAll('a')].find((link) => link.textContent.trim() === 'million').click();
        while (!document.querySelector('#cell-0-2')?.textContent.includes('Post')) {
          await new Promise((done) => requestAnimationFrame(done));
        }
        return performance.now() - begun;
      });
      console.log(`a table of a million records was there after ${Math.round(ms)} ms`);
    }
    await total(page, '1,000,000 records');
    assert.ok((await drawn(page)) < DRAWN_MAX);
    await holds(page, `Post ${ROWS}`);

    await grid(page).evaluate((box) => (box.scrollTop = box.scrollHeight / 2));
    await until(async () => /^\S/.test((await grid(page).getByRole('gridcell').nth(2).innerText()) || ''), 'the middle');
    assert.ok((await drawn(page)) < DRAWN_MAX);
    await grid(page).focus();
    await page.keyboard.press('Control+End');
    await holds(page, 'Post 1\n');
    assert.ok((await drawn(page)) < DRAWN_MAX);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Control+Home');
    await holds(page, `Post ${ROWS}`);

    // What the wheel does: many small steps; never more rows in the document than fit.
    let most = 0;
    for (let step = 0; step < 40; step++) {
      await page.mouse.move(700, 500);
      await page.mouse.wheel(0, 700);
      most = Math.max(most, await drawn(page));
    }
    assert.ok(most < DRAWN_MAX, `${most} rows`);
    await until(async () => !(await grid(page).innerText()).includes(`Post ${ROWS}\n`), 'the wheel to scroll');
    await close();
  });

  it('sorts by an index and filters while it stays quick', async () => {
    const { page, close } = await panel.open({ at: '/collections/million?sort=views' });
    await holds(page, 'Post');
    await page.goto(`${panel.url}/_/#/collections/million?filter=title%20%3D%20%22Post%20123456%22`);
    await holds(page, 'Post 123456');
    await total(page, '1 record');
    await close();
  });
});

/** Writes rows right into the database: what a million requests would take is not what is tested here. */
function fill(file, rows) {
  const script = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=60) as db:
    db.execute("""INSERT INTO million (id, title, views)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        SELECT printf('r%014d', i), 'Post ' || i, abs(random()) % 900000 FROM n""")
    db.execute('DELETE FROM _changes')
`;
  const { status, stderr } = spawnSync('python3', ['-c', script, file], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}
