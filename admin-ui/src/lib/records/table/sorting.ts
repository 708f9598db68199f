// A sort as the server takes it: `-created,title`.

export interface SortKey {
  field: string;
  descending: boolean;
}

/** As many as the server takes. */
export const SORT_KEYS_MAX = 8;

export function parseSort(text: string): SortKey[] {
  const keys = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => ({ field: part.replace(/^[+-]/, ''), descending: part.startsWith('-') }));
  return keys.filter(({ field }) => /^@?[\w.:]+$/.test(field)).slice(0, SORT_KEYS_MAX);
}

export function sortText(keys: readonly SortKey[]): string {
  return keys.map(({ field, descending }) => (descending ? '-' : '') + field).join(',');
}

/** What a click on a column's head makes of a sort: upwards, then downwards, then not by it. `add` keeps the other columns. */
export function nextSort(text: string, field: string, add: boolean): string {
  const keys = parseSort(text);
  const at = keys.findIndex((key) => key.field === field);
  const key = keys[at];
  const next = key?.descending ? undefined : { field, descending: key !== undefined };
  if (!add) return next ? sortText([next]) : '';
  if (at < 0) return sortText([...keys, { field, descending: false }].slice(0, SORT_KEYS_MAX));
  return sortText(keys.flatMap((one, index) => (index === at ? (next ?? []) : one)));
}

/** How a field stands in a sort; `place` counts from 1. */
export function sortOf(text: string, field: string): (SortKey & { place: number; of: number }) | undefined {
  const keys = parseSort(text);
  const at = keys.findIndex((key) => key.field === field);
  const key = keys[at];
  return key && { ...key, place: at + 1, of: keys.length };
}
