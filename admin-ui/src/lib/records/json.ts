// JSON as it is typed: its value, or where it is wrong.
import { parseExact } from '$lib/api/exact';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';

export interface JsonFault {
  message: string;
  /** Where, in characters from the start; and for people, counted from 1. */
  at: number;
  line: number;
  column: number;
}

export type Parsed = { value: unknown; fault?: undefined } | { fault: JsonFault };

const WORDS: Record<string, string> = {
  InvalidSymbol: 'this is no JSON value',
  InvalidNumberFormat: 'this is no number',
  PropertyNameExpected: 'a name in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'nothing more may follow here',
  InvalidCommentToken: 'comments are not allowed',
  UnexpectedEndOfComment: 'comments are not allowed',
  UnexpectedEndOfString: 'the text does not end',
  UnexpectedEndOfNumber: 'the number does not end',
  InvalidUnicode: 'this is no \\u character',
  InvalidEscapeCharacter: 'a backslash cannot stand before this character',
  InvalidCharacter: 'this character is not allowed in a text',
};

/** Reads what was typed; nothing is `null`. */
export function parseJson(text: string): Parsed {
  if (text.trim() === '') return { value: null };
  try {
    return { value: parseExact(text) };
  } catch {
    const errors: ParseError[] = [];
    parse(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
    const first = errors[0];
    const at = Math.min(first?.offset ?? text.length, text.length);
    const before = text.slice(0, at).split('\n');
    const message = (first && WORDS[printParseErrorCode(first.error)]) ?? 'this is not valid JSON';
    return { fault: { message, at, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 } };
  }
}

export function faultText({ line, column, message }: JsonFault): string {
  return `Line ${line}, column ${column}: ${message}.`;
}
