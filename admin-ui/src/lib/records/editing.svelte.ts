// One record being edited: loaded, changed, saved, deleted, and what others do to it meanwhile.
import type { CollectionModel, RecordModel } from 'pocketbase';
import { isOwn, signInAgain } from '$lib/accounts/own';
import { explain, type Explained } from '$lib/api/errors';
import { deleteRecord, saveRecord, viewRecord, watchRecord } from '$lib/services/records';
import { toasts } from '$lib/state/toasts.svelte';
import {
  changedFields,
  draftOf,
  duplicateOf,
  isWritable,
  typedMeanwhile,
  undoOf,
  wireOf,
  type DraftJson,
  type Values,
} from './draft';
import { fieldsOf } from './fields';
import { restorable } from './table/deleting';

/** What others did while the record was open. */
export type Meanwhile =
  { kind: 'changed'; fields: string[] } | { kind: 'conflict'; fields: string[]; theirs: Values } | { kind: 'deleted' };

export class Editing {
  /** As the server has it; `undefined`: it is new, or not loaded yet. */
  record = $state.raw<RecordModel>();
  values = $state.raw<Values>({});
  before = $state.raw<Values>({});
  fault = $state.raw<Explained>();
  error = $state.raw<unknown>();
  isLoading = $state(true);
  isSaving = $state(false);
  /** How much of the files is sent, from 0 to 1; `undefined`: nothing is being sent. */
  progress = $state<number>();
  meanwhile = $state.raw<Meanwhile>();
  /** Whether a new record is being filled in; otherwise one is being loaded or edited. */
  isBegun = $state(false);
  /** What was just done, and how to undo it where that is possible. */
  done = $state.raw<{ text: string; undo?: () => Promise<void> }>();
  collection: CollectionModel;
  changed: string[] = $derived.by(() => changedFields(this.collection, this.before, this.values));
  isDirty = $derived(this.changed.length > 0);
  isNew = $derived(this.record === undefined);
  #heard: { action: string; record: RecordModel } | undefined;

  constructor(collection: CollectionModel) {
    this.collection = collection;
    this.before = draftOf(collection);
    this.values = this.before;
  }

  get isReadOnly(): boolean {
    return this.collection.type === 'view';
  }

  set(name: string, value: unknown): void {
    this.values = { ...this.values, [name]: value };
    this.done = undefined;
  }

  /** Begins a new record, with some values given. */
  begin(given: Values = {}): void {
    this.before = draftOf(this.collection);
    this.values = { ...this.before, ...given };
    this.isBegun = true;
    this.isLoading = false;
  }

  async load(id: string): Promise<void> {
    await this.#load(id, (record) => this.#take(record));
  }

  /** Begins a new record with the values of another. */
  async beginLike(id: string): Promise<void> {
    await this.#load(id, (record) => this.begin(duplicateOf(this.collection, record)));
  }

  async #load(id: string, take: (record: RecordModel) => void): Promise<void> {
    this.isLoading = true;
    this.error = undefined;
    try {
      take(await viewRecord(this.collection, id));
    } catch (error) {
      this.error = error;
    }
    this.isLoading = false;
  }

  #take(record: RecordModel): void {
    this.record = record;
    this.before = draftOf(this.collection, record);
    this.values = this.before;
    this.fault = undefined;
    this.meanwhile = undefined;
  }

  /** Saves what changed; the record, or nothing when the server refused. `undone` hears when that is taken back. */
  async save(undone?: (record: RecordModel) => void): Promise<RecordModel | undefined> {
    if (this.isSaving || !this.#isComplete()) return undefined;
    const { record: old, collection } = this;
    const all = fieldsOf(collection).filter((field) => isWritable(field, !old));
    const names = all.map(({ name }) => name).filter((name) => this.changed.includes(name));
    const sent = this.values;
    const wire = wireOf(collection, sent, names);
    this.isSaving = true;
    if (Object.keys(wire.uploads).length) this.progress = 0;
    try {
      const saved = await saveRecord(collection, old?.id ?? null, wire, (part) => (this.progress = part));
      const password = sent['password'];
      if (isOwn(saved) && typeof password === 'string' && password) await signInAgain(saved, password);
      const typed = typedMeanwhile(collection, sent, this.values, saved);
      this.#take(saved);
      this.values = { ...this.values, ...typed };
      this.done = this.#doneOf(old, saved, names, undone);
      return saved;
    } catch (error) {
      this.fault = explain(error);
      return undefined;
    } finally {
      this.isSaving = false;
      this.progress = undefined;
      const heard = this.#heard;
      this.#heard = undefined;
      if (heard) this.hear(heard.action, heard.record);
    }
  }

  #doneOf(
    old: RecordModel | undefined,
    saved: RecordModel,
    names: string[],
    undone?: (record: RecordModel) => void,
  ): Editing['done'] {
    const undo = old && undoOf(this.collection, old, names);
    const { collection } = this;
    const run = async () => {
      try {
        const put = await saveRecord(collection, saved.id, { body: undo ?? {}, uploads: {}, orders: {} });
        toasts.good('The change was undone.');
        undone?.(put);
        if (this.record?.id !== put.id) return;
        if (!this.isDirty) this.#take(put);
        this.done = undefined;
      } catch (error) {
        toasts.fail(error);
      }
    };
    return { text: old ? 'Saved.' : 'Created.', ...(undo && { undo: run }) };
  }

  /** Whether what was typed can be sent; otherwise says what cannot. */
  #isComplete(): boolean {
    const fields: Record<string, string> = {};
    for (const { name, type } of fieldsOf(this.collection)) {
      const fault = type === 'json' ? (this.values[name] as DraftJson).fault : '';
      if (fault) fields[name] = fault;
    }
    if (!Object.keys(fields).length) return true;
    this.fault = {
      message: 'Not saved yet: something is not complete.',
      fields,
      codes: {},
      status: 0,
      isAborted: false,
    };
    return false;
  }

  /** Deletes it; offers to undo that where nothing is lost. */
  async remove(restored?: (record: RecordModel) => void): Promise<RecordModel | undefined> {
    const { record, collection } = this;
    if (!record) return undefined;
    this.isSaving = true;
    const [body] = (await restorable(collection, [record.id])) ?? [];
    try {
      await deleteRecord(collection, record.id);
    } catch (error) {
      toasts.fail(error);
      this.isSaving = false;
      return undefined;
    }
    const run = async () => {
      try {
        const again = await saveRecord(collection, null, { body: body ?? {}, uploads: {}, orders: {} });
        restored?.(again);
        toasts.good('The record is back.');
      } catch (error) {
        toasts.fail(error);
      }
    };
    toasts.good('Deleted.', body && { label: 'Undo', run });
    return record;
  }

  /** Watches what others do to it; returns how to stop. */
  watch(id: string): () => void {
    return watchRecord(this.collection, id, (action, record) => this.hear(action, record));
  }

  hear(action: string, record: RecordModel): void {
    if (this.isSaving) {
      // Perhaps it is only our own change that comes back.
      this.#heard = { action, record };
      return;
    }
    if (!this.record || record.id !== this.record.id) return;
    if (action === 'delete') {
      this.meanwhile = { kind: 'deleted' };
      return;
    }
    const theirs = draftOf(this.collection, record);
    const fields = changedFields(this.collection, this.before, theirs);
    if (!fields.length) return;
    const mine = this.changed;
    // A conflict that nobody has ended yet goes on, whatever else is changed meanwhile.
    const open = this.meanwhile?.kind === 'conflict' ? this.meanwhile.fields : [];
    const told = [...open, ...fields.filter((name) => !open.includes(name))];
    const both = told.filter((name) => mine.includes(name) && this.#differs(name, theirs));
    const kept = Object.fromEntries(mine.map((name) => [name, this.values[name]]));
    this.record = record;
    this.before = theirs;
    this.values = { ...theirs, ...kept };
    const shown = fields.filter(
      (name) => fieldsOf(this.collection).find((field) => field.name === name)?.type !== 'autodate',
    );
    if (both.length) this.meanwhile = { kind: 'conflict', fields: both, theirs };
    else if (shown.length) this.meanwhile = { kind: 'changed', fields: shown };
  }

  #differs(name: string, theirs: Values): boolean {
    return changedFields(this.collection, theirs, this.values).includes(name);
  }

  /** Ends a conflict with what others saved. */
  takeTheirs(): void {
    if (this.meanwhile?.kind !== 'conflict') return;
    const { fields, theirs } = this.meanwhile;
    this.values = { ...this.values, ...Object.fromEntries(fields.map((name) => [name, theirs[name]])) };
    this.meanwhile = undefined;
  }

  /** Makes a new record of what was deleted elsewhere, under the same id; files are gone. */
  beginAgain(): void {
    const values = { ...this.values };
    for (const { name, type } of fieldsOf(this.collection)) if (type === 'file') values[name] = [];
    this.record = undefined;
    this.meanwhile = undefined;
    this.begin(values);
  }
}
