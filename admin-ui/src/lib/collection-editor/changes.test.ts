import { describe, expect, it } from 'vitest';
import { blankField } from './blank';
import { notableChanges } from './changes';
import type { AnyField, Collection } from './model';

const field = (id: string, type: AnyField['type'], more: object = {}) =>
  ({ ...blankField(type), id, name: id, ...more }) as AnyField;

const BASE: Collection = {
  id: 'c',
  name: 'posts',
  type: 'base',
  system: false,
  fields: [
    field('title', 'text'),
    field('docs', 'file', { maxSelect: 3 }),
    field('kind', 'select', { values: ['a', 'b'] }),
  ],
  indexes: ['CREATE UNIQUE INDEX `i` ON `posts` (`title`)'],
  created: '',
  updated: '',
  listRule: null,
  viewRule: null,
  createRule: null,
  updateRule: null,
  deleteRule: null,
};

const said = (after: Partial<Collection>, before: Partial<Collection> = {}) =>
  notableChanges({ ...BASE, ...before }, { ...BASE, ...before, ...after }).map(({ tone, text }) => `${tone}: ${text}`);

describe('notableChanges', () => {
  it('says nothing about what cannot hurt', () => {
    expect(said({ fields: [...BASE.fields, field('new', 'text')], listRule: 'x = 1' })).toEqual([]);
  });

  it('says which data is lost, before everything else', () => {
    const [title, , kind] = BASE.fields as [AnyField, AnyField, AnyField];
    expect(said({ name: 'news', fields: [title, kind] })).toEqual([
      'danger: “docs” is deleted, with its files in every record.',
      'warn: “posts” becomes “news”: programs must use /api/collections/news from now on.',
    ]);
    expect(said({ fields: [title, field('docs', 'file', { maxSelect: 1 }), kind] })).toEqual([
      'danger: “docs” holds one file only: of several, the last is kept.',
    ]);
  });

  it('says what is renamed, opened and dropped', () => {
    const [title, docs] = BASE.fields as [AnyField, AnyField];
    const fields = [{ ...title, name: 'name' }, docs, field('kind', 'select', { values: ['a'], maxSelect: 2 })];
    expect(said({ fields, listRule: '', indexes: [] })).toEqual([
      'warn: “title” becomes “name”. Its values stay; programs must use the new name.',
      'warn: “kind” no longer offers “b”. Records that have it keep it.',
      'warn: List and search is open to everyone.',
      'info: “kind” holds several values: programs get a list.',
      'info: Index “i” is dropped. Values may repeat from now on.',
    ]);
  });

  it('says who is signed out', () => {
    expect(said({ authRule: null, fileToken: { duration: 1, secret: 'x' } }, { type: 'auth', authRule: '' })).toEqual([
      'warn: Nobody can sign in, and everybody is signed out.',
      'warn: Links to protected files that are in use stop working.',
    ]);
  });
});
