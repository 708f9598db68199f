// What the editor knows about the fields of a collection.
import type { CollectionField, CollectionModel } from 'pocketbase';

export type FieldType =
  | 'text'
  | 'number'
  | 'bool'
  | 'email'
  | 'url'
  | 'editor'
  | 'date'
  | 'autodate'
  | 'select'
  | 'file'
  | 'relation'
  | 'json'
  | 'password'
  | 'geoPoint';

/** A field with the options that the editors look at; which there are depends on its type. */
export interface FieldModel extends CollectionField {
  type: FieldType;
  required?: boolean;
  help?: string;
  min?: number | string | null;
  max?: number | string | null;
  onlyInt?: boolean;
  pattern?: string;
  autogeneratePattern?: string;
  primaryKey?: boolean;
  values?: string[];
  maxSelect?: number;
  minSelect?: number;
  maxSize?: number;
  mimeTypes?: string[];
  protected?: boolean;
  collectionId?: string;
  convertURLs?: boolean;
}

export interface GeoPoint {
  lon: number;
  lat: number;
}

/** The server's limit of a file or a JSON value where the field names none, in bytes. */
const FILE_MAX_BYTES = 5 * 1024 * 1024;

/** Names that most often say what a record is, when no field is marked as presentable. */
const TELLING = ['name', 'title', 'label', 'subject', 'username', 'email', 'slug', 'key', 'code'];

export function fieldsOf(collection: CollectionModel): FieldModel[] {
  return collection.fields as FieldModel[];
}

export function isMultiple(field: FieldModel): boolean {
  return ['select', 'file', 'relation'].includes(field.type) && (field.maxSelect ?? 0) > 1;
}

export function fileMaxBytes(field: FieldModel): number {
  return field.maxSize || FILE_MAX_BYTES;
}

/** What a field holds before anything is put in. */
export function emptyValue(field: FieldModel): unknown {
  if (isMultiple(field)) return [];
  if (field.type === 'number') return 0;
  if (field.type === 'bool') return false;
  if (field.type === 'json') return null;
  if (field.type === 'geoPoint') return { lon: 0, lat: 0 } satisfies GeoPoint;
  return '';
}

/** The fields whose values name a record for people. */
export function presentable(collection: CollectionModel): FieldModel[] {
  const fields = fieldsOf(collection).filter(({ type }) => type !== 'password');
  const chosen = fields.filter((field) => field.presentable);
  if (chosen.length) return chosen;
  const telling = TELLING.flatMap((name) => fields.filter((field) => field.name === name && field.type !== 'file'));
  if (telling.length) return telling.slice(0, 1);
  return fields.filter(({ type, name, hidden }) => type === 'text' && name !== 'id' && !hidden).slice(0, 1);
}

/** A record's name for people; its id where nothing else names it. */
export function recordLabel(collection: CollectionModel, record: Record<string, unknown>): string {
  const words = presentable(collection).map((field) => worded(record[field.name]));
  return words.filter(Boolean).join(' · ') || String(record['id'] ?? '');
}

const LABEL_MAX_CHARS = 120;

function worded(value: unknown): string {
  if (value === null || value === undefined || value === '' || value === false) return '';
  const text = Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
  const plain = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length > LABEL_MAX_CHARS ? `${plain.slice(0, LABEL_MAX_CHARS)}…` : plain;
}

/** Fields a text can be looked for in. */
export function searchable(collection: CollectionModel): string[] {
  const named = presentable(collection).filter(({ type }) =>
    ['text', 'email', 'url', 'editor', 'select', 'number'].includes(type),
  );
  const texts = fieldsOf(collection).filter(
    ({ type, hidden, name }) => ['text', 'email', 'url'].includes(type) && !hidden && name !== 'tokenKey',
  );
  return [...new Set(['id', ...named.map(({ name }) => name), ...texts.map(({ name }) => name)])].slice(0, 6);
}
