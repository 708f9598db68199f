// Deletes records, many if need be, and puts them back where that is possible.
import type { CollectionModel, RecordModel } from '$lib/api/types';
import { restoreOf } from '$lib/records/draft';
import { faultText, writeAll, type Outcome } from '$lib/services/bulk';
import { byIds } from '$lib/services/recordlist';
import { collections } from '$lib/state/collections.svelte';
import { confirm } from '$lib/state/confirm.svelte';
import { counted } from './values';

/** Up to how many records are kept in mind for an undo. */
const UNDO_MAX = 1_000;

export interface Deletion {
  deleted: string[];
  /** What the server said about those it kept, by id. */
  faults: { id: string; text: string }[];
  /** Puts them back; not there when something would be lost. */
  undo?: () => Promise<(Outcome | undefined)[]>;
}

export async function askToDelete(collection: CollectionModel, ids: readonly string[]): Promise<boolean> {
  const referring = referringTo(collection);
  const others = referring.length
    ? `\nRecords of ${referring.join(', ')} that refer to them may change or go too.`
    : '';
  return confirm({
    title: ids.length === 1 ? 'Delete this record?' : `Delete ${counted(ids.length)}?`,
    message: `${ids.length === 1 ? `“${ids[0]}”` : 'They'} will be taken out of ${collection.name}.${others}`,
    confirmLabel: 'Delete',
    danger: true,
  });
}

export async function deleteAll(
  collection: CollectionModel,
  ids: readonly string[],
  running: { signal: AbortSignal; onoutcome: (at: number, outcome: Outcome) => void },
): Promise<Deletion> {
  const before = await restorable(collection, ids);
  const writes = ids.map((id) => ({ method: 'DELETE' as const, id }));
  const outcomes = await writeAll(collection, writes, running);
  const deleted = ids.filter((_, at) => outcomes[at] && !outcomes[at]?.fault);
  const faults = ids.flatMap((id, at) => {
    const fault = outcomes[at]?.fault;
    return fault ? [{ id, text: faultText(fault) }] : [];
  });
  if (!before || !deleted.length) return { deleted, faults };
  const undo = () => {
    const bodies = before.filter(({ id }) => deleted.includes(String(id)));
    return writeAll(
      collection,
      bodies.map((body) => ({ method: 'POST' as const, body })),
    );
  };
  return { deleted, faults, undo };
}

/** What makes the records again; `undefined` when any of them could not be made again as it was. */
export async function restorable(
  collection: CollectionModel,
  ids: readonly string[],
): Promise<Record<string, unknown>[] | undefined> {
  // What others refer to changes them when it goes; that cannot be put back.
  if (ids.length > UNDO_MAX || collection.type !== 'base' || referringTo(collection).length) return undefined;
  const records: RecordModel[] = await byIds(collection, ids).catch(() => []);
  const bodies = records.map((record) => restoreOf(collection, record));
  if (bodies.length !== ids.length || bodies.includes(undefined)) return undefined;
  return bodies as Record<string, unknown>[];
}

/** Names of the collections that have relations to this one. */
function referringTo({ id }: CollectionModel): string[] {
  const refers = (collection: CollectionModel) =>
    collection.type !== 'view' &&
    collection.fields.some((field) => field.type === 'relation' && field['collectionId'] === id);
  return collections.all.filter(refers).map(({ name }) => name);
}
