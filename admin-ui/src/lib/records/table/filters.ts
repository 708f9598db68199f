// Pieces of filters that the table puts together.

/** A text as a filter writes it. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** A filter for some records by their ids. */
export function idsFilter(ids: readonly string[]): string {
  return ids.map((id) => `id = ${quote(id)}`).join(' || ');
}

/** Both of two filters, each of which may be empty. */
export function both(a: string, b: string): string {
  return a && b ? `(${a}\n) && (${b}\n)` : a || b;
}
