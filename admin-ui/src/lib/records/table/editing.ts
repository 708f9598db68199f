// Editing a value in its cell: which fields can be, and the way from a value to what is typed and back.
import { parseExact } from '$lib/api/exact';
import type { CollectionModel } from '$lib/api/types';
import { fromInput, toInput } from '$lib/records/dates';
import type { CollectionField } from './columns';
import { isMultiple, isWritable, plain } from './values';

export type CellEditorKind = 'text' | 'number' | 'bool' | 'date' | 'select' | 'selects' | 'relation' | 'json' | 'geo';

const KINDS: Record<string, CellEditorKind> = {
  text: 'text',
  email: 'text',
  url: 'text',
  number: 'number',
  bool: 'bool',
  date: 'date',
  json: 'json',
  relation: 'relation',
  geoPoint: 'geo',
};

/** How a field is edited in its cell; `undefined`: only in the record's own form. */
export function editorOf(field: CollectionField, { type }: Pick<CollectionModel, 'type'>): CellEditorKind | undefined {
  if (type === 'view' || !isWritable(field) || field.name === 'tokenKey') return undefined;
  if (field.type === 'select') return isMultiple(field) ? 'selects' : 'select';
  return KINDS[field.type];
}

/** Whether a cell's single line can hold a value; it would take the line breaks out of others. */
export function fitsOnLine(value: unknown): boolean {
  return typeof value !== 'string' || !/[\r\n]/.test(value);
}

/** What stands in the editor at first. */
export function typedOf(value: unknown, kind: CellEditorKind): string {
  if (kind === 'json') return value === null || value === undefined ? '' : JSON.stringify(value);
  if (kind === 'date') return toInput(plain(value), 'local');
  if (kind === 'geo') {
    const { lat, lon } = (value ?? {}) as { lat?: number; lon?: number };
    return `${lat ?? 0}, ${lon ?? 0}`;
  }
  return plain(value);
}

/** The value for what was typed; throws a sentence when it is none. */
export function valueOf(typed: string, kind: CellEditorKind): unknown {
  const text = typed.trim();
  if (kind === 'number') {
    const number = Number(text);
    if (!Number.isFinite(number)) throw new Error('This is not a number.');
    return number;
  }
  if (kind === 'json') return parseJson(text);
  if (kind === 'date') return dateOf(text);
  if (kind === 'geo') return pointOf(text);
  return typed;
}

/** A point out of `latitude, longitude`. */
export function pointOf(text: string): { lat: number; lon: number } {
  const [lat, lon, ...more] = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (lat === undefined || lon === undefined || more.length || !Number.isFinite(lat) || !Number.isFinite(lon)) {
    throw new Error('Write it as latitude, longitude.');
  }
  return { lat, lon };
}

function parseJson(text: string): unknown {
  if (!text) return null;
  try {
    return parseExact(text);
  } catch {
    throw new Error('This is not JSON.');
  }
}

function dateOf(text: string): string {
  const moment = fromInput(text, 'local');
  if (text && !moment) throw new Error('This is not a date.');
  return moment;
}
