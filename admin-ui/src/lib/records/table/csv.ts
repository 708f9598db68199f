// Records as lines of CSV. What spreadsheets might take for a formula stays what it is: this is data, to be read back.
import { plain } from './values';

/** The beginning that tells spreadsheets the text is UTF-8. */
export const BOM = '\uFEFF';

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvValue).join(',')}\r\n`;
}

function csvValue(value: unknown): string {
  const text = Array.isArray(value) && value.length ? JSON.stringify(value) : Array.isArray(value) ? '' : plain(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
