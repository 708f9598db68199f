// What a path such as `author.name`, `@request.auth.id` or `posts_via_author.title` leads to.
import type { Suggestion } from './suggest';

export interface Field {
  id?: string;
  name: string;
  type: string;
  [option: string]: unknown;
}

/** A collection as far as paths need it; drafts need not be complete. */
export interface Draft {
  id?: string;
  name?: string;
  type?: string;
  fields?: readonly Field[];
  [option: string]: unknown;
}

export interface Schema {
  /** Whose rule it is. */
  collection: Draft | undefined;
  all: readonly Draft[];
}

/** What a path leads to: a field, records of some collections, or a fixed list of names. */
export type Target =
  | { kind: 'field'; field: Field }
  | { kind: 'records'; of: readonly Draft[] }
  | { kind: 'names'; names: Suggestion[] }
  | { kind: 'collections' }
  | { kind: 'open' };

const REQUEST: Suggestion[] = [
  { label: 'auth', apply: 'auth.', detail: 'who is signed in', kind: 'root' },
  { label: 'body', apply: 'body.', detail: 'what was sent', kind: 'root' },
  { label: 'query', apply: 'query.', detail: "the address's parameters", kind: 'root' },
  { label: 'headers', apply: 'headers.', detail: 'lower case, _ for -', kind: 'root' },
  { label: 'method', detail: 'GET, POST …', kind: 'root' },
  { label: 'context', detail: 'how the rule came to be asked', kind: 'root' },
];
const HEADERS = [
  'authorization',
  'user_agent',
  'origin',
  'referer',
  'accept_language',
  'x_forwarded_for',
  'content_type',
];
const ALWAYS: Field[] = [
  { name: 'id', type: 'text' },
  { name: 'collectionId', type: 'text' },
  { name: 'collectionName', type: 'text' },
];

/** Follows a path from its first part on; `undefined`: it leads nowhere. */
export function resolve(schema: Schema, path: readonly string[]): Target | undefined {
  const [first = '', second, ...rest] = path;
  if (first === '@request')
    return second === undefined ? { kind: 'names', names: REQUEST } : request(schema, second, rest);
  if (first === '@collection') {
    if (second === undefined) return { kind: 'collections' };
    const found = named(schema, second);
    return found && walk(schema, { kind: 'records', of: [found] }, rest);
  }
  const own: Target = { kind: 'records', of: schema.collection ? [schema.collection] : [] };
  return walk(schema, own, path);
}

function request(schema: Schema, part: string, rest: readonly string[]): Target | undefined {
  switch (part) {
    case 'auth':
      return walk(schema, { kind: 'records', of: accounts(schema) }, rest);
    case 'body':
      return (
        walk(schema, { kind: 'records', of: schema.collection ? [schema.collection] : [] }, rest) ?? { kind: 'open' }
      );
    case 'headers':
      return rest.length === 0
        ? { kind: 'names', names: HEADERS.map((label) => ({ label, kind: 'root' })) }
        : { kind: 'open' };
    case 'query':
      return { kind: 'open' };
    case 'method':
    case 'context':
      return { kind: 'field', field: { name: part, type: 'text' } };
  }
  return undefined;
}

function walk(schema: Schema, from: Target, path: readonly string[]): Target | undefined {
  let target: Target | undefined = from;
  for (const part of path) {
    if (target?.kind === 'field') target = recordsOf(schema, target.field);
    if (target?.kind === 'open') return target;
    if (target?.kind !== 'records') return undefined;
    target = step(schema, target.of, part);
  }
  return target;
}

function step(schema: Schema, of: readonly Draft[], part: string): Target | undefined {
  for (const one of of) {
    const field = fieldsOf(one).find(({ name }) => name === part);
    if (field) return { kind: 'field', field };
  }
  const back = of.map((one) => backOf(schema, one, part)).find((found) => found !== undefined);
  return back && { kind: 'records', of: [back.collection] };
}

/** What a path goes through: a field, or a collection that it names. */
export interface Stop {
  collection: Draft;
  field?: Field;
}

/**
 * All that a path goes through, passwords too. Who asks may have an account of any auth collection, so
 * `@request.auth.name` goes through the `name` of each that has one.
 */
export function stopsOf(schema: Schema, path: readonly string[]): Stop[] {
  const [first = '', second = '', ...rest] = path;
  const own = schema.collection ? [schema.collection] : [];
  if (first === '@collection') {
    const found = named(schema, second);
    return found ? [{ collection: found }, ...stops(schema, [found], rest)] : [];
  }
  if (first !== '@request') return stops(schema, own, path);
  if (second === 'auth') return stops(schema, accounts(schema), rest);
  return second === 'body' ? stops(schema, own, rest) : [];
}

function stops(schema: Schema, of: readonly Draft[], [part, ...rest]: readonly string[]): Stop[] {
  return of.flatMap((collection) => {
    const field = collection.fields?.find(({ name }) => name === part);
    const back = field ? undefined : backOf(schema, collection, part);
    if (back) return [back, ...stops(schema, [back.collection], rest)];
    if (!field) return [];
    const target = recordsOf(schema, field);
    return [{ collection, field }, ...(target?.kind === 'records' ? stops(schema, target.of, rest) : [])];
  });
}

/** The collection behind `@collection.`, by name or id as the server takes it; `:` and a word keep two of the same apart. */
function named(schema: Schema, part: string): Draft | undefined {
  const nameOrId = part.replace(/:.*$/, '');
  const byId = schema.all.find(({ id }) => id && id === nameOrId);
  return byId ?? schema.all.find(({ name }) => name?.toLowerCase() === nameOrId.toLowerCase());
}

const accounts = ({ all }: Schema) => all.filter(({ type }) => type === 'auth');

/** What one gets from a field by a dot. */
function recordsOf(schema: Schema, field: Field): Target | undefined {
  if (field.type === 'json') return { kind: 'open' };
  if (field.type === 'geoPoint') return { kind: 'records', of: [{ fields: [number('lon'), number('lat')], name: '' }] };
  if (field.type !== 'relation') return undefined;
  const found = schema.all.find(({ id }) => id === field['collectionId']);
  return found && { kind: 'records', of: [found] };
}

const number = (name: string): Field => ({ name, type: 'number' });

/** Everything that can be asked of a record: not passwords, which nobody may compare. */
function fieldsOf(collection: Draft): Field[] {
  const own = (collection.fields ?? []).filter(({ type, name }) => type !== 'password' && name);
  if (collection.name === '' && collection.type === undefined) return own;
  return [...own, ...ALWAYS.filter(({ name }) => !own.some((field) => field.name === name))];
}

function backsOf(schema: Schema, to: Draft): { label: string; from: Draft }[] {
  if (!to.id) return [];
  return schema.all.flatMap((from) =>
    (from.fields ?? [])
      .filter(({ type, collectionId }) => type === 'relation' && collectionId === to.id)
      .map(({ name }) => ({ label: `${from.name}_via_${name}`, from })),
  );
}

/** The relation that `posts_via_author` follows back. */
function backOf(schema: Schema, to: Draft, part = ''): Required<Stop> | undefined {
  const at = part.lastIndexOf('_via_');
  const collection = at < 0 ? undefined : named(schema, part.slice(0, at));
  const field = collection?.fields?.find(({ name }) => name === part.slice(at + '_via_'.length));
  if (!collection || !to.id || field?.type !== 'relation' || field['collectionId'] !== to.id) return undefined;
  return { collection, field };
}

/** What can follow a path. */
export function optionsOf(schema: Schema, path: readonly string[]): Suggestion[] {
  let target = resolve(schema, path);
  if (target?.kind === 'field') target = recordsOf(schema, target.field);
  if (target?.kind === 'names') return target.names;
  if (target?.kind === 'collections')
    return schema.all.map(({ name = '', type }) => ({
      label: name,
      apply: `${name}.`,
      detail: type ?? '',
      kind: 'root',
    }));
  if (target?.kind !== 'records') return [];
  const seen = new Set<string>();
  const isNew = ({ label }: Suggestion) => !seen.has(label) && seen.add(label);
  const { of } = target;
  const isBody = path[0] === '@request' && path[1] === 'body' && path.length === 2;
  return [
    ...of.flatMap(fieldsOf).map(({ name, type }): Suggestion => {
      return { label: name, detail: type, kind: type === 'relation' ? 'relation' : 'field' };
    }),
    ...(isBody ? [] : of.flatMap((one) => backsOf(schema, one))).map(({ label, from }): Suggestion => {
      return { label, detail: `back from ${from.name}`, kind: 'relation' };
    }),
  ].filter(isNew);
}

/** The stored collections with the draft in its place. */
export function schemaOf(collection: Draft | undefined, stored: readonly Draft[]): Schema {
  const others = stored.filter(({ id }) => id !== collection?.id || !id);
  return { collection, all: collection?.name ? [...others, collection] : stored };
}
