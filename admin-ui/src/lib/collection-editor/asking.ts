// Who else asks for what a change takes away or renames: rules of any collection, rules of channels, queries of views.
// The server makes sure of the changed collection's own rules alone; those of others fail, or decide otherwise, from then on.
import { href, path } from '$lib/links';
import { wordsOf } from '$lib/rules/grammar';
import { schemaOf, stopsOf, type Draft, type Schema, type Stop } from '$lib/rules/paths';
import type { NoteLink } from '$lib/ui/NoteList.svelte';
import type { Change } from './changes';
import type { AnyField, Collection } from './model';
import { RULE_WORDS } from './rules';

/** What a collection has around it. */
export interface Around {
  collections: readonly Draft[];
  channels?: readonly { pattern: string; listenRule: string | null; publishRule: string | null }[];
}

/** A rule, and where it stands. */
interface Rule {
  text: string;
  label: string;
  link: NoteLink;
  /** Whose records it is about; none for channels. */
  collection?: Draft;
  /** Whether it belongs to what is changed, so that it is saved along. */
  isOwn: boolean;
}

/** What asks for a field or a name that is gone once `after` is saved; without `after` the whole collection is deleted. */
export function askingFor(before: Collection, after: Collection | undefined, around: Around): Change[] {
  const [own, others] = [before as unknown as Draft, around.collections.filter(({ id }) => id !== before.id)];
  const next = after as unknown as Draft | undefined;
  // With a collection its accounts are gone, for whom a rule could come to something else.
  const was = schemaOf(next ? own : { ...own, type: 'base' }, around.collections);
  const now = next ? schemaOf(next, around.collections) : { collection: undefined, all: others };
  const rules = [
    ...(next ? rulesOf(next, before.name, true) : []),
    ...others.flatMap((other) => rulesOf(other, other.name ?? '', false)),
    ...channelRules(around),
  ];
  return [
    ...rules.flatMap((rule) => changesOf(rule, was, now)),
    ...(after ? queriesFor(before, after, others) : holding(before, others)),
  ];
}

function rulesOf(collection: Draft, name: string, isOwn: boolean): Rule[] {
  const mfa = collection['mfa'] as { rule?: string } | undefined;
  const kept = Object.entries({ ...RULE_WORDS, mfa: { label: 'Second factor' } });
  return kept.flatMap(([key, { label }]) => {
    const text = key === 'mfa' ? mfa?.rule : collection[key];
    if (typeof text !== 'string' || !text) return [];
    const tab = key === 'mfa' ? 'signin' : 'rules';
    const link = { label: isOwn ? 'Go to the rule' : `Rules of ${name}`, href: editor(name, tab), isElsewhere: !isOwn };
    return [{ text, label: isOwn ? label : `${label} of “${name}”`, link, collection, isOwn }];
  });
}

function channelRules({ channels = [] }: Around): Rule[] {
  const link = { label: 'Settings of realtime', href: href('/settings/realtime'), isElsewhere: true };
  return channels.flatMap(({ pattern, listenRule, publishRule }) =>
    Object.entries({ Listen: listenRule, Publish: publishRule })
      .filter(([, text]) => text)
      .map(([label, text]) => ({ text: text ?? '', label: `${label} on channel “${pattern}”`, link, isOwn: false })),
  );
}

const editor = (name: string, tab: string) => href(path`/collections/${name}/edit`, { tab });

/** What becomes of a rule whose paths lead elsewhere than before; those that end alike are told together. */
function changesOf({ text, label, link, collection, isOwn }: Rule, was: Schema, now: Schema): Change[] {
  const ends = new Map<string, Set<string>>();
  for (const word of wordsOf(text).filter(({ kind }) => kind === 'path')) {
    const parts = word.text.split('.').map((part) => part.replace(/:.*$/, ''));
    const before = stopsOf({ ...was, collection: isOwn ? was.collection : collection }, parts);
    const end = endOf(before, stopsOf({ ...now, collection }, parts), parts[0], isOwn);
    if (end) ends.set(end, (ends.get(end) ?? new Set()).add(`“${word.text}”`));
  }
  return [...ends].map(([end, paths]) => {
    return { tone: 'warn', text: `${label} asks for ${[...paths].join(', ')}${end}`, link };
  });
}

/** What a path comes to that went through `before` and goes through `after` from now on. */
function endOf(before: readonly Stop[], after: readonly Stop[], root = '', isOwn: boolean): string | undefined {
  const kept = new Set(after.map(key));
  const lost = before.find((stop) => !kept.has(key(stop)));
  if (!lost) return undefined;
  // Own rules follow new names while one types: what they name afterwards, they mean.
  if (after.length >= before.length) return isOwn ? undefined : ', which is another field from then on.';
  // What is sent and who asks need not have such a field; anything else must.
  if (root === '@request')
    return `, which is no field of “${lost.collection.name}” from then on: it may refuse everybody, or let in too many.`;
  return isOwn
    ? ': it must be changed too, or nothing is saved.'
    : ': from then on it refuses everybody but superusers.';
}

const key = ({ collection, field }: Stop) => `${collection.id}/${field ? (field.id ?? field.name) : ''}`;

/** Views that may read a column that is gone; only the database knows which table a column is of. */
function queriesFor(before: Collection, after: Collection, others: readonly Draft[]): Change[] {
  const gone = before.fields.filter((old) => !after.fields.some(({ id, name }) => id === old.id && name === old.name));
  return viewsOver(before, others).flatMap(({ name = '', words }) => {
    const read = gone.filter((field: AnyField) => words.has(field.name.toLowerCase()));
    if (!read.length) return [];
    const list = read.map((field) => `“${field.name}”`).join(', ');
    const text = `The view “${name}” reads “${before.name}” and names ${list}: if it means this one, nothing is saved.`;
    return [{ tone: 'warn', text, link: { label: `Query of ${name}`, href: editor(name, ''), isElsewhere: true } }];
  });
}

/** What keeps a collection from being deleted. */
function holding(collection: Collection, others: readonly Draft[]): Change[] {
  const relations = others.flatMap(({ name = '', type, fields = [] }) =>
    fields
      .filter((field) => type !== 'view' && field.type === 'relation' && field['collectionId'] === collection.id)
      .map((field) => ({ name, what: `“${field.name}” of “${name}” leads to it`, label: `Fields of ${name}` })),
  );
  const views = viewsOver(collection, others).map(({ name = '' }) => ({
    name,
    what: `The view “${name}” reads it`,
    label: `Query of ${name}`,
  }));
  return [...relations, ...views].map(({ name, what, label }) => ({
    tone: 'warn',
    text: `${what}: while it does, it cannot be deleted.`,
    link: { label, href: editor(name, ''), isElsewhere: true },
  }));
}

function viewsOver({ name }: Collection, others: readonly Draft[]): { name?: string; words: Set<string> }[] {
  return others
    .filter(({ type }) => type === 'view')
    .map((view) => ({ name: view.name ?? '', words: namesIn(String(view['viewQuery'] ?? '')) }))
    .filter(({ words }) => words.has(name.toLowerCase()));
}

/** The names in a query, in lower case; not what stands in texts and comments. */
function namesIn(sql: string): Set<string> {
  const pieces = /'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\/|"([^"]*)"|`([^`]*)`|\[([^\]]*)\]|(\w+)/g;
  const names = [...sql.matchAll(pieces)].map(([, ...names]) => names.find((name) => name !== undefined));
  return new Set(names.map((name) => (name ?? '').toLowerCase()));
}
