// Moves rows of a list by pointer: the row follows the finger or the mouse as it passes the middle of others.

/** Call it when a row's handle is pressed. `move` says whether it moved; `done` gets where the row is in the end. */
export function dragRow(
  event: PointerEvent,
  list: HTMLElement,
  from: number,
  move: (from: number, to: number) => boolean,
  done: (at: number) => void,
): void {
  if (event.button !== 0) return;
  let at = from;

  function moved({ clientY }: PointerEvent) {
    const rows = [...list.children].map((row) => row.getBoundingClientRect());
    const over = rows.findIndex(({ top, bottom }) => clientY >= top && clientY <= bottom);
    const row = rows[over];
    if (!row || over === at) return;
    const middle = row.top + row.height / 2;
    const isPast = over > at ? clientY > middle : clientY < middle;
    if (!isPast || !move(at, over)) return;
    at = over;
    requestAnimationFrame(() => list.children[at]?.scrollIntoView({ block: 'nearest' }));
  }

  const listening = new AbortController();
  function ended() {
    listening.abort();
    done(at);
  }
  const { signal } = listening;
  window.addEventListener('pointermove', moved, { signal });
  window.addEventListener('pointerup', ended, { signal });
  window.addEventListener('pointercancel', ended, { signal });
}
