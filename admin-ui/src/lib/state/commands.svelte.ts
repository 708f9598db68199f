// Everything that can be done by keyboard or from the palette: the pages, and what the page that is open offers.
import { goto } from '$app/navigation';
import { href } from '$lib/links';
import { visiblePages } from '$lib/pages';
import { untrack, type Component } from 'svelte';

export interface Command {
  id: string;
  title: string;
  /** The heading it stands under. */
  section: string;
  icon?: Component<{ size?: number | string }>;
  /** Such as `Mod+K`, `n` or `g c`. */
  keys?: string;
  /** Other words it is found by. */
  words?: string;
  /** Leaves it out of the palette: it is of use by its keys only. */
  keysOnly?: boolean;
  run: () => unknown;
}

class Commands {
  isPaletteOpen = $state(false);
  isHelpOpen = $state(false);
  #added = $state.raw<readonly (() => readonly Command[])[]>([]);

  /** All commands that can be used now. */
  all = $derived([...this.#added.flatMap((commands) => commands()), ...pageCommands()]);

  add(commands: () => readonly Command[]): () => void {
    this.#added = [...this.#added, commands];
    return () => (this.#added = this.#added.filter((one) => one !== commands));
  }
}

function pageCommands(): Command[] {
  return visiblePages().map((page) => ({
    id: `page-${page.id}`,
    title: page.title,
    section: 'Go to',
    icon: page.icon,
    ...(page.shortcut && { keys: page.shortcut }),
    ...(page.words && { words: page.words }),
    run: () => goto(href(page.path)),
  }));
}

export const commands = new Commands();

/** Offers commands while a component is there; call it while the component is set up. */
export function useCommands(given: () => readonly Command[]): void {
  $effect(() => untrack(() => commands.add(given)));
}
