// Asks before something is done: `if (await confirm({ … })) …`. The dialog itself is in the layout, once.
import type { Note } from '$lib/ui/NoteList.svelte';

export interface Question {
  title: string;
  message?: string;
  /** What else should be known. */
  notes?: readonly Note[];
  confirmLabel?: string;
  cancelLabel?: string;
  danger?: boolean;
  /** What must be typed first, for what cannot be undone: the thing's name. */
  typed?: string;
}

class Questions {
  current = $state.raw<Question>();
  #answer: ((yes: boolean) => void) | undefined;

  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.current = question;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(yes: boolean): void {
    this.current = undefined;
    this.#answer?.(yes);
    this.#answer = undefined;
  }
}

export const questions = new Questions();

export const confirm = (question: Question): Promise<boolean> => questions.ask(question);

/** The question before changes are thrown away. */
export const confirmDiscard = (): Promise<boolean> =>
  confirm({
    title: 'Discard your changes?',
    message: 'They have not been saved.',
    confirmLabel: 'Discard',
    danger: true,
  });
