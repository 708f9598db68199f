// The browser of files: by collection and record, with previews, totals, and nothing that nobody knows.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { axe, shot, startPanel, until } from './panel.mjs';

/** A red dot. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');

let panel;
let record;
before(async () => {
  panel = await startPanel();
  const { pb } = panel;
  await pb.collections.create({
    name: 'papers',
    type: 'base',
    fields: [
      { name: 'docs', type: 'file', maxSelect: 9 },
      { name: 'hidden_docs', type: 'file', maxSelect: 9, protected: true },
    ],
  });
  record = await pb.collection('papers').create({
    docs: [new File([PNG], 'dot.png'), new File(['hello from a file'], 'note.txt'), new File([new Uint8Array(4096)], 'blob.bin')],
    hidden_docs: [new File(['for your eyes'], 'secret.txt')],
  });
});
after(() => panel?.stop());

describe('storage', () => {
  it('lists every file with its record, and how much each collection takes', async () => {
    const { page, close } = await panel.open({ at: '/storage' });
    for (const name of ['dot.png', 'note.txt', 'blob.bin', 'secret.txt']) await page.getByRole('button', { name, exact: true }).waitFor();
    await page.getByRole('button', { name: 'Look for orphans' }).click();
    await page.getByText('No orphans').waitFor();
    await axe(page);
    await shot(page, 'storage');
    const collections = page.getByRole('list', { name: 'By collection' });
    await collections.getByRole('button', { name: /papers/ }).click();
    await until(() => page.url().includes('collection=papers'), 'the address');
    await page.getByRole('searchbox', { name: 'Find a file by name' }).fill('note');
    await until(async () => (await page.getByRole('button', { name: 'dot.png', exact: true }).count()) === 0, 'other files to vanish');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'dot.png', exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Order' }).selectOption('-size');
    await until(async () => (await page.locator('tbody tr').first().textContent())?.includes('blob.bin'), 'the largest first');
    await close();
  });

  it('shows pictures and texts, protected ones too, and leads to the record', async () => {
    const { page, close } = await panel.open({ at: '/storage' });
    await page.getByRole('button', { name: 'dot.png', exact: true }).click();
    const drawer = page.getByRole('dialog');
    const image = drawer.getByRole('img', { name: /Preview/ });
    await until(() => image.evaluate((one) => one.naturalWidth === 1), 'the picture');
    await axe(page);
    await shot(page, 'storage-file');
    assert.match(await drawer.getByRole('link', { name: new RegExp(record.id) }).getAttribute('href'), new RegExp(`/collections/papers/records/${record.id}`));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'secret.txt', exact: true }).click();
    await drawer.getByText('for your eyes').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), drawer.getByRole('link', { name: 'Download' }).click()]);
    assert.match(download.suggestedFilename(), /secret/);
    await close();
  });

  it('removes a file from its record after asking', async () => {
    const { page, close } = await panel.open({ at: '/storage' });
    await page.getByRole('button', { name: 'blob.bin', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog', { name: 'Remove this file?' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('File removed').waitFor();
    await until(async () => (await page.getByRole('button', { name: 'blob.bin', exact: true }).count()) === 0, 'the file to vanish');
    assert.equal((await panel.pb.collection('papers').getOne(record.id)).docs.length, 2);
    await close();
  });

  it('says so when there is nothing', async () => {
    const { page, close } = await panel.open({ at: '/storage?search=nothing-is-called-this' });
    await page.getByText('No such files').waitFor();
    await axe(page);
    await close();
  });
});
