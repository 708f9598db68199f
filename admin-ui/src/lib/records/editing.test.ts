import type { CollectionModel, RecordModel } from 'pocketbase';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Editing } from './editing.svelte';

const { all, good, viewed } = vi.hoisted(() => ({
  all: [] as unknown[],
  good: vi.fn(),
  viewed: { id: 'r', title: 'Old', note: 'old', views: 1 },
}));

vi.mock('$lib/accounts/own', () => ({ isOwn: () => false }));
vi.mock('$lib/services/records', () => ({
  viewRecord: () => Promise.resolve(viewed),
  deleteRecord: () => Promise.resolve(),
}));
vi.mock('$lib/services/bulk', () => ({}));
vi.mock('$lib/services/recordlist', () => ({ byIds: () => Promise.resolve([viewed]) }));
vi.mock('$lib/state/collections.svelte', () => ({ collections: { all } }));
vi.mock('$lib/state/toasts.svelte', () => ({ toasts: { good } }));

const collection = {
  id: 'c',
  name: 'things',
  type: 'base',
  fields: [
    { id: 'i', name: 'id', type: 'text', primaryKey: true },
    { id: 't', name: 'title', type: 'text' },
    { id: 'n', name: 'note', type: 'text' },
    { id: 'v', name: 'views', type: 'number' },
  ],
} as unknown as CollectionModel;
const record = (values: object) => ({ ...viewed, ...values }) as unknown as RecordModel;

async function opened(): Promise<Editing> {
  const editing = new Editing(collection);
  await editing.load('r');
  return editing;
}

describe('a conflict', () => {
  let editing: Editing;
  beforeEach(async () => {
    editing = await opened();
    editing.set('title', 'Mine');
    editing.hear('update', record({ title: 'Theirs' }));
  });

  it('is still there when something else is changed', () => {
    editing.hear('update', record({ title: 'Theirs', views: 2 }));
    expect(editing.meanwhile).toMatchObject({ kind: 'conflict', fields: ['title'] });
    editing.set('note', 'mine');
    editing.hear('update', record({ title: 'Theirs again', note: 'theirs', views: 2 }));
    expect(editing.meanwhile).toMatchObject({ kind: 'conflict', fields: ['title', 'note'] });
    editing.takeTheirs();
    expect(editing.values).toMatchObject({ title: 'Theirs again', note: 'theirs', views: 2 });
    expect(editing.isDirty).toBe(false);
  });

  it('ends when both are the same', () => {
    editing.hear('update', record({ title: 'Mine', views: 2 }));
    expect(editing.meanwhile?.kind).toBe('changed');
  });
});

describe('a deletion', () => {
  beforeEach(() => {
    good.mockReset();
    all.splice(0, all.length, collection);
  });

  it('can be undone', async () => {
    await (await opened()).remove();
    expect(good).toHaveBeenCalledWith('Deleted.', expect.objectContaining({ label: 'Undo' }));
  });

  it('cannot be undone where others refer to it', async () => {
    all.push({
      id: 'd',
      name: 'others',
      type: 'base',
      fields: [{ type: 'relation', name: 'thing', collectionId: 'c' }],
    });
    await (await opened()).remove();
    expect(good).toHaveBeenCalledWith('Deleted.', undefined);
  });
});
