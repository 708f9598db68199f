// Finds records to choose from, by whatever text is in them.
import { pb } from '$lib/api/client';
import type { CollectionModel, RecordModel } from '$lib/api/types';
import { filterOf } from '$lib/rules/search';

export interface Choice {
  value: string;
  label: string;
  note: string;
}

/** How many are offered at once. */
const OFFERED_MAX = 20;

export async function findRecords(collection: CollectionModel, text: string): Promise<Choice[]> {
  const filter = filterOf(text, collection);
  const { items } = await pb
    .collection(collection.id)
    .getList(1, OFFERED_MAX, { skipTotal: true, ...(filter && { filter }) });
  return items.map((record) => choiceOf(collection, record));
}

/** The choice of a record that is known by its id only; one that is gone keeps its id as its name. */
export async function findRecord(collection: CollectionModel, id: string): Promise<Choice[]> {
  try {
    return [choiceOf(collection, await pb.collection(collection.id).getOne(id))];
  } catch {
    return [];
  }
}

function choiceOf(collection: CollectionModel, record: RecordModel): Choice {
  return { value: record.id, label: nameOf(collection, record), note: record.id };
}

/** What people call a record: its presentable fields, else the first text that says something. */
export function nameOf(collection: CollectionModel, record: RecordModel): string {
  const told = (names: string[]) => names.map((name) => record[name] as unknown).filter((one) => isName(one));
  const chosen = told(collection.fields.filter(({ presentable }) => presentable).map(({ name }) => name));
  if (chosen.length) return chosen.join(' · ');
  const likely = ['title', 'name', 'email', 'username', 'label', 'slug'];
  const texts = collection.fields.filter(({ type, name }) => type === 'text' && name !== 'id').map(({ name }) => name);
  return String(told([...likely, ...texts])[0] ?? record.id);
}

function isName(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}
