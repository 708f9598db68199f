import { describe, expect, it } from 'vitest';
import { tokenize, type CodeLanguage } from './highlight';

const kinds = (code: string, language: CodeLanguage) =>
  tokenize(code, language)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ kind, text }) => `${kind}:${text}`);

describe('tokenize', () => {
  it('loses no character of any text', () => {
    for (const language of ['json', 'js', 'ts', 'bash', 'sql', 'text'] as const) {
      for (const code of ['', '{"a": [1, true, "x\\"y"]}', "it's `odd", '-- #! "', "select 'a''b' -- c"]) {
        expect(
          tokenize(code, language)
            .map(({ text }) => text)
            .join(''),
        ).toBe(code);
      }
    }
  });

  it('tells keys from texts in JSON', () => {
    expect(kinds('{"a": "b", "n": -1.5, "t": true}', 'json')).toEqual([
      'key:"a"',
      'string:"b"',
      'key:"n"',
      'number:-1.5',
      'key:"t"',
      'keyword:true',
    ]);
  });

  it('knows the words of the languages', () => {
    expect(kinds("const a = await b('x'); // c", 'ts')).toEqual([
      'keyword:const',
      'keyword:await',
      "string:'x'",
      'comment:// c',
    ]);
    expect(kinds('SELECT "id" FROM t WHERE a = \'x\'', 'sql')).toEqual([
      'keyword:SELECT',
      'key:"id"',
      'keyword:FROM',
      'keyword:WHERE',
      "string:'x'",
    ]);
    expect(kinds("curl -X POST 'http://x' # y", 'bash')).toEqual([
      'keyword:curl',
      'key:-X',
      "string:'http://x'",
      'comment:# y',
    ]);
  });
});
