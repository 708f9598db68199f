// Finds records to relate to, by their names.
import { pb } from '$lib/api/client';
import type { RecordModel } from '$lib/api/types';
import { defaultSort } from '$lib/services/recordlist';
import { collections } from '$lib/state/collections.svelte';
import type { CollectionField } from './columns';
import { filterOf } from '$lib/rules/search';
import { nameOf, several } from './values';

/** How many are offered. */
const OFFERED_MAX = 30;

interface Option {
  value: string;
  label: string;
  note?: string;
}

export async function searchRelated(field: CollectionField, text: string): Promise<Option[]> {
  const collection = collections.find(field.collectionId);
  if (!collection) return [];
  const filter = filterOf(text, collection);
  const { items } = await pb.collection(collection.id).getList(1, OFFERED_MAX, {
    skipTotal: true,
    sort: defaultSort(collection),
    ...(filter && { filter }),
  });
  return items.map((item) => optionOf(item, field));
}

/** The related records that came along with a record. */
export function knownRelated(record: RecordModel, field: CollectionField): Option[] {
  const found = record.expand?.[field.name] as RecordModel | RecordModel[] | undefined;
  const there = [found ?? []].flat();
  return several(record[field.name]).map((id) => {
    const one = there.find((other) => other.id === id);
    return one ? optionOf(one, field) : { value: id, label: id };
  });
}

function optionOf(record: RecordModel, field: CollectionField): Option {
  const label = nameOf(record, collections.find(field.collectionId));
  return { value: record.id, label, ...(label !== record.id && { note: record.id }) };
}
