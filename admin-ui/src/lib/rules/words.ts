// What a rule says in plain words: locked, open to everyone, or decided by its text.
import type { RuleName } from './check.svelte';

interface Words {
  label: string;
  /** `null`: locked. `undefined`: it cannot be. */
  locked?: string;
  open: string;
  decided: string;
}

export const RULES: Record<Exclude<RuleName, 'filter' | 'sort'>, Words> = {
  listRule: {
    label: 'List and search',
    locked: 'Only superusers can list records.',
    open: 'Everyone can list all records, guests too.',
    decided: 'Lists show the records for which this is true.',
  },
  viewRule: {
    label: 'View',
    locked: 'Only superusers can view a record.',
    open: 'Everyone can view every record, guests too.',
    decided: 'A record can be viewed when this is true.',
  },
  createRule: {
    label: 'Create',
    locked: 'Only superusers can create records.',
    open: 'Everyone can create records, guests too.',
    decided: 'A record can be created when this is true of it.',
  },
  updateRule: {
    label: 'Update',
    locked: 'Only superusers can change records.',
    open: 'Everyone can change every record, guests too.',
    decided: 'A record can be changed when this is true before the change.',
  },
  deleteRule: {
    label: 'Delete',
    locked: 'Only superusers can delete records.',
    open: 'Everyone can delete every record, guests too.',
    decided: 'A record can be deleted when this is true.',
  },
  authRule: {
    label: 'Sign in',
    locked: 'Nobody can sign in.',
    open: 'Everyone with an account can sign in.',
    decided: 'An account can sign in when this is true of it.',
  },
  manageRule: {
    label: 'Manage accounts',
    locked: 'Only superusers can manage other accounts.',
    open: 'Everyone who may change an account can manage it: e-mail and password too, without the old ones.',
    decided: 'Who meets this can change e-mail and password of an account without the old ones.',
  },
  'mfa.rule': {
    label: 'Who needs a second factor',
    open: 'Everyone needs a second factor.',
    decided: 'Accounts for which this is true need a second factor.',
  },
};
