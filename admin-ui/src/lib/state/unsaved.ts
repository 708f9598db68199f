// What is not saved yet, all over the page.
import { onMount } from 'svelte';

const kept = new Set<() => boolean>();

/** Call it while a component is set up that holds what can be lost. */
export function keepUnsaved(isChanged: () => boolean): void {
  onMount(() => {
    kept.add(isChanged);
    return () => void kept.delete(isChanged);
  });
}

export const hasUnsaved = (): boolean => [...kept].some((isChanged) => isChanged());
