// The filter language as far as an editor needs it: its words and where they stand. What a rule means, only the server says.

export type WordKind =
  'path' | 'macro' | 'call' | 'text' | 'number' | 'keyword' | 'operator' | 'join' | 'punct' | 'comment';

export interface Word {
  kind: WordKind;
  text: string;
  /** Indices into the text; `end` is exclusive. */
  start: number;
  end: number;
  /** A text or a comment that goes on to the end because nobody closed it. */
  isOpen?: boolean;
}

export const MACROS: Record<string, string> = {
  '@now': 'this moment',
  '@second': 'the second, 0 to 59',
  '@minute': 'the minute, 0 to 59',
  '@hour': 'the hour, 0 to 23',
  '@weekday': 'the weekday, 0 is Sunday',
  '@day': 'the day of the month',
  '@month': 'the month, 1 to 12',
  '@year': 'the year',
  '@yesterday': 'this time yesterday',
  '@tomorrow': 'this time tomorrow',
  '@todayStart': 'today, 00:00',
  '@todayEnd': 'today, the last moment',
  '@monthStart': 'the first moment of the month',
  '@monthEnd': 'the last moment of the month',
  '@yearStart': 'the first moment of the year',
  '@yearEnd': 'the last moment of the year',
};

export const OPERATORS: Record<string, string> = {
  '=': 'equal',
  '!=': 'not equal',
  '>': 'greater',
  '>=': 'greater or equal',
  '<': 'less',
  '<=': 'less or equal',
  '~': 'contains',
  '!~': 'does not contain',
  '?=': 'any is equal',
  '?!=': 'any is not equal',
  '?>': 'any is greater',
  '?>=': 'any is greater or equal',
  '?<': 'any is less',
  '?<=': 'any is less or equal',
  '?~': 'any contains',
  '?!~': 'any does not contain',
};

export const MODIFIERS: Record<string, string> = {
  isset: 'whether it was sent at all',
  changed: 'whether it was sent and differs',
  length: 'how many values',
  each: 'every value must hold',
  lower: 'in lower case',
};

export const FUNCTIONS: Record<string, string> = {
  geoDistance: 'kilometres between two points: (lonA, latA, lonB, latB)',
  strftime: "a part of a date: ('%Y', created)",
};

const WORDS = new RegExp(
  [
    /(?<comment>\/\/[^\n]*)/,
    /(?<text>"(?:[^"\\]|\\[\s\S])*"?|'(?:[^'\\]|\\[\s\S])*'?)/,
    /(?<join>&&|\|\|)/,
    /(?<operator>\?!=|\?>=|\?<=|\?!~|\?=|\?>|\?<|\?~|!=|>=|<=|!~|=|>|<|~)/,
    /(?<number>[-+]?\d+(?:\.\d+)?(?![\w.:]))/,
    /(?<path>[@_a-zA-Z#][\w.:@#]*)/,
    /(?<punct>[(),])/,
  ]
    .map((part) => part.source)
    .join('|'),
  'g',
);

/** The words of a rule in their order; what is between them is space, or does not belong there. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORDS)) {
    const [found] = match;
    const [kind] = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined) ?? [];
    const word: Word = { kind: kind as WordKind, text: found, start: match.index, end: match.index + found.length };
    if (word.kind === 'path') word.kind = pathKind(found, text.slice(word.end));
    if (word.kind === 'text') word.isOpen = found.length < 2 || found.at(-1) !== found[0] || endsEscaped(found);
    words.push(word);
  }
  return words;
}

function pathKind(path: string, behind: string): WordKind {
  if (/^(?:true|false|null)$/i.test(path)) return 'keyword';
  if (path in MACROS) return 'macro';
  return path in FUNCTIONS && /^\s*\(/.test(behind) ? 'call' : 'path';
}

/** Whether the last quote is escaped, and so closes nothing. */
function endsEscaped(quoted: string): boolean {
  const slashes = quoted.slice(0, -1).match(/\\*$/)?.[0].length ?? 0;
  return slashes % 2 === 1;
}

/** Whether a text is a filter, rather than a few words to look for. */
export function looksLikeFilter(text: string): boolean {
  return wordsOf(text).some(({ kind }) => kind === 'operator' || kind === 'join');
}
