// Puts something that floats beside what it belongs to, inside of the window.

export type Side = 'below' | 'above' | 'right';
export type Align = 'start' | 'end' | 'center';

export interface Placement {
  side?: Side;
  align?: Align;
  /** Whether it gets at least the anchor's width. */
  matchWidth?: boolean;
}

/** Between the anchor and what floats, and between that and the window's edge, in pixels. */
const GAP_PX = 6;
const EDGE_PX = 8;

/** Places `floating` (fixed, shown) at `anchor` once. */
export function place(
  anchor: Element,
  floating: HTMLElement,
  { side = 'below', align = 'start', matchWidth }: Placement = {},
): void {
  const at = anchor.getBoundingClientRect();
  const style = floating.style;
  if (matchWidth) style.minWidth = `${at.width}px`;
  style.maxHeight = '';
  const size = floating.getBoundingClientRect();
  const { innerWidth: width, innerHeight: height } = window;

  const below = height - at.bottom - GAP_PX - EDGE_PX;
  const above = at.top - GAP_PX - EDGE_PX;
  let left: number;
  let top: number;
  if (side === 'right' && at.right + GAP_PX + size.width + EDGE_PX <= width) {
    left = at.right + GAP_PX;
    top = at.top + (at.height - size.height) / 2;
  } else {
    const upwards = side === 'above' ? above >= size.height || above > below : below < size.height && above > below;
    const room = Math.max(upwards ? above : below, 80);
    if (size.height > room) style.maxHeight = `${room}px`;
    const used = Math.min(size.height, room);
    top = upwards ? at.top - GAP_PX - used : at.bottom + GAP_PX;
    left =
      align === 'end' ? at.right - size.width : align === 'center' ? at.left + (at.width - size.width) / 2 : at.left;
  }
  style.left = `${Math.round(clamp(left, EDGE_PX, width - size.width - EDGE_PX))}px`;
  style.top = `${Math.round(clamp(top, EDGE_PX, height - Math.min(size.height, height - 2 * EDGE_PX) - EDGE_PX))}px`;
}

/** Keeps `floating` at `anchor` while the page scrolls or changes; returns how to stop. */
export function follow(anchor: Element, floating: HTMLElement, placement?: Placement): () => void {
  const move = () => place(anchor, floating, placement);
  move();
  const sizes = new ResizeObserver(move);
  sizes.observe(floating);
  sizes.observe(anchor);
  window.addEventListener('scroll', move, { capture: true, passive: true });
  window.addEventListener('resize', move);
  return () => {
    sizes.disconnect();
    window.removeEventListener('scroll', move, { capture: true });
    window.removeEventListener('resize', move);
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
