// The rows of a table: pages that are loaded when they come into view, and forgotten when they are far away.
/* eslint-disable svelte/prefer-svelte-reactivity -- sets and maps are replaced or versioned here, never watched */
import type { RecordModel } from '$lib/api/types';
import { explain } from '$lib/api/errors';
import { count, page, PAGE_SIZE, type ListQuery } from '$lib/services/recordlist';
import { untrack } from 'svelte';

/** How many pages are kept. */
const PAGES_MAX = 40;
/** How long scrolling rests before what came into view is asked for, in milliseconds; the first page never waits. */
const REST_MS = 60;

interface LoadedPage {
  records: RecordModel[];
  /** It was loaded before something changed; to be loaded again when it is in view. */
  isStale: boolean;
}

export class Rows {
  /** How many match; `undefined` until they are counted. */
  total = $state.raw<number>();
  error = $state.raw<unknown>();
  /** The first page of a query is under way: what is shown still belongs to the one before. */
  isLoading = $state(true);
  /** Whether any answer has come yet. */
  isReady = $state(false);
  query: ListQuery | undefined;

  #version = $state(0);
  #pages = new Map<number, LoadedPage>();
  #asked = new Map<number, AbortController>();
  #counting: AbortController | undefined;
  #known = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #view = { first: 0, end: PAGE_SIZE };

  /** How many rows the table has, as far as one can tell: one page more than is known until they are counted. */
  get length(): number {
    return this.total ?? this.#known;
  }

  /** The record of a row; `undefined` while it is being loaded. */
  at(index: number): RecordModel | undefined {
    void this.#version;
    return this.#pages.get(Math.floor(index / PAGE_SIZE))?.records[index % PAGE_SIZE];
  }

  /** Every record that is at hand. */
  *loaded(): Generator<RecordModel> {
    void this.#version;
    for (const { records } of this.#pages.values()) yield* records;
  }

  /** Shows another query, from its beginning; what is there stays until the answer comes. */
  async show(query: ListQuery): Promise<void> {
    this.#abort();
    this.query = query;
    this.isLoading = true;
    this.#view = { first: 0, end: PAGE_SIZE };
    const given = new AbortController();
    this.#asked.set(0, given);
    try {
      const records = await page(query, 1, given.signal);
      if (given.signal.aborted) return;
      this.#pages = new Map([[0, { records, isStale: false }]]);
      this.error = undefined;
      this.total = records.length < PAGE_SIZE ? records.length : undefined;
      this.#known = records.length < PAGE_SIZE ? records.length : 2 * PAGE_SIZE;
      this.isReady = true;
      this.#version++;
      if (this.total === undefined) void this.#count();
    } catch (error) {
      if (given.signal.aborted || explain(error).isAborted) return;
      this.error = error;
    }
    this.#asked.delete(0);
    this.isLoading = false;
  }

  /** Loads what is in view again, without moving anything. */
  refresh(): void {
    if (!this.query) return;
    if (this.error || !this.isReady) return void this.show(this.query);
    this.#abort();
    for (const one of this.#pages.values()) one.isStale = true;
    this.#load();
    void this.#count();
  }

  /** Tells which rows are in view. */
  want(first: number, end: number): void {
    this.#view = { first, end };
    clearTimeout(this.#timer);
    const isMissing = this.#wanted().some((number) => !this.#pages.has(number) && !this.#asked.has(number));
    if (isMissing || this.#asked.size) this.#timer = setTimeout(() => this.#load(), REST_MS);
  }

  /** Changes a record in place, wherever it is shown. Whether it was there. */
  put(record: RecordModel): boolean {
    for (const one of this.#pages.values()) {
      const at = one.records.findIndex(({ id }) => id === record.id);
      if (at < 0) continue;
      // An event brings no related records; those that are still meant stay.
      const before = one.records[at];
      one.records = one.records.with(at, { ...record, expand: record.expand ?? before?.expand });
      untrack(() => this.#version++);
      return true;
    }
    return false;
  }

  has(id: string): boolean {
    return [...this.loaded()].some((record) => record.id === id);
  }

  stop(): void {
    this.#abort();
  }

  #wanted(): number[] {
    const first = Math.floor(this.#view.first / PAGE_SIZE);
    const last = Math.floor(Math.max(this.#view.end - 1, this.#view.first) / PAGE_SIZE);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }

  #load(): void {
    const wanted = this.#wanted();
    for (const [number, asked] of this.#asked) {
      if (wanted.includes(number)) continue;
      asked.abort();
      this.#asked.delete(number);
    }
    for (const number of wanted) {
      const there = this.#pages.get(number);
      if ((!there || there.isStale) && !this.#asked.has(number)) void this.#fetch(number);
    }
  }

  async #fetch(number: number): Promise<void> {
    if (!this.query || (this.total !== undefined && number > 0 && number * PAGE_SIZE >= this.total)) return;
    const given = new AbortController();
    this.#asked.set(number, given);
    try {
      const records = await page(this.query, number + 1, given.signal);
      if (given.signal.aborted) return;
      this.#keep(number, records);
      this.error = undefined;
    } catch (error) {
      if (given.signal.aborted || explain(error).isAborted) return;
      this.error = error;
    }
    this.#asked.delete(number);
  }

  #keep(number: number, records: RecordModel[]): void {
    this.#pages.delete(number);
    this.#pages.set(number, { records, isStale: false });
    for (const old of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_MAX) break;
      this.#pages.delete(old);
    }
    const end = number * PAGE_SIZE + records.length;
    if (records.length && records.length < PAGE_SIZE) this.total = end;
    else if (this.total === undefined) this.#known = Math.max(this.#known, end + (records.length ? PAGE_SIZE : 0));
    this.#version++;
  }

  async #count(): Promise<void> {
    if (!this.query) return;
    this.#counting?.abort();
    const given = (this.#counting = new AbortController());
    try {
      const total = await count(this.query, given.signal);
      if (!given.signal.aborted) this.total = total;
    } catch {
      // The table is of use without a number; the next change counts again.
    }
  }

  #abort(): void {
    clearTimeout(this.#timer);
    this.#counting?.abort();
    for (const asked of this.#asked.values()) asked.abort();
    this.#asked.clear();
  }
}
