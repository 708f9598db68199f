// Small facts about collections that several pages show.
import type { Component } from 'svelte';
import Folder from '@lucide/svelte/icons/folder';
import Table2 from '@lucide/svelte/icons/table-2';
import Users from '@lucide/svelte/icons/users';
import type { CollectionModel } from '$lib/api/types';

export function collectionIcon({ type }: Pick<CollectionModel, 'type'>): Component<{ size?: number | string }> {
  if (type === 'auth') return Users;
  return type === 'view' ? Table2 : Folder;
}

/** Which collection was open last. */
const LAST = 'bakend_last_collection';

export function lastCollection(): string | undefined {
  return localStorage.getItem(LAST) ?? undefined;
}

/** Called by the pages of a collection. */
export function rememberCollection(name: string): void {
  localStorage.setItem(LAST, name);
}
