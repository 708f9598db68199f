// Who is signed in to the panel.
import { pb, SUPERUSERS } from '$lib/api/client';
import { explain } from '$lib/api/errors';
import type { AuthRecord } from '$lib/api/types';
import { knowsSuperuser } from '$lib/services/signin';
import { questions } from './confirm.svelte';

/** How often the token is renewed while the panel is open, in milliseconds. */
const RENEW_MS = 20 * 60_000;

class Session {
  record = $state.raw<AuthRecord>(null);
  isSignedIn = $state(false);
  /** How the last one came to an end. */
  left = $state<'' | 'ended' | 'signed out'>('');
  /** Who is signed in, or was last, while the panel is open. */
  owner = $state('');
  email = $state('');
  /** How often somebody has signed in since the panel was opened. */
  signIns = $state(0);
  #verifying: Promise<void> | undefined;

  constructor() {
    pb.authStore.onChange(() => this.#read(), true);
    // Whoever's session was ended elsewhere is a guest from then on, whom the server refuses one thing or another.
    pb.afterSend = (response, data) => {
      if (response.status === 401 && this.isSignedIn) this.lose();
      // Where a rule keeps guests out, the answer is that there is no such record, or that it cannot be made.
      if ([400, 403, 404].includes(response.status)) void this.verify();
      return data;
    };
  }

  #read(): void {
    const { record, isValid, isSuperuser } = pb.authStore;
    this.record = record;
    const wasSignedIn = this.isSignedIn;
    this.isSignedIn = isValid && isSuperuser;
    if (!this.isSignedIn || !record) return;
    this.left = '';
    this.owner = record.id;
    this.email = String(record['email'] ?? '');
    if (!wasSignedIn) this.signIns++;
  }

  /** Renews the token now and then; returns how to stop. */
  keepAlive(): () => void {
    void this.#renew();
    const timer = setInterval(() => void this.#renew(), RENEW_MS);
    return () => clearInterval(timer);
  }

  /** Finds out whether the server still takes the token: guests may read much, and would be shown less without a word. */
  verify(): Promise<void> {
    this.#verifying ??= this.#verify().finally(() => (this.#verifying = undefined));
    return this.#verifying;
  }

  async #verify(): Promise<void> {
    try {
      if (this.isSignedIn && !(await knowsSuperuser(pb.authStore.token)) && this.isSignedIn) this.lose();
    } catch {
      // No answer is no reason to sign out.
    }
  }

  async #renew(): Promise<void> {
    if (!this.isSignedIn) return;
    try {
      await pb.collection(SUPERUSERS).authRefresh();
    } catch (error) {
      if ([401, 403, 404].includes(explain(error).status)) this.lose();
    }
  }

  /** The session has ended by itself; the shell's layout leads to the sign-in, and back here afterwards. */
  lose(): void {
    this.left = 'ended';
    questions.answer(false);
    pb.authStore.clear();
  }

  async signOut(): Promise<void> {
    await endOwnSession();
    this.left = 'signed out';
    pb.authStore.clear();
  }
}

/** Ends the session on the server too, so that a copied token is worth nothing; best effort. */
async function endOwnSession(): Promise<void> {
  const [, claims = ''] = pb.authStore.token.split('.');
  try {
    const { sessionId } = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/'))) as { sessionId?: string };
    if (sessionId) await pb.send(`/api/sessions/${encodeURIComponent(sessionId)}`, { method: 'DELETE' });
  } catch {
    // Without an answer the token still ends by itself.
  }
}

export const session = new Session();
