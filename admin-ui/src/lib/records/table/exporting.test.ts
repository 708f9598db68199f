import { expect, it } from 'vitest';
import { exported, type Format } from './exporting';
import { checkRow } from './importing';
import { readRecords } from './reading';

const record = (values: object) => ({ collectionId: '', collectionName: '', ...values }) as never;

async function all(format: Format): Promise<string> {
  async function* pages() {
    yield [record({ id: 'a', title: 'say "hi", you', tags: ['x', 'y'], none: [] })];
    yield [record({ id: 'b', title: 'two\nlines', tags: [], none: null })];
  }
  const parts: string[] = [];
  const fields = ['id', 'title', 'tags', 'none'].map((name) => ({ name, type: 'text' }));
  for await (const part of exported(pages(), fields, format)) parts.push(part);
  return parts.join('');
}

it('writes CSV that spreadsheets and we ourselves read back', async () => {
  expect(await all('csv')).toBe(
    '\uFEFFid,title,tags,none\r\na,"say ""hi"", you","[""x"",""y""]",\r\nb,"two\nlines",,\r\n',
  );
});

it('writes JSON', async () => {
  expect(JSON.parse(await all('json'))).toEqual([
    { id: 'a', title: 'say "hi", you', tags: ['x', 'y'], none: [] },
    { id: 'b', title: 'two\nlines', tags: [], none: null },
  ]);
});

it.each(['csv', 'json'] as const)('brings values of JSON fields back as they were: %s', async (format) => {
  const metas = ['5', 5, 'true', true, '', null, [], '[]', ['a'], {}, { a: '1' }, ' a\n', '{"a":1}', 'plain'];
  async function* pages() {
    yield metas.map((meta, at) => record({ id: `${at}`, meta }));
  }
  const fields = [
    { id: 'i', name: 'id', type: 'text' },
    { id: 'm', name: 'meta', type: 'json' },
  ] as never[];
  const parts: string[] = [];
  for await (const part of exported(pages(), fields, format)) parts.push(part);
  const { rows, kind } = await readRecords(parts.join(''), `a.${format}`);
  const read = rows.map((row) => checkRow(row, { id: 'id', meta: 'meta' }, { fields }, kind));
  expect(read.map(({ body }) => body['meta'])).toEqual(metas);
  expect(read.every(({ fault }) => !fault)).toBe(true);
});
