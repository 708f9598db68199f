// What trying a rule told about its parts, made ready to be drawn.

export interface Part {
  text: string;
  start: number;
  end: number;
  kind: 'compare' | 'and' | 'or';
  /** Index of the group it belongs to. */
  parent: number | null;
  /** `null`: could not be told. */
  value: boolean | null;
  note: string;
}

export interface PlanStep {
  id: number;
  parent: number;
  detail: string;
}

export interface Branch<T> {
  item: T;
  inner: Branch<T>[];
}

/** Parts, each with those that belong to it. */
export function partTree(parts: readonly Part[]): Branch<Part>[] {
  const within = (parent: number | null): Branch<Part>[] =>
    parts.flatMap((item, at) => (item.parent === parent ? [{ item, inner: within(at) }] : []));
  return within(null);
}

/** The steps of SQLite's plan as lines of a tree. */
export function planText(plan: readonly PlanStep[]): string {
  const ids = new Set(plan.map(({ id }) => id));
  const lines = (steps: PlanStep[], lead: string): string[] =>
    steps.flatMap((step, at) => {
      const isLast = at === steps.length - 1;
      const inner = plan.filter(({ parent }) => parent === step.id);
      return [`${lead}${isLast ? '└─' : '├─'} ${step.detail}`, ...lines(inner, `${lead}${isLast ? '   ' : '│  '}`)];
    });
  return lines(
    plan.filter(({ parent }) => !ids.has(parent)),
    '',
  ).join('\n');
}

export interface Piece {
  text: string;
  /** The comparison it belongs to; none: what joins them. */
  part?: Part;
}

/** A rule's text cut into its comparisons and what is between them. */
export function piecesOf(text: string, parts: readonly Part[]): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const part of parts.filter(({ kind }) => kind === 'compare').sort((a, b) => a.start - b.start)) {
    if (part.start > end) pieces.push({ text: text.slice(end, part.start) });
    pieces.push({ text: text.slice(part.start, part.end), part });
    end = part.end;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** SQL with its outer clauses on lines of their own. */
export function spreadSql(sql: string): string {
  let depth = 0;
  const parts =
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|\s+(FROM|LEFT JOIN|INNER JOIN|JOIN|WHERE|GROUP BY|ORDER BY|LIMIT|UNION)\b/g;
  return sql
    .replace(parts, (found: string, clause: string | undefined) => {
      if (found === '(') depth++;
      if (found === ')') depth--;
      return clause && depth === 0 ? `\n${clause}` : found;
    })
    .trim();
}
