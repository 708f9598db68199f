import type { CollectionModel, RecordModel } from 'pocketbase';
import { describe, expect, it } from 'vitest';
import {
  changedFields,
  draftOf,
  duplicateOf,
  orderedNames,
  restoreOf,
  typedMeanwhile,
  undoOf,
  wireOf,
  type DraftFile,
  type DraftJson,
} from './draft';

const FIELDS = [
  { name: 'id', type: 'text' },
  { name: 'title', type: 'text' },
  { name: 'views', type: 'number' },
  { name: 'meta', type: 'json' },
  { name: 'docs', type: 'file', maxSelect: 5 },
  { name: 'cover', type: 'file', maxSelect: 1 },
  { name: 'tags', type: 'relation', maxSelect: 3 },
  { name: 'kind', type: 'select', maxSelect: 1, values: ['a', 'b'] },
  { name: 'secret', type: 'password' },
  { name: 'place', type: 'geoPoint' },
  { name: 'updated', type: 'autodate' },
];
const posts = { name: 'posts', type: 'base', fields: FIELDS } as unknown as CollectionModel;
const record = {
  id: 'p1',
  collectionId: 'c',
  collectionName: 'posts',
  title: 'Hi',
  views: 3,
  meta: { a: 1 },
  docs: ['a.png', 'b.png'],
  cover: '',
  tags: ['t1', 't2'],
  kind: 'a',
  place: { lon: 1, lat: 2 },
  updated: '2026-01-01 00:00:00.000Z',
} as RecordModel;

const file = (name: string) => new File(['x'], name);

describe('a draft', () => {
  it('has no changes until something is another', () => {
    const before = draftOf(posts, record);
    expect(changedFields(posts, before, draftOf(posts, record))).toEqual([]);
    expect(changedFields(posts, before, { ...before, title: 'Ho', tags: ['t2', 't1'] })).toEqual(['title', 'tags']);
  });

  it('does not call another way to write the same JSON a change', () => {
    const before = draftOf(posts, record);
    const meta: DraftJson = { text: '{"a":1}', value: { a: 1 }, fault: '' };
    expect(changedFields(posts, before, { ...before, meta })).toEqual([]);
    expect(changedFields(posts, before, { ...before, meta: { ...meta, text: '{"a":', fault: 'x' } })).toEqual(['meta']);
  });

  it('knows what was typed while it was saved; files that were sent are not sent again', () => {
    const [one, two] = [file('one.png'), file('two.png')];
    const docs: DraftFile[] = [{ name: 'b.png' }, { name: 'one.png', file: one }];
    const sent = { ...draftOf(posts, record), title: 'Ho', docs };
    const saved = { ...record, title: 'Ho', docs: ['b.png', 'one_x1.png'] };
    expect(typedMeanwhile(posts, sent, sent, saved)).toEqual({});
    const now = { ...sent, views: 4, docs: [...docs, { name: 'two.png', file: two }] };
    expect(typedMeanwhile(posts, sent, now, saved)).toEqual({
      views: 4,
      docs: [{ name: 'b.png' }, { name: 'one_x1.png' }, { name: 'two.png', file: two }],
    });
  });

  it('sends values as the server wants them, and only those named', () => {
    const draft = { ...draftOf(posts, record), kind: ['b'], tags: ['t2'], secret: 'geheim' };
    expect(wireOf(posts, draft, ['kind', 'tags', 'secret']).body).toEqual({
      kind: 'b',
      tags: ['t2'],
      secret: 'geheim',
    });
    expect(wireOf(posts, { ...draft, secret: '' }, ['secret']).body).toEqual({});
  });

  it('uploads new files, keeps the others, and notes another order', () => {
    const added: DraftFile = { name: 'n.png', file: file('n.png') };
    const behind = wireOf(posts, { ...draftOf(posts, record), docs: [{ name: 'b.png' }, added] }, ['docs']);
    expect(behind.body).toEqual({ docs: ['b.png'] });
    expect(behind.uploads['docs']?.map(({ name }) => name)).toEqual(['n.png']);
    expect(behind.orders).toEqual({});
    const between = [added, { name: 'a.png' }];
    const mixed = wireOf(posts, { ...draftOf(posts, record), docs: between }, ['docs']);
    expect(orderedNames(mixed.orders['docs'] ?? [], ['a.png', 'n_x1.png'])).toEqual(['n_x1.png', 'a.png']);
  });

  it('is a copy of another without what must be its own', () => {
    const copy = duplicateOf(posts, record);
    expect(copy['id']).toBe('');
    expect(copy['docs']).toEqual([]);
    expect(copy['title']).toBe('Hi');
    expect(copy['tags']).toEqual(['t1', 't2']);
  });
});

describe('undo', () => {
  it('puts old values back, unless files or passwords were changed', () => {
    expect(undoOf(posts, record, ['title', 'tags'])).toEqual({ title: 'Hi', tags: ['t1', 't2'] });
    expect(undoOf(posts, record, ['title', 'docs'])).toBeUndefined();
    expect(undoOf(posts, record, [])).toBeUndefined();
  });

  it('makes a deleted record again only where nothing is lost', () => {
    const fields = FIELDS.filter(({ type }) => type !== 'password');
    const plain = { ...posts, fields } as unknown as CollectionModel;
    expect(restoreOf(plain, record)).toBeUndefined();
    expect(restoreOf(plain, { ...record, docs: [] })).toMatchObject({ id: 'p1', title: 'Hi', views: 3 });
    expect(restoreOf(posts, { ...record, docs: [] })).toBeUndefined();
  });
});
