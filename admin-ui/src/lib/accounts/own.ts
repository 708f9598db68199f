// Changes of one's own account end one's own session; so one signs in again at once.
import type { RecordModel } from 'pocketbase';
import { pb, SUPERUSERS } from '$lib/api/client';
import { withPassword } from '$lib/services/signin';
import { session } from '$lib/state/session.svelte';

/** Changes the signed-in superuser, and signs in again; where that takes a second factor, at the sign-in page. */
export async function changeOwn(record: RecordModel, body: Record<string, unknown>, password: string): Promise<void> {
  const saved = await pb.collection(SUPERUSERS).update(record.id, body);
  await signInAgain(saved, password);
}

/** Whether this record is the one who is signed in here. */
export function isOwn(record: RecordModel): boolean {
  return record.collectionName === SUPERUSERS && record.id === session.record?.id;
}

export async function signInAgain(saved: RecordModel, password: string): Promise<void> {
  try {
    const { mfaId } = await withPassword(saved['email'] as string, password);
    if (mfaId) session.lose();
  } catch {
    session.lose();
  }
}
