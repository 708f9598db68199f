// Saves one rule of a collection, and nothing else of it.
import { pb } from '$lib/api/client';
import type { CollectionModel } from '$lib/api/types';
import { collections } from '$lib/state/collections.svelte';

export async function saveRule(collection: CollectionModel, rule: string, text: string | null): Promise<void> {
  collections.put(await pb.collections.update(collection.id, { [rule]: text }));
}
