// Records at the server: read, saved with their files, deleted.
import { ClientResponseError, type CollectionModel, type RecordModel } from 'pocketbase';
import { pb } from '$lib/api/client';
import { mayBeRounded, parseExact } from '$lib/api/exact';
import { orderedNames, type Values, type Wire } from '$lib/records/draft';
import { searchable } from '$lib/records/fields';

/** How many records are asked for by their ids at once, so that the filter stays short. */
const IDS_AT_ONCE = 60;
const FOUND_PER_PAGE = 30;

export function viewRecord(collection: CollectionModel, id: string, signal?: AbortSignal): Promise<RecordModel> {
  return pb.collection(collection.id).getOne(id, signal && { signal });
}

/** Several by their ids, in that order; those that are gone are left out. */
export async function recordsByIds(collection: CollectionModel, ids: readonly string[]): Promise<RecordModel[]> {
  const found = new Map<string, RecordModel>();
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const some = ids.slice(at, at + IDS_AT_ONCE);
    const filter = some.map((id) => pb.filter('id = {:id}', { id })).join(' || ');
    const page = await pb.collection(collection.id).getList(1, some.length, { filter, skipTotal: true });
    for (const record of page.items) found.set(record.id, record);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** A page of the records in which a text is found; all for no text. */
export async function findRecords(
  collection: CollectionModel,
  text: string,
  page: number,
  signal?: AbortSignal,
): Promise<{ items: RecordModel[]; hasMore: boolean }> {
  const filter = text.trim()
    ? searchable(collection)
        .map((name) => pb.filter(`${name} ~ {:text}`, { text: text.trim() }))
        .join(' || ')
    : '';
  const { items } = await pb.collection(collection.id).getList(page, FOUND_PER_PAGE, {
    skipTotal: true,
    ...(filter && { filter }),
    ...(collection.type !== 'view' && { sort: '-@rowid' }),
    ...(signal && { signal }),
  });
  return { items, hasMore: items.length === FOUND_PER_PAGE };
}

/** Creates (`id` is null) or changes a record. `onprogress` hears how much of the files is sent, from 0 to 1. */
export async function saveRecord(
  collection: CollectionModel,
  id: string | null,
  wire: Wire,
  onprogress?: (sent: number) => void,
): Promise<RecordModel> {
  const records = pb.collection(collection.id);
  let saved: RecordModel;
  if (Object.keys(wire.uploads).length) saved = await upload(collection, id, wire, onprogress);
  else if (id === null) saved = await records.create(wire.body);
  else saved = await records.update(id, wire.body);
  const orders = Object.entries(wire.orders).map(([name, wanted]) => [
    name,
    orderedNames(wanted, saved[name] as string[]),
  ]);
  return orders.length ? records.update(saved.id, Object.fromEntries(orders) as Values) : saved;
}

export async function deleteRecord(collection: CollectionModel, id: string): Promise<void> {
  await pb.collection(collection.id).delete(id);
}

/** The address of a record's file; `token` opens protected ones. */
export function fileUrl(record: RecordModel, name: string, options: { thumb?: string; token?: string } = {}): string {
  return pb.files.getURL(record, name, options);
}

export function fileToken(): Promise<string> {
  return pb.files.getToken();
}

/** Hears when a record is changed or deleted, here or elsewhere; returns how to stop. */
export function watchRecord(
  collection: CollectionModel,
  id: string,
  heard: (action: string, record: RecordModel) => void,
): () => void {
  const subscribed = pb
    .collection(collection.id)
    .subscribe(id, ({ action, record }) => asStored(collection, action, record, heard));
  // Without realtime there is no notice; saving works all the same.
  subscribed.catch(() => undefined);
  return () => void subscribed.then((stop) => stop()).catch(() => undefined);
}

/** Passes on what was heard of a record; reads it again where numbers in it may have been rounded on the way. */
export function asStored(
  collection: CollectionModel,
  action: string,
  record: RecordModel,
  heard: (action: string, record: RecordModel) => void,
  expand = '',
): void {
  const isExact = collection.fields.every(({ type, name }) => type !== 'json' || !mayBeRounded(record[name]));
  if (isExact || action === 'delete') return heard(action, record);
  pb.collection(collection.id)
    .getOne(record.id, expand ? { expand } : {})
    .then((stored) => heard(action, stored))
    // Whoever deleted it meanwhile is heard of too.
    .catch(() => undefined);
}

/** Sends a form with files. Not by `fetch`, which cannot tell how far it is. */
function upload(
  collection: CollectionModel,
  id: string | null,
  { body, uploads }: Wire,
  onprogress?: (sent: number) => void,
): Promise<RecordModel> {
  const form = new FormData();
  form.append('@jsonPayload', JSON.stringify(body));
  for (const [name, files] of Object.entries(uploads)) {
    // With uploads in the form, the names that are kept stand in it too.
    const kept = body[name];
    for (const one of Array.isArray(kept) ? (kept as string[]) : []) form.append(name, one);
    for (const file of files) form.append(name, file, file.name);
  }
  const base = `/api/collections/${encodeURIComponent(collection.id)}/records`;
  const url = pb.buildURL(id === null ? base : `${base}/${encodeURIComponent(id)}`);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(id === null ? 'POST' : 'PATCH', url);
    request.setRequestHeader('Authorization', pb.authStore.token);
    request.upload.onprogress = ({ loaded, total }) => onprogress?.(total ? loaded / total : 0);
    request.onload = () => {
      const response = answerOf(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(response);
      else reject(new ClientResponseError({ url, status: request.status, response }));
    };
    request.onerror = () => reject(new ClientResponseError({ url, status: 0 }));
    request.send(form);
  });
}

function answerOf(text: string): RecordModel {
  try {
    return parseExact(text) as RecordModel;
  } catch {
    return {} as RecordModel;
  }
}
