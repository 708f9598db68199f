// From the columns of a file to the fields of a collection: what belongs to what, and whether each value fits.
import { parseExact, withoutExact } from '$lib/api/exact';
import type { CollectionModel } from '$lib/api/types';
import type { Kind, ReadRow } from './reading';
import { pointOf } from './editing';
import { isEmpty, isMultiple } from './values';
import type { CollectionField } from './columns';

/** Which field a column of the file goes into; "": none. */
export type Mapping = Record<string, string>;

export interface Checked {
  line: number;
  id: string;
  body: Record<string, unknown>;
  /** What is wrong with it; "": nothing that one can tell beforehand. */
  fault: string;
}

const TRUE = /^(true|1|yes|on|t|y)$/i;
const FALSE = /^(false|0|no|off|f|n|)$/i;

/** What the server sets itself, and files, which a text cannot hold. */
export function importable({ fields }: Pick<CollectionModel, 'fields'>): CollectionField[] {
  return fields.filter(({ type }) => type !== 'autodate' && type !== 'file');
}

/** Columns go into the fields that are called like them. */
export function guess(columns: readonly string[], collection: Pick<CollectionModel, 'fields'>): Mapping {
  const even = (name: string) => name.toLowerCase().replace(/[^a-z\d]/g, '');
  const taken = new Set<string>();
  return Object.fromEntries(
    columns.map((column) => {
      const fields = importable(collection).filter(({ name }) => !taken.has(name));
      const field =
        fields.find(({ name }) => name === column) ?? fields.find(({ name }) => even(name) === even(column));
      if (field) taken.add(field.name);
      return [column, field?.name ?? ''];
    }),
  );
}

export function checkRow(
  row: ReadRow,
  mapping: Mapping,
  collection: Pick<CollectionModel, 'fields'>,
  kind: Kind = 'csv',
): Checked {
  const checked: Checked = { line: row.line, id: '', body: {}, fault: '' };
  const faults: string[] = [];
  for (const [column, name] of Object.entries(mapping)) {
    const field = collection.fields.find((one) => one.name === name);
    if (!field || !(column in row.values)) continue;
    try {
      const value = valueFor(row.values[column], field, kind);
      if (name === 'id') checked.id = String(value);
      if (!(name === 'id' || field.type === 'password') || value) checked.body[name] = value;
    } catch (fault) {
      faults.push(`${name}: ${fault instanceof Error ? fault.message : ''}`);
    }
  }
  // A password set here needs no second word for it.
  if (typeof checked.body['password'] === 'string') checked.body['passwordConfirm'] = checked.body['password'];
  checked.fault = faults.join(' ');
  return checked;
}

/** What is missing from a record that is to be made. */
export function missing({ body }: Checked, { fields }: Pick<CollectionModel, 'fields'>): string {
  const lacks = ({ name, type, required, autogeneratePattern, primaryKey, system }: CollectionField) =>
    required &&
    !primaryKey &&
    !autogeneratePattern &&
    name !== 'tokenKey' &&
    type !== 'autodate' &&
    !(system && type === 'bool') &&
    (isEmpty(body[name], type) || (type === 'number' && !body[name]) || (type === 'bool' && !body[name]));
  const names = fields.filter(lacks).map(({ name }) => name);
  return names.length ? `${names.join(', ')}: Cannot be blank.` : '';
}

/** The value that a field takes for one of the file; throws a sentence when it fits in no way. Only texts of CSV stand for other values. */
export function valueFor(value: unknown, field: CollectionField, kind: Kind = 'csv'): unknown {
  // Only JSON fields hold numbers that are longer than those of this language.
  const given = field.type === 'json' ? value : withoutExact(value);
  const text = typeof given === 'string' ? given.trim() : given;
  if (field.type === 'json') return kind === 'csv' && typeof given === 'string' ? jsonOf(given) : (given ?? null);
  if (text === null || text === undefined) return field.type === 'geoPoint' ? { lon: 0, lat: 0 } : emptyFor(field);
  if (['select', 'relation'].includes(field.type)) return chosen(kind === 'json' ? [given].flat() : text, field);
  if (field.type === 'number') return numberOf(text);
  if (field.type === 'bool') return boolOf(text);
  if (field.type === 'date') return dateOf(text);
  if (field.type === 'geoPoint') return placeOf(text);
  if (typeof text === 'object') throw new Error('This must be a text.');
  return typeof given === 'string' && field.type !== 'email' && field.type !== 'url' && field.name !== 'id'
    ? given
    : String(text);
}

function emptyFor(field: CollectionField): unknown {
  if (isMultiple(field)) return [];
  return field.type === 'number' ? 0 : field.type === 'bool' ? false : '';
}

function numberOf(text: unknown): number {
  const number = Number(text);
  if (typeof text === 'object' || !Number.isFinite(number)) throw new Error(`“${String(text)}” is not a number.`);
  return number;
}

function boolOf(text: unknown): boolean {
  if (TRUE.test(String(text))) return true;
  if (FALSE.test(String(text))) return false;
  throw new Error(`“${String(text)}” is neither true nor false.`);
}

const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):\d\d)(:\d\d(?:\.\d{1,9})?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/i;

/** A moment as it is commonly written from the year on; others would be guessed at. Without a zone it is UTC. */
function dateOf(text: unknown): string {
  if (text === '') return '';
  const [, day = '', time = '00:00', seconds = ':00', zone = 'Z'] = DATE.exec(String(text)) ?? [];
  const offset = zone.toUpperCase().replace(/^(.\d\d)(\d\d)$/, '$1:$2');
  const moment = new Date(`${day}T${time}${seconds}${offset}`);
  // The 31st of a shorter month would become a day of the next one.
  const midnight = new Date(`${day}T00:00Z`);
  if ([moment, midnight].some((one) => Number.isNaN(one.getTime())) || !midnight.toISOString().startsWith(day)) {
    throw new Error(`“${String(text)}” is not a date.`);
  }
  return moment.toISOString().replace('T', ' ');
}

function placeOf(text: unknown): unknown {
  if (text === '') return { lon: 0, lat: 0 };
  if (typeof text !== 'string') return text;
  return text.startsWith('{') ? jsonOf(text) : pointOf(text);
}

function jsonOf(text: string): unknown {
  if (!text.trim()) return null;
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

/** One or several of a list: an array, JSON of one, or words with commas between them. */
function chosen(given: unknown, field: CollectionField): unknown {
  const read = typeof given === 'string' && given.startsWith('[') ? jsonOf(given) : given;
  const list = (Array.isArray(read) ? read : String(read).split(isMultiple(field) ? ',' : '\n'))
    .map((one) => String(withoutExact(one)).trim())
    .filter(Boolean);
  const values = field['values'] as string[] | undefined;
  const strange = field.type === 'select' && list.find((one) => !values?.includes(one));
  if (strange) throw new Error(`“${strange}” is not one of ${values?.join(', ')}.`);
  if (!isMultiple(field) && list.length > 1) throw new Error('Only one can be chosen.');
  return isMultiple(field) ? list : (list[0] ?? '');
}
