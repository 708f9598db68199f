// What is being edited: the values of a record as the editors hold them, what of it changed, and what to send.
import type { CollectionModel, RecordModel } from 'pocketbase';
import { emptyValue, fieldsOf, isMultiple, type FieldModel } from './fields';

export type Values = Record<string, unknown>;

/** A file of a record: one it has, or one that is to be uploaded. */
export type DraftFile = { name: string; file?: undefined } | { name: string; file: File };

/** The text of a JSON field as it is typed; `value` counts only while `fault` is empty. */
export interface DraftJson {
  text: string;
  value: unknown;
  fault: string;
}

/** What a field's editor holds for a value of the server. */
export function toDraft(field: FieldModel, value: unknown): unknown {
  const given = value ?? emptyValue(field);
  if (field.type === 'file') {
    const names = (Array.isArray(given) ? given : [given]) as string[];
    return names.filter(Boolean).map((name): DraftFile => ({ name }));
  }
  if (field.type === 'relation' || field.type === 'select') {
    const list = (Array.isArray(given) ? given : [given]) as string[];
    return list.filter(Boolean);
  }
  if (field.type === 'json') {
    const text = value === undefined || value === null ? '' : JSON.stringify(value, null, 2);
    return { text, value: value ?? null, fault: '' } satisfies DraftJson;
  }
  if (field.type === 'password') return '';
  if (field.type === 'geoPoint') return { ...(given as object) };
  return given;
}

/** Whether a field can be written at all. */
export function isWritable(field: FieldModel, isNew: boolean): boolean {
  if (field.type === 'autodate') return false;
  if (field.name === 'tokenKey') return false;
  return field.name !== 'id' || isNew;
}

export function draftOf(collection: CollectionModel, record: Partial<RecordModel> = {}): Values {
  return Object.fromEntries(fieldsOf(collection).map((field) => [field.name, toDraft(field, record[field.name])]));
}

/** A new record's values taken from another: everything but what must be its own. Files cannot be taken along. */
export function duplicateOf(collection: CollectionModel, record: RecordModel): Values {
  const own = fieldsOf(collection).filter(({ type, name }) => name === 'id' || type === 'file' || type === 'password');
  const values = draftOf(collection, record);
  for (const field of own) values[field.name] = toDraft(field, undefined);
  if (collection.type === 'auth') values['email'] = '';
  return values;
}

/** Whether two of an editor's values are the same for the server. */
export function isSame(field: FieldModel, a: unknown, b: unknown): boolean {
  if (field.type === 'file') {
    const [one, other] = [a as DraftFile[], b as DraftFile[]];
    return (
      one.length === other.length &&
      one.every((file, at) => file.name === other[at]?.name && file.file === other[at]?.file)
    );
  }
  if (field.type === 'json') {
    const [one, other] = [a as DraftJson, b as DraftJson];
    if (one.fault || other.fault) return one.text === other.text;
    return JSON.stringify(one.value) === JSON.stringify(other.value);
  }
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The names of the fields whose values differ. */
export function changedFields(collection: CollectionModel, before: Values, now: Values): string[] {
  return fieldsOf(collection)
    .filter((field) => !isSame(field, before[field.name], now[field.name]))
    .map(({ name }) => name);
}

/** What a field's value is for the server; `undefined`: nothing is to be sent. */
export function toWire(field: FieldModel, value: unknown): unknown {
  if (field.type === 'json') return (value as DraftJson).value;
  if (field.type === 'file') {
    const names = (value as DraftFile[]).filter(({ file }) => !file).map(({ name }) => name);
    return isMultiple(field) ? names : (names[0] ?? '');
  }
  if (field.type === 'select' || field.type === 'relation') {
    const list = value as string[];
    return isMultiple(field) ? list : (list[0] ?? '');
  }
  return value;
}

export interface Wire {
  body: Values;
  /** Files to upload, by field. */
  uploads: Record<string, File[]>;
  /** Fields whose files shall stand in another order than uploading gives them: kept and new ones mixed. */
  orders: Record<string, DraftFile[]>;
}

/** What to send for the fields named. */
export function wireOf(collection: CollectionModel, now: Values, names: readonly string[]): Wire {
  const wire: Wire = { body: {}, uploads: {}, orders: {} };
  for (const field of fieldsOf(collection)) {
    if (!names.includes(field.name)) continue;
    const value = now[field.name];
    if (field.type === 'password' && value === '') continue;
    wire.body[field.name] = toWire(field, value);
    if (field.type === 'password' && field.name === 'password') wire.body['passwordConfirm'] = value;
    if (field.type !== 'file') continue;
    const files = value as DraftFile[];
    const uploads = files.flatMap(({ file }) => file ?? []);
    if (uploads.length) wire.uploads[field.name] = uploads;
    const firstNew = files.findIndex(({ file }) => file);
    if (firstNew >= 0 && files.slice(firstNew).some(({ file }) => !file)) wire.orders[field.name] = files;
  }
  return wire;
}

/** The names in the wanted order, once the uploads have names: the server puts those behind the kept ones, in the order sent. */
export function orderedNames(wanted: readonly DraftFile[], stored: readonly string[]): string[] {
  const kept = wanted.filter(({ file }) => !file).length;
  let next = kept;
  return wanted.map((one) => (one.file ? (stored[next++] ?? '') : one.name)).filter(Boolean);
}

/** What was typed while `sent` was saved: it is not saved yet. Files that were sent have the names that they were given. */
export function typedMeanwhile(collection: CollectionModel, sent: Values, now: Values, saved: RecordModel): Values {
  const names = changedFields(collection, sent, now);
  const typed = fieldsOf(collection).filter(({ name }) => names.includes(name));
  return Object.fromEntries(
    typed.map((field) => {
      if (field.type !== 'file') return [field.name, now[field.name]];
      // They are stored in the order in which they were sent.
      const [files, stored] = [sent[field.name] as DraftFile[], [saved[field.name] as string | string[]].flat()];
      const known = (one: DraftFile): DraftFile => {
        const name = one.file && stored[files.findIndex(({ file }) => file === one.file)];
        return name ? { name } : one;
      };
      return [field.name, (now[field.name] as DraftFile[]).map(known)];
    }),
  );
}

/** The values to put back to undo a change; fields whose old values are gone for good are not among them. */
export function undoOf(collection: CollectionModel, before: RecordModel, names: readonly string[]): Values | undefined {
  const fields = fieldsOf(collection).filter(({ name }) => names.includes(name));
  if (!fields.length || fields.some(({ type }) => type === 'file' || type === 'password')) return undefined;
  return Object.fromEntries(fields.map(({ name }) => [name, before[name]]));
}

/** What makes a deleted record again, where that is possible: files, passwords and sessions are gone with it. */
export function restoreOf(collection: CollectionModel, record: RecordModel): Values | undefined {
  if (collection.type !== 'base') return undefined;
  const fields = fieldsOf(collection);
  const isLost = ({ type, name }: FieldModel) =>
    type === 'password' || (type === 'file' && (record[name] as unknown[] | string).length > 0);
  if (fields.some(isLost)) return undefined;
  const kept = fields.filter((field) => isWritable(field, true) && field.type !== 'file');
  return Object.fromEntries(kept.map(({ name }) => [name, record[name]]));
}
