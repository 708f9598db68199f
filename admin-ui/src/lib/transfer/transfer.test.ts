import { describe, expect, it } from 'vitest';
import { blankField } from '$lib/collection-editor/blank';
import type { AnyField, Collection } from '$lib/collection-editor/model';
import { differences, type Given } from './diff';
import { conflicts, readCollections, withOwnIds } from './read';

const field = (id: string, type: AnyField['type'], more: object = {}) =>
  ({ ...blankField(type), id, name: id, ...more }) as AnyField;

const POSTS = {
  id: 'c1',
  name: 'posts',
  type: 'base',
  system: false,
  listRule: null,
  viewRule: '',
  fields: [field('id', 'text', { system: true }), field('title', 'text', { max: 5 }), field('old', 'file')],
  indexes: ['CREATE INDEX a ON posts (title)'],
} as unknown as Collection;
const USERS = {
  ...POSTS,
  id: 'c2',
  name: 'users',
  type: 'auth',
  fields: [],
  otp: { enabled: false, length: 8 },
} as unknown as Collection;
const STORED = [POSTS, USERS];

const told = (given: Given[], deleteMissing = false) =>
  differences(STORED, given, deleteMissing).map(({ kind, name, entries }) => [
    kind,
    name,
    ...entries.map((entry) => `${entry.kind} ${entry.path}${entry.isLoss ? '!' : ''}`),
  ]);

describe('differences', () => {
  it('finds none in what was exported', () => {
    expect(told([POSTS, USERS], true)).toEqual([
      ['same', 'posts'],
      ['same', 'users'],
    ]);
    // Left out means left alone, or the default.
    const short = { id: 'title', name: 'title', type: 'text', max: 5 } as AnyField;
    expect(told([{ id: 'c1', name: 'posts', fields: [short] }])).toEqual([['same', 'posts']]);
  });

  it('tells changes field by field', () => {
    const given = {
      ...POSTS,
      name: 'news',
      listRule: '',
      fields: [
        field('id', 'text', { system: true }),
        field('title', 'text', { name: 'head', max: 9 }),
        field('n', 'number'),
      ],
    };
    const changes = [
      'changed',
      'news',
      'changed name',
      'changed listRule',
      'changed fields.title.name',
      'changed fields.title.max',
      'added fields.n',
    ];
    expect(told([given])).toEqual([changes]);
    expect(told([given], true)[0]).toEqual([...changes, 'deleted fields.old!']);
  });

  it('tells that values are lost when a field holds one instead of several', () => {
    const several = { ...POSTS, fields: [field('kinds', 'select', { maxSelect: 3, values: ['a'] })] } as Collection;
    const of = (maxSelect: number) => ({
      ...several,
      fields: [field('kinds', 'select', { maxSelect, values: ['a'] })],
    });
    const lost = (given: Given) => differences([several], [given], false)[0]?.entries.map(({ isLoss }) => isLoss);
    expect(lost(of(1))).toEqual([true]);
    expect(lost(of(2))).toEqual([undefined]);
  });

  it('tells what is added and what is deleted, and changes deep inside', () => {
    expect(told([{ name: 'tags', fields: [field('t', 'text')], listRule: '' }], true)).toEqual([
      ['added', 'tags', 'added fields.t', 'added listRule'],
      ['deleted', 'posts'],
      ['deleted', 'users'],
    ]);
    expect(told([{ name: 'users', otp: { enabled: true } } as unknown as Given])).toEqual([
      ['changed', 'users', 'changed otp.enabled'],
    ]);
  });
});

describe('files', () => {
  it('are read in every form, or say what is wrong', () => {
    expect(readCollections('[{"name":"a"}]')).toHaveLength(1);
    expect(readCollections('{"name":"a"}')).toHaveLength(1);
    expect(readCollections('{"collections":[{"name":"a"},{"name":"b"}]}')).toHaveLength(2);
    expect(() => readCollections('{')).toThrow('This is no JSON');
    expect(() => readCollections('[]')).toThrow('no collection');
    expect(() => readCollections('[{"id":"x"}]')).toThrow('Entry 1 is no collection');
    expect(() => readCollections('[{"name":"a"},{"name":"A"}]')).toThrow('twice');
    expect(() => readCollections('[{"name":"a","schema":[]}]')).toThrow('before 0.23');
  });

  it('from elsewhere are made to fit by the ids used here', () => {
    const given: Given[] = [
      {
        id: 'x',
        name: 'posts',
        type: 'base',
        fields: [field('t9', 'text', { name: 'title' }), field('old', 'text', { id: 'o9' })],
      },
      { id: 'y', name: 'tags', fields: [field('r', 'relation', { collectionId: 'x' })] },
    ];
    expect(conflicts(STORED, given).map(({ text, isBlocking }) => [text.slice(0, 22), isBlocking])).toEqual([
      ['The one of this name h', false],
      ['Field “title” has anot', false],
      ['Field “old” is file he', false],
    ]);
    const fitted = withOwnIds(STORED, given);
    expect(fitted[0]?.id).toBe('c1');
    expect(fitted[0]?.fields?.map(({ id }) => id)).toEqual(['title', 'o9']);
    expect(fitted[1]?.fields?.[0]).toMatchObject({ collectionId: 'c1' });
    expect(conflicts(STORED, fitted)).toHaveLength(1);
    expect(conflicts(STORED, [{ name: 'users', type: 'base' }])[0]?.isBlocking).toBe(true);
  });
});
