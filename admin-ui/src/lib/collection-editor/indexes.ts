// Reads and writes CREATE INDEX, as far as a form can show it.

export interface IndexColumn {
  /** A column, or an expression as it stands. */
  name: string;
  collate: string;
  sort: '' | 'ASC' | 'DESC';
}

export interface Index {
  unique: boolean;
  optional: boolean;
  name: string;
  table: string;
  columns: IndexColumn[];
  where: string;
}

const HEAD =
  /^\s*CREATE\s+(UNIQUE\s+)?INDEX\s+(IF\s+NOT\s+EXISTS\s+)?(?:(?:`[^`]*`|"[^"]*"|\[[^\]]*\]|\w+)\s*\.\s*)?(`[^`]*`|"[^"]*"|\[[^\]]*\]|\w+)\s+ON\s+(`[^`]*`|"[^"]*"|\[[^\]]*\]|\w+)\s*\(/i;
const COLUMN =
  /^(`[^`]*`|"[^"]*"|\[[^\]]*\]|[\s\S]+?)(?:\s+COLLATE\s+(`[^`]*`|"[^"]*"|\[[^\]]*\]|\w+))?(?:\s+(ASC|DESC))?$/i;

/** What an index says; `undefined`: a form cannot show it. */
export function parseIndex(sql: string): Index | undefined {
  const head = HEAD.exec(sql);
  if (!head) return undefined;
  const end = closing(sql, head[0].length);
  if (end === undefined) return undefined;
  const columns = split(sql.slice(head[0].length, end)).map(parseColumn);
  const rest = /^\s*(?:WHERE\s+([\s\S]+?))?\s*;?\s*$/i.exec(sql.slice(end + 1));
  if (!rest || !columns.length || columns.some(({ name }) => !name)) return undefined;
  return {
    unique: Boolean(head[1]),
    optional: Boolean(head[2]),
    name: bare(head[3] ?? ''),
    table: bare(head[4] ?? ''),
    columns,
    where: rest[1] ?? '',
  };
}

export function printIndex(index: Index): string {
  const unique = index.unique ? 'UNIQUE ' : '';
  const optional = index.optional ? 'IF NOT EXISTS ' : '';
  const columns = index.columns.map(printColumn).join(', ');
  const where = index.where.trim() ? ` WHERE ${index.where.trim()}` : '';
  return `CREATE ${unique}INDEX ${optional}${quoted(index.name)} ON ${quoted(index.table)} (${columns})${where}`;
}

/** The index on another table; what a form cannot show stays as it is. */
export function withTable(sql: string, table: string): string {
  const index = parseIndex(sql);
  return index && index.table !== table ? printIndex({ ...index, table }) : sql;
}

/** The index after a column got another name. */
export function withColumn(sql: string, old: string, name: string): string {
  const index = parseIndex(sql);
  const names = new RegExp(`\`${escaped(old)}\`|"${escaped(old)}"|\\[${escaped(old)}\\]|\\b${escaped(old)}\\b`, 'g');
  if (!index) return sql;
  // Texts in the condition and in expressions are left alone.
  const renamed = (text: string) =>
    text.replace(/('(?:[^']|'')*')|([^']+)/g, (_, string?: string, code?: string) =>
      string !== undefined ? string : (code ?? '').replace(names, quoted(name)),
    );
  const columns = index.columns.map((column) => ({
    ...column,
    name: column.name === old ? name : isPlain(column.name) ? column.name : renamed(column.name),
  }));
  const where = renamed(index.where);
  const isSame = where === index.where && columns.every((column, at) => column.name === index.columns[at]?.name);
  return isSame ? sql : printIndex({ ...index, columns, where });
}

/** Whether the index needs the column. */
export function usesColumn(sql: string, column: string): boolean {
  return withColumn(sql, column, `${column}_`) !== sql;
}

/** A name for an index, from what it is over. */
export function indexName(table: string, columns: readonly string[], taken: readonly string[]): string {
  const words = columns.map((column) => column.replace(/\W+/g, '_').replace(/^_+|_+$/g, ''));
  const base = ['idx', table, ...words].filter(Boolean).join('_').slice(0, 60);
  let name = base;
  for (let number = 2; taken.some((one) => one.toLowerCase() === name.toLowerCase()); number++)
    name = `${base}_${number}`;
  return name;
}

function parseColumn(text: string): IndexColumn {
  const [, name = '', collate = '', sort = ''] = COLUMN.exec(text.trim()) ?? [];
  return { name: bare(name), collate: bare(collate).toUpperCase(), sort: sort.toUpperCase() as IndexColumn['sort'] };
}

function printColumn({ name, collate, sort }: IndexColumn): string {
  return [isPlain(name) ? quoted(name) : name, collate && `COLLATE ${collate}`, sort].filter(Boolean).join(' ');
}

const isPlain = (name: string) => /^\w+$/.test(name);
const quoted = (name: string) => `\`${name}\``;
const bare = (text: string) => text.replace(/^[`"[](.*)[`"\]]$/s, '$1');
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Where the bracket that is open at `from` closes. */
function closing(sql: string, from: number): number | undefined {
  let depth = 1;
  for (const { at, char } of codeOf(sql, from)) {
    if (char === '(') depth++;
    if (char === ')' && --depth === 0) return at;
  }
  return undefined;
}

/** The parts between commas that are in no bracket. */
function split(text: string): string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (const { at, char } of codeOf(text, 0)) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** The characters that are in no quotes. */
function* codeOf(text: string, from: number): Generator<{ at: number; char: string }> {
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote) {
      if (char === quote) quote = '';
    } else if (char === "'" || char === '"' || char === '`') {
      quote = char;
    } else {
      yield { at, char };
    }
  }
}
