// Words for what an import changes.
import type { Difference } from './diff';

/** "2 added, 1 changed". */
export function summary(list: readonly Difference[]): string {
  const count = (wanted: Difference['kind']) => list.filter(({ kind }) => kind === wanted).length;
  const parts = (['added', 'changed', 'deleted'] as const).map((kind) => [count(kind), kind] as const);
  return (
    parts
      .filter(([number]) => number > 0)
      .map(([number, kind]) => `${number} ${kind}`)
      .join(', ') || 'nothing changed'
  );
}

/** A value as one reads it in a diff. */
export function spelled(value: unknown): string {
  if (value === undefined) return '–';
  if (value === null) return 'null';
  if (typeof value === 'string') return value === '' ? '""' : value;
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
}
