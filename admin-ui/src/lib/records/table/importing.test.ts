import { describe, expect, it } from 'vitest';
import { checkRow, guess, missing, valueFor } from './importing';
import { readRecords } from './reading';

const field = (values: object) => ({ id: 'f', name: 'f', ...values }) as never;
const collection = {
  fields: [
    { name: 'id', type: 'text', primaryKey: true, required: true },
    { name: 'title', type: 'text', required: true },
    { name: 'views', type: 'number' },
    { name: 'kind', type: 'select', values: ['a', 'b'], maxSelect: 2 },
    { name: 'docs', type: 'file' },
    { name: 'created', type: 'autodate' },
  ],
} as never;

describe('reading', () => {
  it('takes CSV with quotes, empty lines and any separator, and knows the lines', async () => {
    const read = await readRecords('\uFEFFid;title\n\n1;"two\nlines"\n2;"say ""hi"""\n', 'a.csv');
    expect(read).toEqual({
      kind: 'csv',
      columns: ['id', 'title'],
      rows: [
        { line: 3, values: { id: '1', title: 'two\nlines' } },
        { line: 5, values: { id: '2', title: 'say "hi"' } },
      ],
    });
  });

  it('leaves out cells that a line of CSV does not have', async () => {
    const { rows } = await readRecords('id,title,views\n1,a\n2,,3\n', 'a.csv');
    expect(rows.map(({ values }) => values)).toEqual([
      { id: '1', title: 'a' },
      { id: '2', title: '', views: '3' },
    ]);
  });

  it('takes JSON lists, answers of the API, and a record a line', async () => {
    const rows = [{ line: 1, values: { a: 1 } }];
    expect((await readRecords('[{"a":1}]', 'a.json')).rows).toEqual(rows);
    expect((await readRecords('{"page":1,"items":[{"a":1}]}', 'a.json')).rows).toEqual(rows);
    expect((await readRecords('{"a":1}\n\n{"b":2}\n', 'a.jsonl')).rows[1]).toEqual({ line: 3, values: { b: 2 } });
  });

  it('says what is wrong with a file', async () => {
    await expect(readRecords('[{', 'a.json')).rejects.toThrow('not JSON');
    await expect(readRecords('[1]', 'a.json')).rejects.toThrow('Line 1');
    await expect(readRecords('a,b\n', 'a.csv')).rejects.toThrow('no records');
  });
});

describe('mapping', () => {
  it('finds fields by their names, and none for what cannot be set', () => {
    expect(guess(['ID', 'Title', 'docs', 'created', 'more'], collection)).toEqual({
      ID: 'id',
      Title: 'title',
      docs: '',
      created: '',
      more: '',
    });
  });
});

describe('checking', () => {
  const mapping = { Id: 'id', Title: 'title', Views: 'views', Kind: 'kind' };
  it('makes values of texts', () => {
    const row = { line: 2, values: { Id: 'x', Title: ' a ', Views: '3', Kind: 'a, b' } };
    expect(checkRow(row, mapping, collection)).toEqual({
      line: 2,
      id: 'x',
      fault: '',
      body: { id: 'x', title: ' a ', views: 3, kind: ['a', 'b'] },
    });
  });

  it('gathers what does not fit', () => {
    const { fault } = checkRow({ line: 2, values: { Title: 'a', Views: 'many', Kind: 'z' } }, mapping, collection);
    expect(fault).toContain('views: “many” is not a number.');
    expect(fault).toContain('kind: “z” is not one of a, b.');
  });

  it('misses what a new record needs', () => {
    expect(missing({ line: 1, id: '', body: {}, fault: '' }, collection)).toBe('title: Cannot be blank.');
    expect(missing({ line: 1, id: '', body: { title: 'a' }, fault: '' }, collection)).toBe('');
  });

  it('knows every type', () => {
    expect(valueFor('yes', field({ type: 'bool' }))).toBe(true);
    expect(() => valueFor('perhaps', field({ type: 'bool' }))).toThrow();
    expect(valueFor('2026-01-02 03:04:05Z', field({ type: 'date' }))).toBe('2026-01-02 03:04:05.000Z');
    expect(() => valueFor('soon', field({ type: 'date' }))).toThrow();
    expect(valueFor('45.5, 12', field({ type: 'geoPoint' }))).toEqual({ lat: 45.5, lon: 12 });
    expect(valueFor('{"a":1}', field({ type: 'json' }))).toEqual({ a: 1 });
    expect(valueFor('plain', field({ type: 'json' }))).toBe('plain');
    expect(valueFor('["x","y"]', field({ type: 'relation', maxSelect: 5 }))).toEqual(['x', 'y']);
    expect(valueFor('x', field({ type: 'relation', maxSelect: 1 }))).toBe('x');
    expect(valueFor(null, field({ type: 'number' }))).toBe(0);
    expect(() => valueFor('Infinity', field({ type: 'number' }))).toThrow();
  });

  it('takes values of JSON as they are', () => {
    for (const value of ['5', 'null', '{"a":1}', '', ' a', null, false]) {
      expect(valueFor(value, field({ type: 'json' }), 'json')).toBe(value);
    }
    const several = { type: 'select', maxSelect: 2, values: ['a, b', 'c'] };
    expect(valueFor('a, b', field(several), 'json')).toEqual(['a, b']);
    expect(valueFor(['a, b', 'c'], field(several), 'json')).toEqual(['a, b', 'c']);
    expect(valueFor([], field({ ...several, maxSelect: 1 }), 'json')).toBe('');
  });

  it('takes dates that can be read in one way only', () => {
    const date = (text: unknown) => valueFor(text, field({ type: 'date' }));
    expect(date('2026-01-02')).toBe('2026-01-02 00:00:00.000Z');
    expect(date('2026-01-02 03:04')).toBe('2026-01-02 03:04:00.000Z');
    expect(date('2026-01-02T03:04:05.678')).toBe('2026-01-02 03:04:05.678Z');
    expect(date('2026-01-02 03:04:05+0200')).toBe('2026-01-02 01:04:05.000Z');
    expect(date('2026-01-01T00:30:00+02:00')).toBe('2025-12-31 22:30:00.000Z');
    expect(date('')).toBe('');
    const wrong = [
      '3/4/2026',
      '04.03.2026',
      '2026-02-31',
      '2026-02-30T10:00:00Z',
      '2026-13-01',
      '2026-01-02 25:00',
      '2026-01-02 24:00',
      '2026',
      'Jan 2',
      '5',
      5,
      {},
    ];
    for (const text of wrong) expect(() => date(text)).toThrow('not a date');
  });
});
