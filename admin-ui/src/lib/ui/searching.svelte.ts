// Asks for options while somebody types; only the answer to the last question counts.

/** How long the typing rests before it is asked, in milliseconds. */
const TYPING_MS = 180;

export class Searching<T> {
  found = $state.raw<readonly T[]>([]);
  isBusy = $state(false);
  #turn = 0;

  /** Asks after a moment; returns how to give up before that. */
  ask(search: (text: string) => Promise<readonly T[]>, text: string): () => void {
    const turn = ++this.#turn;
    this.isBusy = true;
    const timer = setTimeout(() => void this.#take(search(text), turn), text ? TYPING_MS : 0);
    return () => clearTimeout(timer);
  }

  async #take(asked: Promise<readonly T[]>, turn: number): Promise<void> {
    let found: readonly T[] = [];
    try {
      found = await asked;
    } catch {
      // Nothing is found then; typing on asks again.
    }
    if (turn !== this.#turn) return;
    this.found = found;
    this.isBusy = false;
  }
}
