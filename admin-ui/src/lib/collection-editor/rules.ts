// What is known about rules without asking the server: their words, and following a field that gets another name.
import type { AuthRuleName, RuleName } from './model';

export const RULE_WORDS: Record<RuleName | AuthRuleName, { label: string; hint: string }> = {
  listRule: { label: 'List and search', hint: 'Which records a caller gets in lists.' },
  viewRule: { label: 'View', hint: 'Who may read a single record.' },
  createRule: { label: 'Create', hint: 'Who may add records, and with which values.' },
  updateRule: { label: 'Update', hint: 'Who may change a record.' },
  deleteRule: { label: 'Delete', hint: 'Who may delete a record.' },
  authRule: { label: 'Sign in', hint: 'Which accounts may sign in at all; such as only verified ones.' },
  manageRule: {
    label: 'Manage',
    hint: "Who may change others' email, password and verified state without their password.",
  },
};

/** The rule after a field of its own collection got another name. Texts and comments stay, and so do other collections' fields. */
export function withField(rule: string | null, old: string, name: string): string | null {
  if (!rule) return rule;
  const pieces = /('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\/\/[^\n]*)|(@?[A-Za-z_][\w.]*)/g;
  return rule.replace(pieces, (all: string, text?: string, path?: string) => {
    if (text !== undefined || path === undefined) return all;
    const parts = path.split('.');
    const at = path.startsWith('@request.body.') ? 2 : path.startsWith('@') ? -1 : 0;
    if (at < 0 || parts[at] !== old) return all;
    parts[at] = name;
    return parts.join('.');
  });
}
