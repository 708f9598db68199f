// What was acknowledged, and what was on its way when the server died.
import assert from 'node:assert/strict';

const FILE_FIELDS = ['single', 'many', 'picture', 'scans'];

/** The names of all files of a record. */
export const namesOf = (record) => FILE_FIELDS.flatMap((field) => record[field] ?? []).filter(Boolean);
/** What a record is called here; a collection is called by its name. */
export const keyOf = (record) => `${record.collectionName}/${record.id}`;

export class Ledger {
  /** What is there, by its key: the names of its files. */
  stored = new Map();
  /** What was, and is no more. */
  #gone = new Set();
  #pending = new Set();

  /**
   * A change is on its way: the keys of what leaves and what comes with it, all or nothing, and of what stays in another form. Returns what to
   * call with the records of the answer.
   */
  begin({ leaving = [], coming = [], changing = [] }) {
    const change = { leaving, coming, changing };
    this.#pending.add(change);
    return (...records) => {
      this.#pending.delete(change);
      for (const key of leaving) this.#forget(key);
      for (const key of coming) this.stored.set(key, []);
      for (const record of records) this.add(record);
    };
  }

  /** A record is there as an answer says. */
  add(record) {
    this.stored.set(keyOf(record), namesOf(record));
  }

  /** The keys of a collection's records. */
  of(collection) {
    return [...this.stored.keys()].filter((key) => key.startsWith(`${collection}/`));
  }

  /** How many there ever were. */
  get size() {
    return this.stored.size + this.#gone.size;
  }

  /** Holds what is there against what must be; from here on, it is what must be. `found`: records by their keys, collections by theirs. */
  compare(found, when) {
    const uncertain = new Set();
    for (const { leaving, coming, changing } of this.#pending) {
      const happened = leaving.length ? !found.has(leaving[0]) : found.has(coming[0]);
      for (const key of leaving) assert.equal(found.has(key), !happened, `${when}: only a part of ${leaving} is gone: ${key}`);
      for (const key of coming) assert.equal(found.has(key), happened, `${when}: only a part is there of ${coming} in place of ${leaving}`);
      for (const key of changing) assert.ok(found.has(key), `${when}: ${key} is gone after a change`);
      for (const key of [...leaving, ...coming, ...changing]) uncertain.add(key);
    }
    for (const [key, names] of this.stored) {
      if (uncertain.has(key)) continue;
      assert.ok(found.has(key), `${when}: ${key} is gone, which was acknowledged`);
      assert.deepEqual(namesOf(found.get(key)), names, `${when}: ${key} is not what was acknowledged`);
    }
    for (const key of this.#gone) assert.ok(!found.has(key), `${when}: ${key} is back, which was deleted`);
    this.#pending.clear();
    for (const key of this.stored.keys()) if (!found.has(key)) this.#forget(key);
    this.stored = new Map([...found].map(([key, record]) => [key, namesOf(record)]));
  }

  #forget(key) {
    this.stored.delete(key);
    // A collection may come back, a record has an id of its own.
    if (key.includes('/')) this.#gone.add(key);
  }
}
