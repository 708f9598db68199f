// What a schema says about its collections, and what follows from it for the types of requests and answers.

/** A place on Earth, in degrees. */
export interface GeoPoint {
  lon: number;
  lat: number;
}

/** Where a relation leads. */
export interface Relation {
  to: string;
  many: boolean;
}

/** What is known of a collection when the program is compiled. */
export interface CollectionTypes {
  kind: 'base' | 'auth' | 'view';
  record: { id: string };
  /** Inputs; `never` for views. */
  create: unknown;
  update: unknown;
  /** What fields can be compared with, by name. */
  fields: Record<string, unknown>;
  relations: Record<string, Relation>;
  /** Ways to sign in that are switched on. */
  auth: string;
  /** Whether a second factor may be asked for. */
  mfa: boolean;
}

type Texts<T> = Extract<T, string>;

/** What to expand: relations by name, each with `true`, or with what to expand in turn. */
export type Expand<S, N extends keyof S> = S[N] extends CollectionTypes
  ? { readonly [R in keyof S[N]['relations']]?: true | Expand<S, Extract<S[N]['relations'][R]['to'], keyof S>> }
  : never;

/** The same, with nothing else in it, however deep. */
export type Known<S, N extends keyof S, E> = [E] extends [undefined]
  ? unknown
  : S[N] extends CollectionTypes
    ? {
        readonly [R in keyof E]: R extends keyof S[N]['relations']
          ? E[R] extends true
            ? true
            : Known<S, Extract<S[N]['relations'][R]['to'], keyof S>, E[R]>
          : never;
      }
    : never;

/** A field to send: its name, or with what shortens its text. */
export type FieldPick<S, N extends keyof S> = S[N] extends CollectionTypes
  ? Texts<keyof S[N]['record']> | `${Texts<keyof S[N]['record']>}:excerpt(${number})` | `${Texts<keyof S[N]['record']>}:excerpt(${number},${boolean})`
  : never;

type Sortable<S, N extends keyof S> = S[N] extends CollectionTypes
  ?
      | Texts<keyof S[N]['fields']>
      | {
          [R in Texts<keyof S[N]['relations'] & keyof S[N]['fields']>]: S[N]['relations'][R]['to'] extends infer T extends keyof S
            ? S[T] extends CollectionTypes
              ? `${R}.${Texts<keyof S[T]['fields']>}`
              : never
            : never;
        }[Texts<keyof S[N]['relations'] & keyof S[N]['fields']>]
  : never;

/** What to sort by: a field of the records or of what a relation leads to, `-` in front turns the order round. */
export type Sort<S, N extends keyof S> = '@random' | `${'' | '-' | '+'}${Sortable<S, N>}`;

type NameOf<F> = F extends `${infer Name}:${string}` ? Name : F;

type Picked<R, F> = [F] extends [readonly (infer P)[]] ? Pick<R, Extract<NameOf<P>, keyof R>> : R;

type Expanded<S, N extends keyof S, E> = S[N] extends CollectionTypes
  ? {
      [K in Extract<keyof E, keyof S[N]['relations']>]?: S[N]['relations'][K]['to'] extends infer T extends keyof S
        ? S[N]['relations'][K]['many'] extends true
          ? Shaped<S, T, E[K] extends true ? undefined : E[K], undefined>[]
          : Shaped<S, T, E[K] extends true ? undefined : E[K], undefined>
        : never;
    }
  : never;

type Flat<T> = { [K in keyof T]: T[K] };

/** A record as it comes when these fields and relations are asked for. What a relation leads to is missing where there is nothing to see. */
export type Shaped<S, N extends keyof S, E, F> = S[N] extends CollectionTypes
  ? [E] extends [undefined]
    ? [F] extends [undefined]
      ? S[N]['record']
      : Flat<Picked<S[N]['record'], F>>
    : Flat<Picked<S[N]['record'], F> & { expand?: Expanded<S, N, E> }>
  : never;

/** What to expand, as the API spells it. */
export function expandText(expand: object | undefined, before = ''): string {
  const paths: string[] = [];
  for (const [name, below] of Object.entries(expand ?? {}) as [string, true | object | undefined][]) {
    if (below === undefined) continue;
    const inner = below === true ? '' : expandText(below, `${before}${name}.`);
    paths.push(inner || before + name);
  }
  return paths.join(',');
}

/** Which fields to send, as the API spells it. What is expanded is asked for and so is sent. */
export function fieldsText(fields: readonly string[] | undefined, hasExpand: boolean): string {
  if (!fields) return '';
  return [...fields, ...(hasExpand ? ['expand'] : [])].join(',');
}
