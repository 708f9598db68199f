// Colours short texts of code for reading: not a parser, only what the eye needs.

export type CodeLanguage = 'json' | 'js' | 'ts' | 'bash' | 'sql' | 'text';
export type TokenKind = 'plain' | 'comment' | 'string' | 'key' | 'number' | 'keyword';

export interface Token {
  kind: TokenKind;
  text: string;
}

const JS_WORDS =
  'await|async|break|case|catch|class|const|continue|default|delete|else|export|extends|false|finally|for|from|function|if|import|in|instanceof|interface|let|new|null|of|return|switch|this|throw|true|try|type|typeof|undefined|var|void|while|yield';
const SQL_WORDS =
  'all|and|as|asc|between|by|case|cast|count|create|cross|delete|desc|distinct|else|end|except|exists|explain|false|from|full|group|having|in|index|inner|insert|into|is|join|left|like|limit|not|null|offset|on|or|order|outer|query|plan|right|select|set|table|then|true|union|unique|update|using|values|view|when|where|with';

/** JavaScript and TypeScript alike. */
const SCRIPT = new RegExp(
  `(?<comment>\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?\\*\\/)|(?<string>"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*'|\`(?:[^\`\\\\]|\\\\.)*\`)|(?<number>\\b\\d[\\d_]*(?:\\.\\d+)?\\b)|(?<keyword>\\b(?:${JS_WORDS})\\b)|(?<key>\\b[\\w$]+(?=\\s*:))`,
  'g',
);

/** Each group's name is the token's kind. */
const GRAMMARS: Record<Exclude<CodeLanguage, 'text'>, RegExp> = {
  json: /(?<key>"(?:[^"\\\n]|\\.)*"(?=\s*:))|(?<string>"(?:[^"\\\n]|\\.)*")|(?<number>-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<keyword>\b(?:true|false|null)\b)/gi,
  js: SCRIPT,
  ts: SCRIPT,
  bash: /(?<comment>(?:^|(?<=\s))#[^\n]*)|(?<string>"(?:[^"\\]|\\.)*"|'[^']*')|(?<key>(?:^|(?<=\s))--?[\w-]+)|(?<keyword>^\s*(?:curl|npm|npx|bak|cargo|export)\b)/gm,
  sql: new RegExp(
    `(?<comment>--[^\\n]*)|(?<string>'(?:[^']|'')*')|(?<key>"[^"\\n]*"|\`[^\`\\n]*\`|\\[\\[[^\\]\\n]*\\]\\])|(?<number>\\b\\d+(?:\\.\\d+)?\\b|\\?\\d*)|(?<keyword>\\b(?:${SQL_WORDS})\\b)`,
    'gi',
  ),
};

export function tokenize(code: string, language: CodeLanguage): Token[] {
  if (language === 'text') return [{ kind: 'plain', text: code }];
  const tokens: Token[] = [];
  let end = 0;
  for (const match of code.matchAll(GRAMMARS[language])) {
    if (match.index > end) tokens.push({ kind: 'plain', text: code.slice(end, match.index) });
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] ?? 'plain';
    tokens.push({ kind: kind as TokenKind, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < code.length) tokens.push({ kind: 'plain', text: code.slice(end) });
  return tokens;
}
