// What can be written at a place of a rule: a pure function over the collections.
import { FUNCTIONS, MACROS, MODIFIERS, OPERATORS, wordsOf, type Word } from './grammar';
import { optionsOf, resolve, type Schema } from './paths';

export interface Suggestion {
  label: string;
  /** What is put in, where it differs from the label. */
  apply?: string;
  /** A short word behind it, such as the field's type. */
  detail?: string;
  kind: 'field' | 'relation' | 'root' | 'macro' | 'function' | 'modifier' | 'operator' | 'value';
}

export interface Suggestions {
  /** Where the text begins that a suggestion replaces. */
  from: number;
  options: Suggestion[];
  /** Come unasked while one types; others only when asked for. */
  isEager: boolean;
}

/** Whether it decides who may do something, or picks records in a list. */
export type Purpose = 'rule' | 'filter';

const NOTHING: Suggestions = { from: 0, options: [], isEager: false };

/** What fits at `at` of `text`. */
export function suggest(schema: Schema, text: string, at: number, purpose: Purpose = 'rule'): Suggestions {
  const words = wordsOf(text);
  const inside = words.find(({ start, end, isOpen }) => start < at && (at < end || (at === end && isOpen)));
  if (inside?.kind === 'text') return valuesInQuotes(schema, words, inside, at);
  if (words.some(({ kind, start, end }) => kind === 'comment' && start < at && at <= end)) return NOTHING;

  const word = text.slice(0, at).match(/[@_a-zA-Z#][\w.:@#]*$/)?.[0] ?? '';
  const from = at - word.length;
  const before = words.filter(({ end }) => end <= from);
  const last = before.at(-1);
  const isOperandDue =
    !last || last.kind === 'join' || last.kind === 'operator' || last.text === '(' || last.text === ',';
  if (!isOperandDue) return word ? NOTHING : behindOperand(before, at);
  const values = last?.kind === 'operator' ? valuesFor(schema, before.at(-2)) : [];
  if (!word) return { from: at, options: [...values, ...roots(schema, purpose)], isEager: values.length > 0 };
  return path(schema, word, from, purpose, values);
}

/** The parts of a path one after the other; only the last is being written. */
function path(schema: Schema, word: string, from: number, purpose: Purpose, values: Suggestion[]): Suggestions {
  const dot = word.lastIndexOf('.');
  const [head, tail] = dot < 0 ? ['', word] : [word.slice(0, dot), word.slice(dot + 1)];
  const colon = tail.indexOf(':');
  const isAlias = head === '@collection' && colon >= 0;
  if (colon >= 0 && !isAlias) {
    const full = word.slice(0, word.lastIndexOf(':'));
    return { from: from + word.lastIndexOf(':') + 1, options: modifiers(schema, full), isEager: true };
  }
  if (dot < 0) return { from, options: [...values, ...roots(schema, purpose)], isEager: true };
  return { from: from + dot + 1, options: optionsOf(schema, head.split('.')), isEager: true };
}

function roots(schema: Schema, purpose: Purpose): Suggestion[] {
  const at: Suggestion[] = [
    { label: '@request', apply: '@request.', detail: 'who asks, and with what', kind: 'root' },
    { label: '@request.auth.id', detail: 'who is signed in', kind: 'root' },
    { label: '@collection', apply: '@collection.', detail: 'records of any collection', kind: 'root' },
  ];
  return [
    ...optionsOf(schema, []),
    ...(purpose === 'rule' ? at : [at[0], at[2]].filter((one) => one !== undefined)),
    ...Object.entries(MACROS).map(([label, detail]): Suggestion => ({ label, detail, kind: 'macro' })),
    ...Object.entries(FUNCTIONS).map(([label, detail]): Suggestion => ({
      label,
      apply: `${label}(`,
      detail,
      kind: 'function',
    })),
  ];
}

/** After a whole operand: how it is compared, or how the next one is joined on. */
function behindOperand(before: Word[], at: number): Suggestions {
  const joined = before.findLastIndex(({ kind, text }) => kind === 'join' || text === '(');
  const isCompared = before.slice(joined + 1).some(({ kind }) => kind === 'operator');
  const options: Suggestion[] = isCompared
    ? [
        { label: '&&', apply: '&& ', detail: 'and', kind: 'operator' },
        { label: '||', apply: '|| ', detail: 'or', kind: 'operator' },
      ]
    : Object.entries(OPERATORS).map(([label, detail]) => ({ label, apply: `${label} `, detail, kind: 'operator' }));
  return { from: at, options, isEager: false };
}

/** Values that the left side of a comparison can have. */
function valuesFor(schema: Schema, left: Word | undefined): Suggestion[] {
  if (left?.kind !== 'path') return [];
  const value = (label: string, detail?: string): Suggestion => ({ label, ...(detail && { detail }), kind: 'value' });
  if (left.text === '@request.method') return METHODS.map((name) => value(`"${name}"`));
  if (left.text === '@request.context') return CONTEXTS.map((name) => value(`"${name}"`));
  const found = resolve(schema, left.text.replace(/:.*$/, '').split('.'));
  const field = found?.kind === 'field' ? found.field : undefined;
  if (field?.type === 'bool' || /:(isset|changed)$/.test(left.text)) return [value('true'), value('false')];
  if (field?.type === 'select')
    return ((field['values'] as string[] | undefined) ?? []).map((one) => value(JSON.stringify(one)));
  if (field?.type === 'date' || field?.type === 'autodate')
    return ['@now', '@todayStart'].map((one) => value(one, MACROS[one]));
  if (field?.type === 'relation' || field?.name === 'id') return [value('@request.auth.id', 'who is signed in')];
  return [];
}

export const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'];
export const CONTEXTS = ['default', 'oauth2', 'otp', 'password', 'realtime', 'protectedFile', 'batch', 'expand'];

/** Between quotes only known values are offered. */
function valuesInQuotes(schema: Schema, words: Word[], quoted: Word, at: number): Suggestions {
  const index = words.indexOf(quoted);
  if (words[index - 1]?.kind !== 'operator') return NOTHING;
  const options = valuesFor(schema, words[index - 2])
    .filter(({ label }) => label.startsWith('"'))
    .map((one): Suggestion => {
      const inner = JSON.parse(one.label) as string;
      const quote = quoted.text[0] ?? '"';
      const escaped = inner.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
      return { ...one, label: inner, apply: quoted.isOpen ? escaped + quote : escaped };
    });
  return at > quoted.start ? { from: quoted.start + 1, options, isEager: true } : NOTHING;
}

/** Modifiers that fit what stands before the colon. */
function modifiers(schema: Schema, full: string): Suggestion[] {
  const found = resolve(schema, full.replace(/:.*$/, '').split('.'));
  const isRequest = full.startsWith('@request.');
  const field = found?.kind === 'field' ? found.field : undefined;
  const isMany = field !== undefined && ['select', 'file', 'relation'].includes(field.type) && field['maxSelect'] !== 1;
  const fits: Record<string, boolean> = {
    isset: isRequest,
    changed: full.startsWith('@request.body.'),
    length: isMany || (isRequest && !field),
    each: isMany || (isRequest && !field),
    lower: field === undefined || ['text', 'email', 'url', 'editor', 'select', 'json'].includes(field.type),
  };
  return Object.entries(MODIFIERS)
    .filter(([name]) => fits[name])
    .map(([label, detail]) => ({ label, detail, kind: 'modifier' }));
}
