// Sample records, made of the collection's own fields.
import type { CollectionModel } from '$lib/api/types';

type Field = CollectionModel['fields'][number];

const DATE = '2026-01-01 10:00:00.000Z';
export const RECORD_ID = 'RECORD_ID';

/** A value such as the field has in answers. */
export function sampleOf(field: Field): unknown {
  const isMany = Number(field['maxSelect'] ?? 1) > 1;
  const some = (one: string) => (isMany ? [one] : one);
  switch (field.type) {
    case 'number':
      return clamped(123, field);
    case 'bool':
      return true;
    case 'email':
      return 'someone@example.com';
    case 'url':
      return 'https://example.com';
    case 'editor':
      return '<p>Some text</p>';
    case 'date':
    case 'autodate':
      return DATE;
    case 'select':
      return some((field['values'] as string[] | undefined)?.[0] ?? '');
    case 'file':
      return some('file_a1b2c3d4e5.jpg');
    case 'relation':
      return some(RECORD_ID);
    case 'json':
      return { key: 'value' };
    case 'geoPoint':
      return { lon: 13.4, lat: 52.5 };
    case 'password':
      return '12345678';
  }
  return field.name === 'id' ? RECORD_ID : 'text'.padEnd(Math.min(Number(field['min'] ?? 0), 40), '-');
}

function clamped(value: number, { min, max }: Field): number {
  if (typeof max === 'number' && value > max) return max;
  return typeof min === 'number' && value < min ? min : value;
}

/** A record as the API answers it. */
export function sampleRecord(collection: CollectionModel): Record<string, unknown> {
  const shown = collection.fields.filter(({ hidden, type }) => !hidden && type !== 'password');
  const values = Object.fromEntries(shown.map((field) => [field.name, sampleOf(field)]));
  return { collectionId: collection.id, collectionName: collection.name, ...values };
}

/** What may be sent: not what the server sets itself, and files only where asked for. */
export function sentFields(collection: CollectionModel): Field[] {
  const isSent = ({ type, name, hidden }: Field) =>
    !['autodate', 'password', 'file'].includes(type) && name !== 'id' && !hidden;
  return collection.fields.filter(isSent);
}

export function fileFields(collection: CollectionModel): Field[] {
  return collection.fields.filter(({ type }) => type === 'file');
}

/** A body for creating or updating. */
export function sampleBody(collection: CollectionModel, { isNew }: { isNew: boolean }): Record<string, unknown> {
  const body = Object.fromEntries(sentFields(collection).map((field) => [field.name, sampleOf(field)]));
  if (collection.type === 'auth' && isNew) Object.assign(body, { password: '12345678', passwordConfirm: '12345678' });
  return body;
}

/** The field to show filters with. */
export function filterField(collection: CollectionModel): Field | undefined {
  const fields = collection.fields.filter(({ hidden, name }) => !hidden && name !== 'id');
  const date = fields.find(({ type }) => type === 'autodate' || type === 'date');
  const isMany = (field: Field) => Number(field['maxSelect'] ?? 1) > 1;
  return (
    date ?? fields.find((field) => ['text', 'email', 'bool', 'number', 'select'].includes(field.type) && !isMany(field))
  );
}

/** Something to filter by. */
export function sampleFilter(collection: CollectionModel): string {
  const field = filterField(collection);
  if (field?.type === 'date' || field?.type === 'autodate') return `${field.name} >= "2026-01-01 00:00:00"`;
  return field?.type === 'bool' ? `${field.name} = true` : `${field?.name ?? 'id'} != ""`;
}

/** What the relations of a collection can be expanded by. */
export function expandable(collection: CollectionModel): string {
  return collection.fields
    .filter(({ type }) => type === 'relation')
    .map(({ name }) => name)
    .join(',');
}
