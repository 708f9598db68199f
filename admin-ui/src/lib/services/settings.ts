// What the pages of the settings ask beside the settings themselves.
import { ask } from '$lib/api/client';
import type { Health } from '$lib/api/types';

export const MAIL_TEMPLATES = [
  { value: 'verification', label: 'Verification' },
  { value: 'password-reset', label: 'Password reset' },
  { value: 'email-change', label: 'Email change' },
  { value: 'otp', label: 'One-time password' },
  { value: 'login-alert', label: 'Sign-in from a new place' },
];

export function sendTestMail(email: string, template: string, collection: string): Promise<void> {
  return ask('POST', '/api/settings/test/email', { body: { email, template, collection } });
}

/** Writes, reads and removes a file in the store as it is saved. */
export function testStore(): Promise<void> {
  return ask('POST', '/api/settings/test/s3', { body: { filesystem: 'storage' } });
}

/** How the server sees whoever asks: their address, and a header that looks like a proxy's. */
export async function seenAs(signal?: AbortSignal): Promise<Health['data']> {
  return (await ask<Health>('GET', '/api/health', signal && { signal })).data;
}
