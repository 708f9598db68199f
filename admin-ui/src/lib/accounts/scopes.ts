// What an API key may do, as a form holds it and as the server's scopes: `*`, `posts:list`, `*:view`, `keys`.

export const ACTIONS = ['list', 'view', 'create', 'update', 'delete'] as const;
export const AREAS: readonly { id: string; label: string }[] = [
  { id: 'account', label: 'Passwords, e-mail addresses, ways to sign in' },
  { id: 'sessions', label: 'Sessions, tokens for others' },
  { id: 'keys', label: 'API keys' },
  { id: 'settings', label: 'Settings' },
];

export type Action = (typeof ACTIONS)[number];

/** What may be done in a collection; `*` is all of them. */
export interface Grant {
  collection: string;
  actions: readonly Action[];
}

export interface Scopes {
  /** Everything the account itself may do with records. */
  isFull: boolean;
  grants: readonly Grant[];
  areas: readonly string[];
}

export function fromScopes(scopes: readonly string[]): Scopes {
  const found = new Map<string, Set<Action>>();
  for (const scope of scopes) {
    const [collection = '', action] = scope.split(':');
    if (action === undefined) continue;
    const actions = found.get(collection) ?? new Set<Action>();
    for (const one of action === '*' ? ACTIONS : ACTIONS.filter((known) => known === action)) actions.add(one);
    found.set(collection, actions);
  }
  const grants = [...found].map(([collection, actions]) => ({
    collection,
    actions: ACTIONS.filter((one) => actions.has(one)),
  }));
  return { isFull: scopes.includes('*'), grants, areas: AREAS.map(({ id }) => id).filter((id) => scopes.includes(id)) };
}

export function toScopes({ isFull, grants, areas }: Scopes): string[] {
  const records = grants.flatMap(({ collection, actions }) =>
    actions.length === ACTIONS.length ? [`${collection}:*`] : actions.map((action) => `${collection}:${action}`),
  );
  return [...(isFull ? ['*'] : records), ...areas];
}

/** A list of scopes for people, short. */
export function scopesText(scopes: readonly string[]): string {
  const { isFull, grants, areas } = fromScopes(scopes);
  const records = grants.map(({ collection, actions }) => {
    const name = collection === '*' ? 'all collections' : collection;
    return `${name}: ${actions.length === ACTIONS.length ? 'everything' : actions.join(', ')}`;
  });
  return [...(isFull ? ['all records'] : records), ...areas].join(' · ') || 'nothing';
}
