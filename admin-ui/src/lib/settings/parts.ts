// Settings leaf by leaf: what of them was changed, what puts that back, and taking over what changed elsewhere. Lists are one leaf.

export type Part = Record<string, unknown>;

/** What of `now` differs from `before`; what `now` does not name is left alone. */
export function differing(before: Part, now: Part): Part {
  const found: Part = {};
  for (const [key, value] of Object.entries(now)) {
    const old = before[key];
    if (value === undefined || isSame(old, value)) continue;
    if (!isPart(old) || !isPart(value)) found[key] = value;
    else {
      const inner = differing(old, value);
      if (Object.keys(inner).length) found[key] = inner;
    }
  }
  return found;
}

/** What undoes `sent`: the same leaves as they were. Secrets, which nobody knows, are not among them. */
export function undoing(before: Part, sent: Part): Part {
  const found: Part = {};
  for (const [key, value] of Object.entries(sent)) {
    const old = before[key];
    if (isPart(old) && isPart(value)) found[key] = undoing(old, value);
    else if (old !== undefined) found[key] = old;
    // Some switches are only shown while they are on.
    else if (typeof value === 'boolean') found[key] = false;
  }
  return found;
}

/** Takes `theirs` into `now`, in place, wherever `now` is still as it was `before`. */
export function follow(now: Part, before: Part, theirs: Part): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(theirs)])) {
    const [mine, old, other] = [now[key], before[key], theirs[key]];
    if (isPart(mine) && isPart(old) && isPart(other)) follow(mine, old, other);
    else if (isSame(mine, old) && !isSame(mine, other)) {
      if (other === undefined) Reflect.deleteProperty(now, key);
      else now[key] = structuredClone(other);
    }
  }
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
