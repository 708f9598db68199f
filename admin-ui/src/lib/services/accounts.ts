// Accounts at the server: their sessions, mails, ways to sign in and API keys.
import type { CollectionModel, RecordModel } from 'pocketbase';
import { ask, pb } from '$lib/api/client';
import type { Page } from '$lib/api/types';

/** How many of an account's things are shown at once. */
const SHOWN_MAX = 200;

export interface SessionEntry {
  id: string;
  method: string;
  ip: string;
  userAgent: string;
  refreshable: boolean;
  created: string;
  lastUsed: string;
  expires: string;
  current: boolean;
}

export interface Passkey {
  id: string;
  name: string;
  created: string;
  lastUsed: string;
  synced: boolean;
}

export interface Totp {
  enabled: boolean;
  created: string;
  lastUsed: string;
  recoveryCodesLeft: number;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  service: boolean;
  scopes: string[];
  created: string;
  lastUsed: string;
  expires: string;
}

/** Whose keys: an account's, or those of programs that act for nobody. */
export type KeyOwner = 'service' | { collection: string; record: string };

export function sessionsOf(collection: string, record: string, signal?: AbortSignal): Promise<Page<SessionEntry>> {
  return ask('GET', '/api/sessions', { query: { collection, record, perPage: SHOWN_MAX }, ...(signal && { signal }) });
}

export function endSession(id: string): Promise<void> {
  return ask('DELETE', `/api/sessions/${encodeURIComponent(id)}`);
}

export function endSessions(collection: string, record: string): Promise<{ ended: number }> {
  return ask('DELETE', '/api/sessions', { query: { collection, record } });
}

export function keysOf(owner: KeyOwner, signal?: AbortSignal): Promise<Page<ApiKey>> {
  const whose = owner === 'service' ? { service: 1 } : owner;
  return ask('GET', '/api/api-keys', { query: { ...whose, perPage: SHOWN_MAX }, ...(signal && { signal }) });
}

export interface KeyWish {
  name: string;
  scopes: string[];
  /** UTC text; empty: never. */
  expires: string;
}

/** The answer has the key itself, this once. */
export function createKey(owner: KeyOwner, wish: KeyWish): Promise<ApiKey & { key: string }> {
  const { expires, ...rest } = wish;
  const whose = owner === 'service' ? { service: true } : owner;
  return ask('POST', '/api/api-keys', { body: { ...rest, ...whose, ...(expires && { expires }) } });
}

export function changeKey(id: string, wish: KeyWish): Promise<ApiKey> {
  return ask('PATCH', `/api/api-keys/${encodeURIComponent(id)}`, { body: wish });
}

export function endKey(id: string): Promise<void> {
  return ask('DELETE', `/api/api-keys/${encodeURIComponent(id)}`);
}

/** Rows of one of the server's own collections that belong to an account, such as `_externalAuths`. */
export async function rowsOf(
  name: '_externalAuths' | '_authOrigins' | '_mfas' | '_otps',
  collection: CollectionModel,
  record: string,
  signal?: AbortSignal,
): Promise<RecordModel[]> {
  const filter = pb.filter('collectionRef = {:c} && recordRef = {:r}', { c: collection.id, r: record });
  const page = await pb.collection(name).getList(1, SHOWN_MAX, { filter, skipTotal: true, ...(signal && { signal }) });
  return page.items;
}

export async function dropRow(name: string, id: string): Promise<void> {
  await pb.collection(name).delete(id);
}

const base = (collection: string) => `/api/collections/${encodeURIComponent(collection)}`;

export async function passkeysOf(collection: string, record: string, signal?: AbortSignal): Promise<Passkey[]> {
  const query = { record };
  return (await ask<{ items: Passkey[] }>('GET', `${base(collection)}/passkeys`, { query, ...(signal && { signal }) }))
    .items;
}

export function renamePasskey(collection: string, record: string, id: string, name: string): Promise<unknown> {
  const path = `${base(collection)}/passkeys/${encodeURIComponent(id)}`;
  return ask('PATCH', path, { query: { record }, body: { name } });
}

export function removePasskey(collection: string, record: string, id: string): Promise<unknown> {
  return ask('DELETE', `${base(collection)}/passkeys/${encodeURIComponent(id)}`, { query: { record } });
}

export function totpOf(collection: string, record: string, signal?: AbortSignal): Promise<Totp> {
  return ask('GET', `${base(collection)}/totp`, { query: { record }, ...(signal && { signal }) });
}

export function removeTotp(collection: string, record: string): Promise<unknown> {
  return ask('DELETE', `${base(collection)}/totp`, { query: { record } });
}

export function sendVerification(collection: string, email: string): Promise<boolean> {
  return pb.collection(collection).requestVerification(email);
}

export function sendPasswordReset(collection: string, email: string): Promise<boolean> {
  return pb.collection(collection).requestPasswordReset(email);
}

/** A token that acts for the account, for `seconds`; 0: as long as the collection's own. Not kept here. */
export async function impersonate(collection: string, id: string, seconds: number): Promise<string> {
  const body = { duration: seconds };
  const { token } = await ask<{ token: string }>('POST', `${base(collection)}/impersonate/${encodeURIComponent(id)}`, {
    body,
  });
  return token;
}
