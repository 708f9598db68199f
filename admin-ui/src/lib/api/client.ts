// The one client that talks to the server: PocketBase's official SDK, which remembers who is signed in.
import PocketBase, { LocalAuthStore } from 'pocketbase';
import { fetchExact } from './exact';

/** Where the sign-in is kept in the browser; not PocketBase's own key, which an app at the same address may use. */
const STORE = 'bakend_panel_auth';

export const SUPERUSERS = '_superusers';

export const pb = new PocketBase('/', new LocalAuthStore(STORE));
// Pages decide themselves which answer they still want.
pb.autoCancellation(false);
// What is in JSON fields is written back as it was read.
pb.beforeSend = (url, options) =>
  /\/records\b|\/api\/batch$/.test(new URL(url, location.href).pathname)
    ? { url, options: { ...options, fetch: fetchExact } }
    : { url, options };

/** Asks one of bakend's own endpoints. */
export function ask<T>(
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  options: {
    query?: Record<string, unknown>;
    body?: unknown;
    signal?: AbortSignal;
    headers?: Record<string, string>;
  } = {},
): Promise<T> {
  return pb.send<T>(path, { method, ...options });
}
