// What a new collection begins with: the server's scaffold and what one adds by hand otherwise; or a copy of another one.
import { pb } from '$lib/api/client';
import type { CollectionModel } from '$lib/api/types';
import { blankField } from './blank';
import { freeName } from './field-types';
import { indexName, parseIndex, printIndex } from './indexes';
import type { AnyField, Collection, CollectionType } from './model';

export type Scaffolds = Record<CollectionType, Collection>;

export async function loadScaffolds(signal?: AbortSignal): Promise<Scaffolds> {
  return (await pb.collections.getScaffolds({ signal: signal ?? null })) as unknown as Scaffolds;
}

export function newCollection(type: CollectionType, scaffolds: Scaffolds): Collection {
  const collection = structuredClone(scaffolds[type]);
  if (type === 'view') return collection;
  const created = { ...blankField('autodate'), name: 'created' } as AnyField;
  const updated = { ...blankField('autodate'), name: 'updated', onUpdate: true } as AnyField;
  // The indexes that sign-in needs are named after the collection, so the server makes them.
  return { ...collection, fields: [...collection.fields, created, updated], indexes: [] };
}

/** A copy under a free name: the same fields, rules and options, no records. Secrets of providers are not given, so they are empty. */
export function copyOf(stored: CollectionModel, all: readonly CollectionModel[]): Collection {
  const copy = structuredClone(stored) as unknown as Collection;
  const name = freeName(`${stored.name}_copy`, all);
  const taken = all.flatMap(({ indexes }) => indexes.map((sql) => parseIndex(sql)?.name ?? ''));
  const indexes = copy.indexes
    .filter((sql) => !/^idx_(tokenKey|email)_/.test(parseIndex(sql)?.name ?? ''))
    .map((sql) => {
      const index = parseIndex(sql);
      if (!index) return sql;
      const columns = index.columns.map((column) => column.name);
      const free = indexName(name, columns, taken);
      taken.push(free);
      return printIndex({ ...index, name: free, table: name });
    });
  const oauth2 = copy.oauth2 && { ...copy.oauth2, enabled: false };
  return { ...copy, id: '', name, system: false, indexes, created: '', updated: '', ...(oauth2 && { oauth2 }) };
}
