// What a page loads: the answer, or that it is under way, or what went wrong. Loads again when something it read changes.
import { explain } from '$lib/api/errors';
import { untrack } from 'svelte';

export class Loaded<T> {
  data = $state.raw<T>();
  error = $state.raw<unknown>();
  isLoading = $state(true);
  #again = $state(0);

  constructor(fetch: (signal: AbortSignal) => Promise<T>) {
    $effect(() => {
      void this.#again;
      const given = new AbortController();
      const asked = fetch(given.signal);
      untrack(() => void this.#take(asked, given.signal));
      return () => given.abort();
    });
  }

  /** Loads again; what is there stays until the new answer comes. */
  reload = (): void => {
    this.#again++;
  };

  async #take(asked: Promise<T>, signal: AbortSignal): Promise<void> {
    this.isLoading = true;
    try {
      const data = await asked;
      if (signal.aborted) return;
      this.data = data;
      this.error = undefined;
    } catch (error) {
      if (signal.aborted || explain(error).isAborted) return;
      this.error = error;
    }
    this.isLoading = false;
  }
}

/** Call it while a component is set up; pass the signal on to requests that may be given up. */
export function loaded<T>(fetch: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  return new Loaded(fetch);
}
