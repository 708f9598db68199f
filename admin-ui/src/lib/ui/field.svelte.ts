// What a field tells the control inside of it: its id, what describes it, whether it is wrong.
import { getContext, setContext } from 'svelte';

export interface FieldState {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly required: boolean;
}

const KEY = Symbol('field');

export function provideField(field: FieldState): void {
  setContext(KEY, field);
}

/** The field around a control; `undefined`: the control stands alone and needs an `aria-label`. */
export function useField(): FieldState | undefined {
  return getContext<FieldState | undefined>(KEY);
}

/** For what opens above the page from within a field: its controls are not the field's. Call it while a component is set up. */
export function leaveField(): void {
  setContext(KEY, undefined);
}
