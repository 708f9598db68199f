// Hears of collections and settings that were changed elsewhere, as far as the server tells superusers.
import type { RecordSubscription } from 'pocketbase';
import { pb } from '$lib/api/client';
import type { CollectionModel, Settings } from '$lib/api/types';
import { collections } from './collections.svelte';
import { settings } from './settings.svelte';

type SystemEvent<T> = Omit<RecordSubscription, 'record'> & { record: T };

/** Listens until the answer is called. */
export function keepLive(): () => void {
  const listening = [
    listen<CollectionModel>('@system/collections', ({ action, record }) => {
      if (action === 'delete') collections.drop(record.id);
      else collections.put(record);
    }),
    listen<Settings>('@system/settings', ({ record }) => settings.take(record)),
  ];
  return () => listening.forEach((stop) => stop());
}

function listen<T>(topic: string, heard: (event: SystemEvent<T>) => void): () => void {
  // Without an answer the panel works as well, and shows what it loaded.
  const subscribed = pb.realtime.subscribe(topic, heard).catch(() => undefined);
  return () => void subscribed.then((stop) => stop?.()).catch(() => undefined);
}
