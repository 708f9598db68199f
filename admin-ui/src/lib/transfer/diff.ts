// What an import changes: each collection as it is and as it would be, compared key by key and field by field.
import { blankField } from '$lib/collection-editor/blank';
import { losesValues } from '$lib/collection-editor/changes';
import type { AnyField, Collection } from '$lib/collection-editor/model';

/** A collection as a file has it: keys may be missing. */
export type Given = Partial<Collection> & { name: string };

export interface Entry {
  /** Such as `listRule`, `fields.title` or `fields.title.max`. */
  path: string;
  kind: 'added' | 'changed' | 'deleted';
  before?: unknown;
  after?: unknown;
  /** Values in records are lost by it. */
  isLoss?: boolean;
}

export interface Difference {
  kind: 'added' | 'changed' | 'deleted' | 'same';
  name: string;
  /** The name it had. */
  oldName?: string;
  type: string;
  entries: Entry[];
}

/** Keys that say nothing about what a collection is. */
const IGNORED = new Set(['id', 'created', 'updated', 'system', 'fields', 'type']);

/** Compares all that a file has with what is there; `deleteMissing`: what the file does not have goes. */
export function differences(
  stored: readonly Collection[],
  given: readonly Given[],
  deleteMissing: boolean,
): Difference[] {
  const list = given.map((one) => {
    const old = matching(stored, one);
    return old ? changed(old, one, deleteMissing) : added(one);
  });
  if (!deleteMissing) return list;
  const kept = new Set(given.map((one) => matching(stored, one)?.id));
  const gone = stored.filter(({ id, system }) => !system && !kept.has(id));
  return [...list, ...gone.map(({ name, type }): Difference => ({ kind: 'deleted', name, type, entries: [] }))];
}

/** The stored collection that the server takes it for: by id, else by name. */
export function matching(stored: readonly Collection[], { id, name }: Given): Collection | undefined {
  return stored.find((one) => one.id === id) ?? stored.find((one) => one.name.toLowerCase() === name.toLowerCase());
}

function added(given: Given): Difference {
  const fields = (given.fields ?? []).map((field): Entry => ({
    path: `fields.${field.name}`,
    kind: 'added',
    after: field.type,
  }));
  const rest = Object.entries(given)
    .filter(([key, value]) => !IGNORED.has(key) && key !== 'name' && !isEmpty(value))
    .map(([path, after]): Entry => ({ path, kind: 'added', after }));
  return { kind: 'added', name: given.name, type: given.type ?? 'base', entries: [...fields, ...rest] };
}

function changed(old: Collection, given: Given, deleteMissing: boolean): Difference {
  const entries: Entry[] = [];
  for (const [key, after] of Object.entries(given)) {
    if (IGNORED.has(key)) continue;
    compare(key, old[key as keyof Collection], after, entries);
  }
  if (old.type !== 'view' && given.fields) entries.push(...fieldEntries(old.fields, given.fields, deleteMissing));
  return {
    kind: entries.length ? 'changed' : 'same',
    name: given.name,
    ...(old.name !== given.name && { oldName: old.name }),
    type: old.type,
    entries,
  };
}

function fieldEntries(old: readonly AnyField[], given: readonly AnyField[], deleteMissing: boolean): Entry[] {
  const entries: Entry[] = [];
  for (const field of given) {
    const before = old.find(({ id }) => id === field.id);
    if (!before) entries.push({ path: `fields.${field.name}`, kind: 'added', after: field.type });
    else {
      // What a field leaves out gets its default.
      const whole = { ...blankField(before.type), ...field };
      for (const [key, after] of Object.entries(whole)) {
        if (key === 'id' || key === 'system') continue;
        compare(`fields.${before.name}.${key}`, before[key as keyof AnyField], after, entries);
      }
      const single = entries.find(({ path }) => path === `fields.${before.name}.maxSelect`);
      if (single && losesValues(before, whole)) single.isLoss = true;
    }
  }
  for (const field of old) {
    const isNamed = given.some(({ id, name }) => id === field.id || name === field.name);
    const isKept = given.some(({ id }) => id === field.id);
    if (!isKept && !field.system && (deleteMissing || isNamed))
      entries.push({ path: `fields.${field.name}`, kind: 'deleted', before: field.type, isLoss: true });
  }
  return entries;
}

function compare(path: string, before: unknown, after: unknown, into: Entry[]): void {
  if (isSame(before, after)) return;
  if (isObject(before) && isObject(after)) {
    for (const [key, inner] of Object.entries(after)) compare(`${path}.${key}`, before[key], inner, into);
    return;
  }
  into.push({ path, kind: 'changed', before, after });
}

/** Empty is empty, however it is written; what is left out of a file is not compared at all. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) return JSON.stringify(a ?? []) === JSON.stringify(b ?? []);
  if (isObject(a) && isObject(b)) return JSON.stringify(a) === JSON.stringify(b);
  return a === undefined && (b === 0 || b === '' || b === false || b === null);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
