// Does what takes something away, once that is confirmed, and tells how it went.
import { confirm, type Question } from './confirm.svelte';
import { toasts } from './toasts.svelte';

/** Asks, unless there is no question; runs, and says what `run` returns or why it failed. Returns whether it was wanted. */
export async function confirmed(question: Question | undefined, run: () => Promise<string>): Promise<boolean> {
  if (question && !(await confirm({ ...question, danger: true }))) return false;
  try {
    toasts.good(await run());
  } catch (error) {
    toasts.fail(error);
  }
  return true;
}
