// Filters: made of the fields that the schema has, checked by the compiler, with every value written as a literal.
import type { CollectionTypes } from './schema.js';

declare const VALUE: unique symbol;
const PATH = Symbol('path');

/** A field in a filter, which holds values of this type. */
export interface Path<T> {
  readonly [VALUE]?: T;
  readonly [PATH]: string;
}

/** The fields of a collection, and through its relations those of others. */
export type Fields<S, N extends keyof S> = S[N] extends CollectionTypes
  ? { readonly [K in keyof S[N]['fields']]: K extends keyof S[N]['relations'] ? Path<S[N]['fields'][K]> & Through<S, S[N]['relations'][K]['to']> : Path<S[N]['fields'][K]> } & {
      readonly [K in Exclude<keyof S[N]['relations'], keyof S[N]['fields']>]: Through<S, S[N]['relations'][K]['to']>;
    }
  : never;

type Through<S, To> = To extends keyof S ? Fields<S, To> : never;

/** A condition on records. */
export class Filter {
  /** As the API spells it. */
  readonly text: string;
  readonly #isAny: boolean;

  constructor(text: string, isAny = false) {
    this.text = text;
    this.#isAny = isAny;
  }

  /** The condition as a part of a larger one. */
  get part(): string {
    return this.#isAny ? `(${this.text})` : this.text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a filter is made from: the fields of the records. */
export type FilterOf<S, N extends keyof S> = Filter | ((fields: Fields<S, N>) => Filter);

/** What a field with values of this type is compared with. One that holds several is compared value by value: `any.eq(each(post.tags), 'news')`. */
export type Operand<T> = [T] extends [readonly unknown[]] ? never : T | null | Path<T>;

/** The type that is known already, so that a value has to fit the field and not the other way round. */
type Fixed<T> = [T][T extends unknown ? 0 : never];

/** A value as filters write it: text in quotes, with a backslash before what would end it. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return number(value);
  if (value instanceof Date) return `'${value.toISOString().replace('T', ' ')}'`;
  const path = (value as { [PATH]?: unknown })[PATH];
  if (typeof path === 'string') return path;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** Filters know no exponents. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`A filter cannot compare with ${value}.`);
  const text = String(value);
  if (!text.includes('e')) return text;
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, '').replace(/\.$/, '');
}

function compare(operator: string) {
  return <T>(field: Path<T>, value: Operand<Fixed<T>>): Filter => new Filter(`${field[PATH]} ${operator} ${literal(value)}`);
}

function compareText(operator: string) {
  return <T extends string | Date>(field: Path<T>, value: string | Path<string>): Filter =>
    new Filter(`${field[PATH]} ${operator} ${literal(value)}`);
}

/** Equal. Where a relation or `each` leads to several values: all of them. */
export const eq = compare('=');
/** Not equal. */
export const ne = compare('!=');
/** Greater, or later. */
export const gt = compare('>');
/** Greater or equal. */
export const gte = compare('>=');
/** Less, or earlier. */
export const lt = compare('<');
/** Less or equal. */
export const lte = compare('<=');
/** Contains a text; with `%` in it, matches as a pattern. */
export const like = compareText('~');
/** Does not contain a text. */
export const notLike = compareText('!~');

/** The same comparisons where one of several values is enough: `any.eq(each(post.tags), 'news')`. */
export const any = {
  eq: compare('?='),
  ne: compare('?!='),
  gt: compare('?>'),
  gte: compare('?>='),
  lt: compare('?<'),
  lte: compare('?<='),
  like: compareText('?~'),
  notLike: compareText('?!~'),
};

/** One of several values. */
export function oneOf<T>(field: Path<T>, values: readonly Operand<Fixed<T>>[]): Filter {
  return values.length > 0 ? or(...values.map((value) => any.eq(field, value as never))) : nothing();
}

/** All conditions; without any: everything. */
export function and(...all: (Filter | false | null | undefined)[]): Filter {
  const parts = all.filter((one) => one instanceof Filter && one.text !== '') as Filter[];
  return parts.length === 1 ? parts[0]! : new Filter(parts.map(({ part }) => part).join(' && '));
}

/** One of the conditions at least; without any: nothing. */
export function or(...all: (Filter | false | null | undefined)[]): Filter {
  const parts = all.filter((one) => one instanceof Filter) as Filter[];
  if (parts.length === 0) return nothing();
  // Who asks for everything gets it, whatever else would do.
  if (parts.some(({ text }) => text === '')) return new Filter('');
  return parts.length === 1 ? parts[0]! : new Filter(parts.map(({ part }) => part).join(' || '), true);
}

function nothing(): Filter {
  return new Filter("id = ''");
}

/** How many values a field holds. */
export function length(field: Path<readonly unknown[]>): Path<number> {
  return path(`${field[PATH]}:length`);
}

/** The values of a field, one by one. */
export function each<T>(field: Path<readonly T[]>): Path<T> {
  return path(`${field[PATH]}:each`);
}

/** A text in lower case. */
export function lower(field: Path<string>): Path<string> {
  return path(`${field[PATH]}:lower`);
}

/** A filter as text, with values put in as literals: filter`title = ${title} && views > ${3}`. Not checked by the compiler. */
export function filter(parts: TemplateStringsArray, ...values: unknown[]): Filter {
  // What is in it is not known, so it is put in brackets as a part.
  return new Filter(parts.reduce((text, part, at) => text + literal(values[at - 1]) + part), true);
}

function path<T>(text: string): Path<T> {
  return { [PATH]: text };
}

/** Fields by name, however deep. */
function fields(before: string): unknown {
  return new Proxy(Object.freeze({ [PATH]: before }), {
    get(target, name) {
      if (name === PATH) return target[PATH];
      return typeof name === 'string' ? fields(before ? `${before}.${name}` : name) : undefined;
    },
  });
}

/** A filter as the API spells it. */
export function filterText<S, N extends keyof S>(given: FilterOf<S, N> | undefined): string {
  if (given === undefined) return '';
  return (typeof given === 'function' ? given(fields('') as Fields<S, N>) : given).text;
}
