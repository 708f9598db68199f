// Which records are selected, by their ids: one by one, or from the last one to another.
/* eslint-disable svelte/prefer-svelte-reactivity -- sets and maps are replaced or versioned here, never watched */
import { idsBetween } from '$lib/services/recordlist';
import type { Rows } from './rows.svelte';

/** How many can be selected at once. */
export const SELECTED_MAX = 20_000;

export class Selection {
  ids = $state.raw<ReadonlySet<string>>(new Set());
  /** Ids are being asked for. */
  isBusy = $state(false);
  #anchor: number | undefined;
  #asked: AbortController | undefined;

  constructor(readonly rows: Rows) {}

  get size(): number {
    return this.ids.size;
  }

  has(id: string | undefined): boolean {
    return id !== undefined && this.ids.has(id);
  }

  toggle(index: number, isOn?: boolean): void {
    const id = this.rows.at(index)?.id;
    this.#anchor = index;
    if (id === undefined) return;
    const next = new Set(this.ids);
    if (isOn ?? !next.has(id)) next.add(id);
    else next.delete(id);
    this.ids = next;
  }

  /** Selects everything between the row that was selected last and this one. */
  async extendTo(index: number): Promise<void> {
    const from = this.#anchor ?? index;
    this.#anchor ??= index;
    await this.#add(Math.min(from, index), Math.max(from, index) + 1, true);
  }

  /** Selects all that match, as many as can be. Whether that was all of them. */
  async all(): Promise<boolean> {
    await this.#add(0, SELECTED_MAX, false);
    return this.rows.total === undefined || this.rows.total <= SELECTED_MAX;
  }

  clear(): void {
    this.#asked?.abort();
    this.#anchor = undefined;
    this.ids = new Set();
  }

  /** Forgets records that are no more. */
  drop(ids: Iterable<string>): void {
    const next = new Set(this.ids);
    for (const id of ids) next.delete(id);
    this.ids = next;
  }

  async #add(first: number, end: number, keep: boolean): Promise<void> {
    const to = Math.min(end, first + SELECTED_MAX);
    const there = this.#atHand(first, Math.min(to, this.rows.length));
    const ids = there ?? (await this.#ask(first, to));
    if (ids) this.ids = new Set(keep ? [...this.ids, ...ids] : ids);
  }

  /** The ids of these rows when all of them are loaded. */
  #atHand(first: number, end: number): string[] | undefined {
    const ids: string[] = [];
    for (let index = first; index < end; index++) {
      const id = this.rows.at(index)?.id;
      if (id === undefined) return undefined;
      ids.push(id);
    }
    return this.rows.total === undefined && end >= this.rows.length ? undefined : ids;
  }

  async #ask(first: number, end: number): Promise<string[] | undefined> {
    if (!this.rows.query) return undefined;
    this.#asked?.abort();
    const given = (this.#asked = new AbortController());
    this.isBusy = true;
    try {
      const ids = await idsBetween(this.rows.query, first, end, given.signal);
      return given.signal.aborted ? undefined : ids;
    } finally {
      if (this.#asked === given) this.isBusy = false;
    }
  }
}
