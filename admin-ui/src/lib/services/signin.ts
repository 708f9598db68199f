// Signing in to the panel: by password, passkey, mailed code or authenticator app; a second factor when the server asks for one.
import { ClientResponseError, type RecordAuthResponse } from 'pocketbase';
import { ask, pb, SUPERUSERS } from '$lib/api/client';
import type { AuthMethods } from '$lib/api/types';

const BASE = `/api/collections/${SUPERUSERS}`;

/** Signed in, or a first factor that wants a second. */
export type SignedIn = { mfaId?: undefined } | { mfaId: string };

export function authMethods(signal?: AbortSignal): Promise<AuthMethods> {
  return ask<AuthMethods>('GET', `${BASE}/auth-methods`, signal && { signal });
}

export function withPassword(identity: string, password: string, mfaId?: string): Promise<SignedIn> {
  return finish(ask('POST', `${BASE}/auth-with-password`, { body: { identity, password, ...(mfaId && { mfaId }) } }));
}

/** Sends a code by mail; the answer does not tell whether the account exists. */
export async function requestCode(email: string): Promise<string> {
  const { otpId } = await ask<{ otpId: string }>('POST', `${BASE}/request-otp`, { body: { email } });
  return otpId;
}

export function withCode(otpId: string, code: string, mfaId?: string): Promise<SignedIn> {
  return finish(ask('POST', `${BASE}/auth-with-otp`, { body: { otpId, password: code, ...(mfaId && { mfaId }) } }));
}

/** The code of an authenticator app, or a recovery code. */
export function withTotp(code: string, mfaId: string): Promise<SignedIn> {
  return finish(ask('POST', `${BASE}/auth-with-totp`, { body: { code, mfaId } }));
}

interface Challenge {
  id: string;
  publicKey: PublicKeyCredentialRequestOptionsJSON;
}

export const canUsePasskeys = (): boolean =>
  typeof PublicKeyCredential === 'function' && typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function';

/** Asks for a passkey; `conditional` only offers one in the field's suggestions. */
export async function withPasskey(
  options: { mfaId?: string; conditional?: boolean; signal?: AbortSignal } = {},
): Promise<SignedIn> {
  const { id, publicKey } = await ask<Challenge>('POST', `${BASE}/auth-with-passkey/begin`);
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey),
    ...(options.conditional && { mediation: 'conditional' }),
    ...(options.signal && { signal: options.signal }),
  });
  if (!(credential instanceof PublicKeyCredential)) throw new Error('No passkey was chosen.');
  const body = { id, credential: credential.toJSON(), ...(options.mfaId && { mfaId: options.mfaId }) };
  return finish(ask('POST', `${BASE}/auth-with-passkey`, { body }));
}

/** Whether somebody closed the browser's window for passkeys; nothing to report. */
export function wasCancelled(error: unknown): boolean {
  return error instanceof DOMException && ['NotAllowedError', 'AbortError'].includes(error.name);
}

async function finish(asked: Promise<RecordAuthResponse>): Promise<SignedIn> {
  try {
    const { token, record } = await asked;
    pb.authStore.save(token, record);
    return {};
  } catch (error) {
    const mfaId: unknown = error instanceof ClientResponseError ? error.response['mfaId'] : undefined;
    if (typeof mfaId === 'string' && mfaId) return { mfaId };
    throw error;
  }
}

/** Sends a link to choose a new password; the answer does not tell whether the account exists. */
export function requestPasswordReset(email: string): Promise<boolean> {
  return pb.collection(SUPERUSERS).requestPasswordReset(email);
}

/** Whether a token is one of a superuser (the installer's link holds one too) and still taken. */
export async function knowsSuperuser(token: string): Promise<boolean> {
  const health = await ask<{ data: object }>('GET', '/api/health', { headers: { Authorization: token } });
  return Object.keys(health.data).length > 0;
}

/** Makes the first superuser with the installer's token, and signs in. */
export async function install(
  token: string,
  email: string,
  password: string,
  passwordConfirm: string,
): Promise<SignedIn> {
  const body = { email, password, passwordConfirm };
  await ask('POST', `${BASE}/records`, { body, headers: { Authorization: token } });
  return withPassword(email, password);
}
