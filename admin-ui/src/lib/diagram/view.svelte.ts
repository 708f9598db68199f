// What part of the diagram is seen: moved and zoomed by mouse, fingers and keys.
import type { Point } from './model';

const ZOOM_MIN = 0.15;
const ZOOM_MAX = 2.5;
/** How far an arrow key moves, in pixels; and how much one step zooms. */
const STEP_PX = 60;
const ZOOM_STEP = 1.2;
/** Room around everything when it is fitted, in pixels. */
const EDGE_PX = 28;
/** How far a press may move and still is a click, in pixels. */
const CLICK_PX = 4;

interface Area extends Point {
  width: number;
  height: number;
}

export class View {
  x = $state(0);
  y = $state(0);
  zoom = $state(1);
  /** Whether somebody moved it; then it is not fitted any more when the window changes. */
  isMoved = false;
  /** Whether the press that goes on moves, and so is no click. */
  isDragging = false;
  #fingers: Record<number, Point> = {};
  #travelled = 0;

  transform = $derived(`translate(${this.x} ${this.y}) scale(${this.zoom})`);

  fit(bounds: Area, width: number, height: number): void {
    const zoom = Math.min((width - 2 * EDGE_PX) / bounds.width, (height - 2 * EDGE_PX) / bounds.height, 1);
    this.zoom = Math.max(zoom, ZOOM_MIN);
    this.x = (width - bounds.width * this.zoom) / 2 - bounds.x * this.zoom;
    this.y = (height - bounds.height * this.zoom) / 2 - bounds.y * this.zoom;
    this.isMoved = false;
  }

  zoomBy(factor: number, at: Point): void {
    const next = Math.min(Math.max(this.zoom * factor, ZOOM_MIN), ZOOM_MAX);
    const by = next / this.zoom;
    this.x = at.x - (at.x - this.x) * by;
    this.y = at.y - (at.y - this.y) * by;
    this.zoom = next;
    this.isMoved = true;
  }

  /** Moves so that an area is seen, by as little as needed. */
  reveal(area: Area, width: number, height: number): void {
    const shift = (start: number, size: number, room: number) => {
      const end = start + size;
      if (start < EDGE_PX) return EDGE_PX - start;
      return end > room - EDGE_PX ? Math.max(room - EDGE_PX - end, EDGE_PX - start) : 0;
    };
    this.x += shift(area.x * this.zoom + this.x, area.width * this.zoom, width);
    this.y += shift(area.y * this.zoom + this.y, area.height * this.zoom, height);
  }

  /** Whether the key meant something here. */
  key(key: string, width: number, height: number): boolean {
    const middle = { x: width / 2, y: height / 2 };
    const moves: Record<string, () => void> = {
      ArrowLeft: () => (this.x += STEP_PX),
      ArrowRight: () => (this.x -= STEP_PX),
      ArrowUp: () => (this.y += STEP_PX),
      ArrowDown: () => (this.y -= STEP_PX),
      '+': () => this.zoomBy(ZOOM_STEP, middle),
      '=': () => this.zoomBy(ZOOM_STEP, middle),
      '-': () => this.zoomBy(1 / ZOOM_STEP, middle),
    };
    const move = moves[key];
    move?.();
    if (move) this.isMoved = true;
    return move !== undefined;
  }

  press(id: number, at: Point): void {
    this.#fingers = { ...this.#fingers, [id]: at };
    this.#travelled = 0;
    this.isDragging = false;
  }

  drag(id: number, at: Point): void {
    const before = this.#fingers[id];
    if (!before) return;
    const other = Object.entries(this.#fingers).find(([key]) => Number(key) !== id)?.[1];
    if (other) {
      const apart = (a: Point) => Math.hypot(a.x - other.x, a.y - other.y) || 1;
      this.zoomBy(apart(at) / apart(before), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
    }
    const share = other ? 0.5 : 1;
    this.x += (at.x - before.x) * share;
    this.y += (at.y - before.y) * share;
    this.#travelled += Math.hypot(at.x - before.x, at.y - before.y);
    if (this.#travelled > CLICK_PX) this.isDragging = this.isMoved = true;
    this.#fingers = { ...this.#fingers, [id]: at };
  }

  release(id: number): void {
    this.#fingers = Object.fromEntries(Object.entries(this.#fingers).filter(([key]) => Number(key) !== id));
  }
}
