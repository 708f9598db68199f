// Keys: `Mod+K` (⌘ or Ctrl), `?`, `g c` (one after the other). The commands that they run are in `commands.svelte.ts`.

/** How long after the first key of two the second still counts, in milliseconds. */
const SEQUENCE_MS = 1_200;

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const NAMES: Record<string, string> = {
  Mod: isMac ? '⌘' : 'Ctrl',
  Shift: isMac ? '⇧' : 'Shift',
  Alt: isMac ? '⌥' : 'Alt',
  Enter: '↵',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** The keys as they stand on the keyboard. */
export function spelled(keys: string): string[] {
  return keys.split(/[ +]/).map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** An event's keys as one text, the way shortcuts are written. */
function written(event: KeyboardEvent): string {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // Shift is part of the character for `?`, but not for letters.
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
  return [mod && 'Mod', event.altKey && 'Alt', shift && 'Shift', key].filter(Boolean).join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=file])') ||
      target.closest('[role=menu], [role=listbox]') !== null)
  );
}

interface Bound {
  keys?: string | undefined;
  run: () => unknown;
}

/** A listener for keys that runs what `bound` gives. */
export function keyListener(bound: () => readonly Bound[]): (event: KeyboardEvent) => void {
  let [first, at] = ['', 0];
  return (event) => {
    if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
    const keys = written(event);
    const isPlain = !/^(Mod|Alt)\+/.test(keys);
    // What is behind an open dialog is out of reach, and letters belong to who is typing.
    if ((isPlain && isTyping(event.target)) || document.querySelector('dialog:modal')) return;
    const isSecond = first && event.timeStamp - at < SEQUENCE_MS;
    const all = bound();
    const fits = (wanted: string) => all.find((one) => one.keys?.toLowerCase() === wanted.toLowerCase());
    const found = (isSecond && fits(`${first} ${keys}`)) || fits(keys);
    [first, at] = [found || !isPlain ? '' : keys, event.timeStamp];
    if (!found) return;
    event.preventDefault();
    void found.run();
  };
}
