// A collection while it is edited: its values, its fields as rows that can be moved and taken back, what the server says.
import { pb } from '$lib/api/client';
import { explain, faultOf, type Explained } from '$lib/api/errors';
import type { CollectionModel } from '$lib/api/types';
import type { Draft as RuleDraft } from '$lib/rules/paths';
import { tryQuery } from '$lib/services/views';
import type { AllSettings } from '$lib/settings/types';
import { collections } from '$lib/state/collections.svelte';
import { settings } from '$lib/state/settings.svelte';
import type { Around } from './asking';
import { notableChanges, type Change } from './changes';
import { freeName, newField } from './field-types';
import { usesColumn, withColumn, withTable } from './indexes';
import { RULES, type AnyField, type Collection, type FieldType } from './model';
import { withField } from './rules';

export interface Row {
  /** Stays the same while the row is there. */
  readonly key: string;
  field: AnyField;
  /** Taken out; it can still be put back. */
  isGone: boolean;
  /** Whether the server has it. */
  readonly isStored: boolean;
}

let lastKey = 0;

/** What may ask for a collection's fields. */
export function surroundings(): Around {
  const { realtime } = (settings.all ?? {}) as Partial<AllSettings>;
  return { collections: collections.all, channels: realtime?.channels ?? [] };
}

export class Draft {
  /** All but the fields. */
  values = $state() as Omit<Collection, 'fields'>;
  rows = $state<Row[]>([]);
  /** As the server has it; `undefined`: not yet. */
  stored = $state.raw<Collection>();
  faults = $state.raw<Explained>();
  isSaving = $state(false);
  /** The rows whose options are shown. */
  open = $state<Record<string, boolean>>({});
  #start = $state('');
  #sent = $state.raw<string[]>([]);
  #sentIndexes = $state.raw<string[]>([]);

  constructor(collection: Collection, isStored: boolean) {
    this.take(collection, isStored);
  }

  /** Starts over from a collection. */
  take(collection: Collection, isStored: boolean): void {
    const { fields, ...values } = structuredClone(collection);
    this.values = values;
    this.rows = fields.map((field) => ({ key: `f${++lastKey}`, field, isGone: false, isStored }));
    this.stored = isStored ? collection : undefined;
    this.faults = undefined;
    this.#start = JSON.stringify(this.body);
  }

  /** Puts other values in, as if they had been typed. */
  put(collection: Collection): void {
    const start = this.#start;
    this.take(collection, false);
    this.#start = start;
  }

  /** Goes back to what the server has, or to the beginning. */
  reset(): void {
    const { fields, ...values } = JSON.parse(this.#start) as Collection;
    this.take({ ...values, fields }, this.stored !== undefined);
  }

  /** The collection as it would be sent. */
  get body(): Collection {
    const indexes = this.values.indexes.filter((sql) => !this.isDoomed(sql));
    return $state.snapshot({ ...this.values, indexes, fields: this.fields }) as Collection;
  }

  /** The same as the editor of rules wants it. */
  get forRules(): RuleDraft {
    const { id, ...rest } = this.body;
    return (id ? { id, ...rest } : rest) as unknown as RuleDraft;
  }

  /** Whether an index goes because a field does that it is over. */
  isDoomed(sql: string): boolean {
    return this.rows
      .filter(({ isGone, field }) => isGone && !this.fields.some(({ name }) => name === field.name))
      .some(({ field }) => usesColumn(sql, field.name));
  }

  get fields(): AnyField[] {
    return this.rows.filter(({ isGone }) => !isGone).map(({ field }) => field);
  }

  isChanged = $derived.by(() => JSON.stringify(this.body) !== this.#start);

  get isNew(): boolean {
    return this.stored === undefined;
  }

  /** What saving it means that one should know beforehand. */
  async notable(): Promise<Change[]> {
    if (!this.stored) return [];
    const after = { ...this.body, ...(await this.#columns()) };
    return notableChanges(this.stored, after, surroundings());
  }

  /** The fields that a view has by its new query, as far as that can be run. */
  async #columns(): Promise<{ fields?: AnyField[] }> {
    const { stored, values } = this;
    if (!stored || values.type !== 'view' || values.viewQuery === stored.viewQuery) return {};
    try {
      const { fields } = await tryQuery(values.viewQuery ?? '');
      // A column is the same as long as its name is.
      return { fields: fields.map((field) => stored.fields.find(({ name }) => name === field.name) ?? field) };
    } catch {
      return {};
    }
  }

  add(type: FieldType): Row {
    return this.#insert(newField(type, this.fields), this.#endOfOwn());
  }

  /** A copy below the row. */
  copy(row: Row): Row {
    const field = $state.snapshot(row.field) as AnyField;
    const name = freeName(`${field.name}_copy`, this.fields);
    const copied = { ...field, id: '', system: false, name };
    if (copied.type === 'text') copied.primaryKey = false;
    return this.#insert(copied, this.rows.indexOf(row) + 1);
  }

  remove(row: Row): void {
    if (row.isStored) row.isGone = true;
    else this.rows = this.rows.filter(({ key }) => key !== row.key);
    this.open[row.key] = false;
  }

  /** Puts a row back that was taken out. */
  restore(row: Row, at: number): void {
    const known = this.rows.find(({ key }) => key === row.key);
    if (known) known.isGone = false;
    else this.rows.splice(at, 0, row);
  }

  /** Moves a row; `false`: it is at the end already. */
  move(from: number, to: number): boolean {
    const row = this.rows[from];
    if (!row || to < 0 || to >= this.rows.length || to === from) return false;
    const rows = this.rows.filter((one) => one !== row);
    rows.splice(to, 0, row);
    this.rows = rows;
    return true;
  }

  /** A field got another name: what is made of names follows. */
  renamed(old: string, name: string): void {
    if (!old || !name || old === name) return;
    const values = this.values;
    values.indexes = values.indexes.map((sql) => withColumn(sql, old, name));
    for (const rule of RULES) values[rule] = withField(values[rule], old, name);
    if (values.type !== 'auth') return;
    values.authRule = withField(values.authRule ?? null, old, name);
    values.manageRule = withField(values.manageRule ?? null, old, name);
    if (values.mfa) values.mfa.rule = withField(values.mfa.rule, old, name) ?? '';
    const password = values.passwordAuth;
    if (password) password.identityFields = password.identityFields.map((field) => (field === old ? name : field));
    const mapped = values.oauth2?.mappedFields;
    for (const key of ['id', 'name', 'username', 'avatarURL'] as const) if (mapped?.[key] === old) mapped[key] = name;
  }

  /** What the server says about a row, or one of its options. */
  faultOfRow(row: Row, option = ''): string | undefined {
    const at = this.#sent.indexOf(row.key);
    return at < 0 ? undefined : faultOf(this.faults, option ? `fields.${at}.${option}` : `fields.${at}`);
  }

  /** What the server says about an index. */
  faultOfIndex(sql: string): string | undefined {
    const at = this.#sentIndexes.indexOf(sql);
    return at < 0 ? undefined : faultOf(this.faults, `indexes.${at}`);
  }

  fault(path: string): string | undefined {
    return faultOf(this.faults, path);
  }

  /** Whether somebody else saved it since it was loaded. */
  async isOutdated(): Promise<boolean> {
    if (!this.stored) return false;
    const now = await pb.collections.getOne(this.stored.id);
    return now['updated'] !== this.stored.updated;
  }

  /** Saves; `undefined`: the server refused, and `faults` says why. */
  async save(): Promise<CollectionModel | undefined> {
    const body = this.body;
    if (!this.stored) body.indexes = body.indexes.map((sql) => withTable(sql, body.name));
    this.#sent = this.rows.filter(({ isGone }) => !isGone).map(({ key }) => key);
    this.#sentIndexes = body.indexes;
    this.isSaving = true;
    this.faults = undefined;
    try {
      const saved = this.stored
        ? await pb.collections.update(this.stored.id, body)
        : await pb.collections.create({ ...body, id: undefined });
      return saved;
    } catch (error) {
      this.faults = explain(error);
      for (const row of this.rows) if (this.faultOfRow(row)) this.open[row.key] = true;
      return undefined;
    } finally {
      this.isSaving = false;
    }
  }

  /** Other collections, for relations. */
  get targets(): readonly CollectionModel[] {
    return collections.all.filter(({ type }) => type !== 'view' || this.values.type === 'view');
  }

  #insert(field: AnyField, at: number): Row {
    const key = `f${++lastKey}`;
    this.rows.splice(at, 0, { key, field, isGone: false, isStored: false });
    this.open[key] = true;
    return this.rows[at] as Row;
  }

  /** New fields go before the dates at the end, as one expects them. */
  #endOfOwn(): number {
    let at = this.rows.length;
    while (at > 0 && this.rows[at - 1]?.field.type === 'autodate') at--;
    return at;
  }
}
