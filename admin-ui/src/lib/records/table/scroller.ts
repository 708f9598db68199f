// Where rows stand in a list that may be higher than a browser lets an element be.
//
// Up to `HEIGHT_MAX_PX` a pixel scrolled is a pixel moved. Above it, small steps (wheel, arrows) still move pixel by pixel,
// while far jumps (the scroll bar) are stretched over the whole list; when the scrolling rests, the bar is put right again.

/** Browsers cut elements off somewhere above 17 million pixels. */
export const HEIGHT_MAX_PX = 8_000_000;

export interface Span {
  /** The first row to draw, and one behind the last. */
  first: number;
  end: number;
}

export class Scroller {
  /** What the list would be scrolled to if it had its full height. */
  top = 0;
  #scrolled = 0;
  #rows = 0;
  #view = 0;

  constructor(readonly rowHeight: number) {}

  /** The height of the element that scrolls. */
  get height(): number {
    return Math.min(this.#rows * this.rowHeight, HEIGHT_MAX_PX);
  }

  /** What to take off a row's own place to get its place in the element. */
  get shift(): number {
    return this.top - this.#scrolled;
  }

  get #topMax(): number {
    return Math.max(0, this.#rows * this.rowHeight - this.#view);
  }

  get #scrolledMax(): number {
    return Math.max(0, this.height - this.#view);
  }

  /** Tells how many rows there are and how high the view is. */
  resize(rows: number, view: number): void {
    this.#rows = rows;
    this.#view = view;
    this.top = Math.min(this.top, this.#topMax);
  }

  /** Takes over where the element was scrolled to. */
  scrolledTo(at: number): void {
    const step = at - this.#scrolled;
    this.#scrolled = at;
    if (this.#topMax === this.#scrolledMax) this.top = at;
    else if (at <= 0) this.top = 0;
    else if (at >= this.#scrolledMax) this.top = this.#topMax;
    else if (Math.abs(step) <= this.#view) this.top = clamp(this.top + step, 0, this.#topMax);
    else this.top = (at / this.#scrolledMax) * this.#topMax;
  }

  /** Where the element should be scrolled to for the list to be where it is; to be called when the scrolling rests. */
  settle(): number {
    this.#scrolled =
      this.#topMax === this.#scrolledMax ? this.top : Math.round((this.top / this.#topMax) * this.#scrolledMax);
    return this.#scrolled;
  }

  /** Scrolls so that `row` is in view; returns where the element should be scrolled to. */
  reveal(row: number): number {
    const at = row * this.rowHeight;
    if (at < this.top) this.top = at;
    else if (at + this.rowHeight > this.top + this.#view) this.top = at + this.rowHeight - this.#view;
    this.top = clamp(this.top, 0, this.#topMax);
    return this.settle();
  }

  /** The rows in view, and `around` more on either side. */
  span(around = 0): Span {
    const first = Math.floor(this.top / this.rowHeight) - around;
    const end = Math.ceil((this.top + this.#view) / this.rowHeight) + around;
    return { first: clamp(first, 0, this.#rows), end: clamp(end, 0, this.#rows) };
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
