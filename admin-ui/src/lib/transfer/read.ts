// Reads a file of collections, and finds what does not fit those that are here.
import type { AnyField, Collection } from '$lib/collection-editor/model';
import { matching, type Given } from './diff';

/** The collections of a text: a list, one collection, or `{ collections: [...] }`. Throws a message for people. */
export function readCollections(text: string): Given[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is no JSON: ${(error as Error).message}.`, { cause: error });
  }
  const list = Array.isArray(value)
    ? value
    : isObject(value) && Array.isArray(value['collections'])
      ? value['collections']
      : [value];
  if (!list.length) throw new Error('There is no collection in it.');
  const names = new Set<string>();
  list.forEach((one: unknown, at) => {
    const which = `Entry ${at + 1}`;
    if (!isObject(one) || typeof one['name'] !== 'string' || !one['name'])
      throw new Error(`${which} is no collection: it has no name.`);
    if (one['fields'] !== undefined && !Array.isArray(one['fields']))
      throw new Error(`“${one['name']}”: its fields are no list. Exports of PocketBase before 0.23 cannot be read.`);
    if (one['fields'] === undefined && one['schema'] !== undefined)
      throw new Error(`“${one['name']}” is an export of PocketBase before 0.23, which cannot be read.`);
    const name = one['name'].toLowerCase();
    if (names.has(name)) throw new Error(`“${one['name']}” is in it twice.`);
    names.add(name);
  });
  return list as Given[];
}

export interface Conflict {
  collection: string;
  text: string;
  /** Nothing can be imported while it is there. */
  isBlocking: boolean;
}

/** What would go wrong, or other than one thinks. */
export function conflicts(stored: readonly Collection[], given: readonly Given[]): Conflict[] {
  const found: Conflict[] = [];
  for (const one of given) {
    const old = matching(stored, one);
    if (!old) continue;
    const add = (text: string, isBlocking = false) => found.push({ collection: one.name, text, isBlocking });
    if (one.type && one.type !== old.type) add(`It is of type ${one.type}, but the one here is ${old.type}.`, true);
    if (one.id && one.id !== old.id) add('The one of this name here has another id.');
    if (old.type === 'view') continue;
    for (const field of one.fields ?? []) {
      const same = old.fields.find(({ name }) => name === field.name);
      if (!same || same.id === field.id) continue;
      if (same.type === field.type)
        add(`Field “${field.name}” has another id here, so it would be made anew, without its values.`);
      else
        add(
          `Field “${field.name}” is ${same.type} here and ${field.type} in the file: it is made anew, without its values.`,
        );
    }
    for (const field of one.fields ?? []) {
      const same = old.fields.find(({ id }) => id === field.id);
      if (same && same.type !== field.type)
        add(`Field “${same.name}” is ${same.type} here and ${field.type} in the file under the same id.`, true);
    }
  }
  return found;
}

/** The same collections with the ids that are used here, so that what has the same name is the same. */
export function withOwnIds(stored: readonly Collection[], given: readonly Given[]): Given[] {
  const ids = new Map<string, string>();
  for (const one of given) {
    const old = matching(stored, one);
    if (old && one.id) ids.set(one.id, old.id);
  }
  return given.map((one) => {
    const old = matching(stored, one);
    const fields = one.fields?.map((field) => ownField(old, field, ids));
    return { ...one, ...(old && { id: old.id }), ...(fields && { fields }) };
  });
}

function ownField(old: Collection | undefined, field: AnyField, ids: Map<string, string>): AnyField {
  const same =
    old?.fields.find(({ id }) => id === field.id) ??
    old?.fields.find(({ name, type }) => name === field.name && type === field.type);
  const target = field.type === 'relation' ? ids.get(field.collectionId) : undefined;
  return { ...field, ...(same && { id: same.id }), ...(target && { collectionId: target }) } as AnyField;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
