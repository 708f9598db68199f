// Reads files of records: CSV, JSON (a list, or an answer of the API), and JSON with one record a line.
import { parseExact } from '$lib/api/exact';

export interface ReadRow {
  /** Where it begins in the file, from 1. */
  line: number;
  values: Record<string, unknown>;
}

/** Whether values have types, or are texts that stand for them. */
export type Kind = 'json' | 'csv';

export interface ReadFile {
  kind: Kind;
  columns: string[];
  rows: ReadRow[];
}

/** How large a file may be, in bytes: it is held in memory. */
export const FILE_MAX_BYTES = 200 * 1024 * 1024;

export async function readRecords(text: string, name: string): Promise<ReadFile> {
  const bare = text.replace(/^\uFEFF/, '');
  const isJson = /\.(json|jsonl|ndjson)$/i.test(name) || (!/\.(csv|tsv|txt)$/i.test(name) && /^\s*[[{]/.test(bare));
  const read = isJson ? readJson(bare) : await readCsv(bare);
  if (!read.rows.length) throw new Error('There are no records in this file.');
  return read;
}

async function readCsv(text: string): Promise<ReadFile> {
  const { default: papa } = await import('papaparse');
  let columns: string[] | undefined;
  const rows: ReadRow[] = [];
  let [line, counted] = [1, 0];
  papa.parse<string[]>(text, {
    delimiter: separatorOf(text),
    step: ({ data, meta }) => {
      const begins = line;
      for (; counted < meta.cursor; counted++) if (text.charCodeAt(counted) === 10) line++;
      if (data.every((value) => value.trim() === '')) return;
      if (!columns) {
        columns = data.map((value, at) => value.trim() || `Column ${at + 1}`);
        return;
      }
      // A cell that is missing says nothing; it is not an empty one.
      const cells = columns.slice(0, data.length).map((name, at) => [name, data[at]]);
      rows.push({ line: begins, values: Object.fromEntries(cells) as ReadRow['values'] });
    },
  });
  return { kind: 'csv', columns: [...new Set(columns ?? [])], rows };
}

/** What stands most often between the names of the first line that has any. */
export function separatorOf(text: string): string {
  const head = (/^.*\S.*$/m.exec(text.slice(0, 100_000))?.[0] ?? '').replace(/"[^"]*"/g, '');
  const times = (separator: string) => head.split(separator).length;
  return [',', ';', '\t', '|'].reduce((best, one) => (times(one) > times(best) ? one : best));
}

function readJson(text: string): ReadFile {
  const list = parseList(text);
  const rows = list.map(({ line, value }) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Error(`Line ${line}: a record is an object with a value for each field.`);
    }
    return { line, values: value as Record<string, unknown> };
  });
  const columns = new Set<string>();
  for (const { values } of rows) for (const name of Object.keys(values)) columns.add(name);
  return { kind: 'json', columns: [...columns], rows };
}

function parseList(text: string): { line: number; value: unknown }[] {
  try {
    const read: unknown = parseExact(text);
    const items = (read as { items?: unknown } | null)?.items;
    const list = Array.isArray(read) ? (read as unknown[]) : Array.isArray(items) ? (items as unknown[]) : [read];
    // Where a record begins is lost in a list; its number says as much.
    return list.map((value, at) => ({ line: at + 1, value }));
  } catch (whole) {
    const lines = text.split('\n').map((one, at) => ({ line: at + 1, text: one.trim() }));
    const filled = lines.filter((one) => one.text);
    if (filled.length < 2 || !filled[0]?.text.endsWith('}')) {
      throw new Error(`This is not JSON. ${whole instanceof Error ? whole.message : ''}`, { cause: whole });
    }
    return filled.map((one) => ({ line: one.line, value: parseLine(one) }));
  }
}

function parseLine({ line, text }: { line: number; text: string }): unknown {
  try {
    return parseExact(text);
  } catch (fault) {
    throw new Error(`Line ${line} is not JSON.`, { cause: fault });
  }
}
