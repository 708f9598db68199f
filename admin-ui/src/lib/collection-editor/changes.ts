// What saving a collection does that one should know beforehand: what is lost, renamed, opened, ended.
import type { Note } from '$lib/ui/NoteList.svelte';
import { askingFor, type Around } from './asking';
import { isMultiple, RULES, TOKEN_KINDS, type AnyField, type Collection, type TokenKind } from './model';
import { parseIndex } from './indexes';
import { RULE_WORDS } from './rules';

/** `danger`: data is lost. `warn`: somebody may be locked out, let in, or must change their code. */
export type Change = Note;

export const TOKEN_WORDS: Record<TokenKind, { label: string; ends: string }> = {
  authToken: { label: 'Sign-in', ends: 'Everybody is signed out.' },
  passwordResetToken: { label: 'Password reset', ends: 'Links to reset a password that were sent stop working.' },
  emailChangeToken: { label: 'Email change', ends: 'Links to confirm a new email that were sent stop working.' },
  verificationToken: { label: 'Verification', ends: 'Links to verify an email that were sent stop working.' },
  fileToken: { label: 'Protected files', ends: 'Links to protected files that are in use stop working.' },
};

/** What a save changes that is to be shown first; nothing for a new collection. */
export function notableChanges(before: Collection, after: Collection, around: Around = { collections: [] }): Change[] {
  const order = { danger: 0, warn: 1, info: 2 };
  const all = [
    ...nameChange(before, after),
    ...(after.type === 'view' ? [] : fieldChanges(before, after)),
    ...(after.type === 'view' ? [] : indexChanges(before, after)),
    ...ruleChanges(before, after),
    ...askingFor(before, after, around),
    ...authChanges(before, after),
  ];
  return all.sort((a, b) => order[a.tone] - order[b.tone]);
}

function nameChange(before: Collection, after: Collection): Change[] {
  if (before.name === after.name) return [];
  const text = `“${before.name}” becomes “${after.name}”: programs must use /api/collections/${after.name} from now on.`;
  return [{ tone: 'warn', text }];
}

function fieldChanges(before: Collection, after: Collection): Change[] {
  const changes: Change[] = [];
  for (const old of before.fields) {
    const now = after.fields.find(({ id }) => id === old.id);
    if (!now) changes.push({ tone: 'danger', text: lossOf(old) });
    else changes.push(...changesOf(old, now));
  }
  return changes;
}

function lossOf(field: AnyField): string {
  if (field.type === 'file') return `“${field.name}” is deleted, with its files in every record.`;
  return `“${field.name}” is deleted, with its values in every record.`;
}

/** Whether values are lost by what a field becomes: of several only one is kept. */
export function losesValues(old: AnyField, now: AnyField): boolean {
  return isMultiple(old) && !isMultiple(now);
}

function changesOf(old: AnyField, now: AnyField): Change[] {
  const changes: Change[] = [];
  if (old.name !== now.name) {
    changes.push({
      tone: 'warn',
      text: `“${old.name}” becomes “${now.name}”. Its values stay; programs must use the new name.`,
    });
  }
  if (losesValues(old, now)) {
    const what = old.type === 'file' ? 'file' : 'value';
    changes.push({ tone: 'danger', text: `“${now.name}” holds one ${what} only: of several, the last is kept.` });
  }
  if (!isMultiple(old) && isMultiple(now)) {
    changes.push({ tone: 'info', text: `“${now.name}” holds several values: programs get a list.` });
  }
  if (old.type === 'select' && now.type === 'select') {
    const gone = old.values.filter((value) => !now.values.includes(value));
    if (gone.length) {
      const list = gone.map((value) => `“${value}”`).join(', ');
      changes.push({ tone: 'warn', text: `“${now.name}” no longer offers ${list}. Records that have it keep it.` });
    }
  }
  if (old.hidden && !now.hidden)
    changes.push({ tone: 'warn', text: `“${now.name}” is no longer hidden: callers can read it.` });
  if (old.type === 'file' && now.type === 'file' && old.protected && !now.protected)
    changes.push({ tone: 'warn', text: `Files of “${now.name}” are open to everyone who has their link.` });
  return changes;
}

function indexChanges(before: Collection, after: Collection): Change[] {
  const names = new Set(after.indexes.map((sql) => parseIndex(sql)?.name ?? sql));
  return before.indexes
    .map((sql) => ({ name: parseIndex(sql)?.name ?? sql, isUnique: parseIndex(sql)?.unique }))
    .filter(({ name }) => !names.has(name))
    .map(({ name, isUnique }) => ({
      tone: 'info',
      text: `Index “${name}” is dropped.${isUnique ? ' Values may repeat from now on.' : ''}`,
    }));
}

function ruleChanges(before: Collection, after: Collection): Change[] {
  return RULES.filter((rule) => after[rule] === '' && before[rule] !== '').map((rule) => ({
    tone: 'warn',
    text: `${RULE_WORDS[rule].label} is open to everyone.`,
  }));
}

function authChanges(before: Collection, after: Collection): Change[] {
  if (after.type !== 'auth') return [];
  const changes: Change[] = [];
  if (before.authRule !== after.authRule) {
    const text =
      after.authRule === null
        ? 'Nobody can sign in, and everybody is signed out.'
        : 'The sign-in rule changes: everybody is signed out.';
    changes.push({ tone: 'warn', text });
  }
  for (const kind of TOKEN_KINDS) {
    if (after[kind]?.secret) changes.push({ tone: 'warn', text: TOKEN_WORDS[kind].ends });
  }
  const gone = (before.oauth2?.providers ?? []).filter(
    ({ name }) => !after.oauth2?.providers.some((provider) => provider.name === name),
  );
  for (const { name, displayName } of gone)
    changes.push({ tone: 'warn', text: `Nobody can sign in with ${displayName || name} any more.` });
  return changes;
}
