// Asks the server whether a rule or a filter is right while it is written.
import { ask } from '$lib/api/client';
import type { Fault } from './editor';
import type { Draft } from './paths';

export type RuleName =
  | 'listRule'
  | 'viewRule'
  | 'createRule'
  | 'updateRule'
  | 'deleteRule'
  | 'authRule'
  | 'manageRule'
  | 'mfa.rule'
  | 'filter'
  | 'sort';

interface Answer extends Partial<Fault> {
  ok: boolean;
}

/** How long the typing rests before the server is asked, in milliseconds. */
const TYPING_MS = 350;

export class RuleCheck {
  fault = $state.raw<Fault>();
  isChecking = $state(false);

  /** Call it while a component is set up; asks again whenever something that `what` reads changes. */
  constructor(what: () => { collection: Draft | undefined; rule: RuleName; text: string | null }) {
    $effect(() => {
      const { collection, rule, text } = what();
      if (!collection || !text?.trim()) {
        this.fault = undefined;
        this.isChecking = false;
        return;
      }
      const given = new AbortController();
      const body = { collection: sent(collection), rule, text };
      this.isChecking = true;
      const timer = setTimeout(() => void this.#ask(body, given.signal), TYPING_MS);
      return () => {
        clearTimeout(timer);
        given.abort();
      };
    });
  }

  async #ask(body: { text: string } & Record<string, unknown>, signal: AbortSignal): Promise<void> {
    try {
      const answer = await ask<Answer>('POST', '/api/collections/meta/check-rule', { body, signal });
      if (signal.aborted) return;
      const { message = 'This is not a valid rule.', start = 0, end = body.text.length } = answer;
      this.fault = answer.ok ? undefined : { message, start, end };
    } catch {
      // Saving tells; while one writes, silence is better than a second message about the connection.
      if (signal.aborted) return;
      this.fault = undefined;
    }
    this.isChecking = false;
  }
}

/** What the check needs of a collection: its fields, not its other rules, which may be half-written. */
function sent({ id, name, type, fields, viewQuery }: Draft): string | Draft {
  return {
    ...(id && { id }),
    ...(name && { name }),
    ...(type && { type }),
    ...(fields && { fields }),
    ...(viewQuery !== undefined && { viewQuery }),
  };
}

/** Where a fault stands, for people. */
export function placeOf({ start, end }: Fault, text: string): string {
  if (start === 0 && end >= text.length) return '';
  return start >= text.length ? 'at the end' : `at character ${start + 1}`;
}
