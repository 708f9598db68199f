// Turns pages of records into the pieces of a file.
import type { RecordModel } from '$lib/api/types';
import type { CollectionField } from './columns';
import { BOM, csvLine } from './csv';

export type Format = 'csv' | 'json';

/** How many selected records are asked for at once. */
export const IDS_AT_ONCE = 200;

export async function* exported(
  pages: AsyncIterable<RecordModel[]>,
  fields: readonly Pick<CollectionField, 'name' | 'type'>[],
  format: Format,
  onprogress: (count: number) => void = () => undefined,
): AsyncGenerator<string> {
  const names = fields.map(({ name }) => name);
  // In JSON the text "5" and the number 5 are two things, and so must they be in a cell.
  const cell = (record: RecordModel, { name, type }: (typeof fields)[number]): unknown =>
    type === 'json' ? JSON.stringify(record[name]) : record[name];
  let count = 0;
  yield format === 'csv' ? BOM + csvLine(names) : '[';
  for await (const page of pages) {
    if (format === 'csv') {
      yield page.map((record) => csvLine(fields.map((field) => cell(record, field)))).join('');
    } else {
      const objects = page.map((record) =>
        JSON.stringify(Object.fromEntries(names.map((name) => [name, record[name]]))),
      );
      yield (count ? ',\n' : '\n') + objects.join(',\n');
    }
    count += page.length;
    onprogress(count);
  }
  if (format === 'json') yield '\n]\n';
}
