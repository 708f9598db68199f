// The records' filter bar takes filters as well as plain words, which are looked for in every text of a record.
import { looksLikeFilter } from './grammar';

interface Searched {
  fields?: readonly { name: string; type: string; hidden?: boolean }[];
}

const SEARCHED = new Set([
  'text',
  'email',
  'url',
  'editor',
  'select',
  'relation',
  'json',
  'number',
  'file',
  'date',
  'autodate',
]);

/** The filter to send for what stands in the bar: itself, or one that looks for it everywhere. */
export function filterOf(text: string, collection: Searched | undefined): string {
  const wanted = text.trim();
  if (!wanted || looksLikeFilter(wanted)) return wanted;
  const names = (collection?.fields ?? []).filter(({ type }) => SEARCHED.has(type)).map(({ name }) => name);
  const quoted = `"${wanted.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
  return [...new Set(['id', ...names])].map((name) => `${name} ~ ${quoted}`).join(' || ');
}
