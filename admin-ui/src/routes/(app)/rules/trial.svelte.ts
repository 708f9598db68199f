// What is asked on the rule tester's page: the form's state, and the request that it makes.
import type { CollectionModel } from '$lib/api/types';
import type { AuthRuleName, RuleName } from '$lib/collection-editor/model';
import type { Action, Trial } from '$lib/services/rules';
import { collections } from '$lib/state/collections.svelte';

/** Stands for nobody being signed in. */
export const GUEST = '';

export const ACTIONS: Record<Action, { label: string; rule: RuleName | AuthRuleName }> = {
  list: { label: 'List records', rule: 'listRule' },
  view: { label: 'View a record', rule: 'viewRule' },
  create: { label: 'Create a record', rule: 'createRule' },
  update: { label: 'Update a record', rule: 'updateRule' },
  delete: { label: 'Delete a record', rule: 'deleteRule' },
  auth: { label: 'Sign in', rule: 'authRule' },
  manage: { label: 'Manage an account', rule: 'manageRule' },
};

export function actionsOf(collection: CollectionModel | undefined): Action[] {
  if (collection?.type === 'view') return ['list', 'view'];
  const all: Action[] = ['list', 'view', 'create', 'update', 'delete'];
  return collection?.type === 'auth' ? [...all, 'auth', 'manage'] : all;
}

export class TrialForm {
  collectionId = $state('');
  action = $state<Action>('list');
  callers = $state(GUEST);
  caller = $state<string[]>([]);
  record = $state<string[]>([]);
  body = $state('{}');
  filter = $state('');
  query = $state('');
  headers = $state('');
  context = $state('default');
  /** Whether another rule is tried than the stored one. */
  isOther = $state(false);
  other = $state<string | null>('');

  collection = $derived(collections.find(this.collectionId));
  callersFrom = $derived(collections.find(this.callers));
  needsRecord = $derived(['view', 'update', 'delete', 'auth', 'manage'].includes(this.action));
  mayHaveRecord = $derived(this.needsRecord || this.action === 'list');
  hasBody = $derived(this.action === 'create' || this.action === 'update');
  ruleName = $derived(ACTIONS[this.action].rule);
  stored = $derived((this.collection?.[this.ruleName] as string | null | undefined) ?? null);

  bodyFault = $derived(this.hasBody ? faultOfObject(this.body) : '');
  queryFault = $derived(faultOfObject(this.query));
  headersFault = $derived(faultOfObject(this.headers));

  /** What is still to be chosen, for people; "": nothing. */
  missing = $derived.by(() => {
    if (!this.collection) return 'Choose a collection.';
    if (this.callers !== GUEST && !this.caller[0]) return 'Choose the account that asks.';
    if (this.needsRecord && !this.record[0]) return 'Choose a record.';
    if (this.bodyFault || this.queryFault || this.headersFault) return 'Correct the JSON first.';
    return '';
  });

  /** The request; `undefined` while something is missing. */
  request = $derived.by((): Trial | undefined => {
    if (this.missing || !this.collection) return undefined;
    const [record, caller] = [this.record[0], this.caller[0]];
    const isList = this.action === 'list';
    return {
      collection: this.collection.id,
      action: this.action,
      as: this.callers !== GUEST && caller ? { collection: this.callers, id: caller } : null,
      ...(this.mayHaveRecord && record && { record }),
      ...(this.hasBody && { body: objectOf(this.body) }),
      ...(isList && this.filter.trim() && { filter: this.filter }),
      ...(this.isOther && { rule: this.other }),
      ...(this.query.trim() && { query: objectOf(this.query) }),
      ...(this.headers.trim() && { headers: objectOf(this.headers) }),
      ...(this.context !== 'default' && { context: this.context }),
    };
  });

  /** Another collection has other records, and maybe fewer actions. */
  chooseCollection(id: string): void {
    this.collectionId = id;
    this.record = [];
    this.isOther = false;
    this.filter = '';
    if (!actionsOf(this.collection).includes(this.action)) this.action = 'list';
  }

  chooseAction(action: Action): void {
    this.action = action;
    this.isOther = false;
  }
}

function objectOf(text: string): unknown {
  return text.trim() ? JSON.parse(text) : {};
}

function faultOfObject(text: string): string {
  try {
    const value = objectOf(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? '' : 'This must be a JSON object.';
  } catch {
    return 'This is not valid JSON.';
  }
}
