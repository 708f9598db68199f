// The parts of the editor: which a collection has, and in which of them a fault is to be looked for.
import type { Explained } from '$lib/api/errors';
import type { CollectionType } from './model';

export type TabId = 'fields' | 'query' | 'rules' | 'indexes' | 'signin' | 'mails' | 'tokens';

const LABELS: Record<TabId, string> = {
  fields: 'Fields',
  query: 'Query',
  rules: 'API rules',
  indexes: 'Indexes',
  signin: 'Sign-in',
  mails: 'Mails',
  tokens: 'Tokens',
};

const TABS: Record<CollectionType, TabId[]> = {
  base: ['fields', 'rules', 'indexes'],
  auth: ['fields', 'rules', 'indexes', 'signin', 'mails', 'tokens'],
  view: ['query', 'rules'],
};

export function tabsOf(
  type: CollectionType,
  faults: Explained | undefined,
): { id: TabId; label: string; faulty: boolean }[] {
  const faulty = new Set(Object.keys(faults?.fields ?? {}).map((path) => tabOfFault(path, type)));
  return TABS[type].map((id) => ({ id, label: LABELS[id], faulty: faulty.has(id) }));
}

/** Where a fault is shown, by its path in the server's answer. */
export function tabOfFault(path: string, type: CollectionType): TabId {
  const head = path.split('.')[0] ?? '';
  if (/Rule$/.test(head)) return 'rules';
  if (head === 'indexes') return 'indexes';
  if (/Template$/.test(head) || head === 'authAlert' || path.startsWith('otp.emailTemplate')) return 'mails';
  if (/Token$/.test(head)) return 'tokens';
  if (['passwordAuth', 'oauth2', 'mfa', 'otp', 'passkey', 'totp'].includes(head)) return 'signin';
  return type === 'view' ? 'query' : 'fields';
}
