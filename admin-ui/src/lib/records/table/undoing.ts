// Says how the undo of many writes went.
import { faultText, type Outcome } from '$lib/services/bulk';
import { counted } from './values';

/** How many different faults are told at once. */
const TOLD_MAX = 3;

/** What of an undo did not succeed, and why; "": all of it did. */
export function missedText(outcomes: readonly (Outcome | undefined)[], asked: number): string {
  const done = outcomes.filter((outcome) => outcome && !outcome.fault).length;
  if (done >= asked) return '';
  const said = outcomes.flatMap(({ fault } = {}) => (fault ? [faultText(fault)] : []));
  const why = [...new Set(said)].slice(0, TOLD_MAX).join(' ');
  return `Undone in ${done.toLocaleString('en')} of ${counted(asked)} only. ${why}`.trim();
}
