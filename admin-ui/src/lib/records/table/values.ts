// Values as words: for cells, for the names of related records, for the clipboard.
import type { CollectionModel, RecordModel } from '$lib/api/types';
import type { CollectionField } from './columns';

/** What a record is called by when no field is marked as presentable. */
const NAMES = ['name', 'title', 'label', 'username', 'email', 'slug', 'subject', 'key', 'code'];
/** How much of a text is put into a cell; the rest would only be cut off. */
export const CELL_CHARS = 240;

/** What people call a record: its presentable fields, else a likely one, else its id. */
export function nameOf(record: RecordModel, collection: Pick<CollectionModel, 'fields'> | undefined): string {
  const fields = collection?.fields ?? [];
  const marked = fields.filter(({ presentable, type }) => presentable && type !== 'password').map(({ name }) => name);
  const words = marked.map((name) => plain(record[name])).filter(Boolean);
  if (words.length) return shorten(words.join(' '));
  const likely = NAMES.find((name) => typeof record[name] === 'string' && record[name]);
  return likely ? shorten(String(record[likely])) : record.id;
}

/** A value on one line. */
export function plain(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function shorten(text: string): string {
  const line = text.length > 4 * CELL_CHARS ? text.slice(0, 4 * CELL_CHARS) : text;
  const even = line.replace(/\s+/g, ' ').trim();
  return even.length > CELL_CHARS ? `${even.slice(0, CELL_CHARS)}…` : even;
}

/** The words of an HTML text. */
export function withoutTags(html: string): string {
  const near = html.slice(0, 8 * CELL_CHARS).replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ');
  const bare = near.replace(/<[^>]*>?/g, ' ');
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", apos: "'", nbsp: ' ', amp: '&' };
  return bare.replace(/&(lt|gt|quot|#39|apos|nbsp|amp);/g, (_, name: string) => names[name] ?? ' ');
}

/** Whether a value is the one that stands for none. */
export function isEmpty(value: unknown, type: string): boolean {
  if (type === 'bool' || type === 'number') return false;
  if (type === 'geoPoint') {
    const { lon, lat } = (value ?? {}) as { lon?: number; lat?: number };
    return !lon && !lat;
  }
  return value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length);
}

/** The texts of a value that may be one or several. */
export function several(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === 'string');
  return typeof value === 'string' && value ? [value] : [];
}

/** A number as it is read: with thousands apart. */
export function numberText(value: unknown): string {
  if (typeof value !== 'number') return plain(value);
  return value.toLocaleString('en', { maximumFractionDigits: 20, useGrouping: Math.abs(value) >= 10_000 });
}

/** A whole number of things: `1 record`, `1,000,000 records`. */
export function counted(count: number, word = 'record'): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

/** Whether a field takes several values. */
export function isMultiple({ type, maxSelect }: CollectionField): boolean {
  return ['select', 'file', 'relation'].includes(type) && (maxSelect ?? 1) > 1;
}

/** Whether the server lets a value be set: what it keeps itself is not. */
export function isWritable(field: CollectionField): boolean {
  return field.type !== 'autodate' && !(field.name === 'id' && field.primaryKey);
}
