// Which columns a collection's table shows, in which order and how wide.
import type { CollectionField, CollectionModel } from 'pocketbase';

export type { CollectionField };

export interface Column {
  field: CollectionField;
  width: number;
}

/** What somebody chose; fields it does not name stand behind the others, in the collection's order. */
export interface Layout {
  order: string[];
  /** What was hidden or shown by hand; other fields are as `isShownAtFirst` says. */
  hidden: string[];
  shown: string[];
  widths: Record<string, number>;
}

export const WIDTH_MIN_PX = 64;
export const WIDTH_MAX_PX = 900;

export const EMPTY_LAYOUT: Layout = { order: [], hidden: [], shown: [], widths: {} };

const WIDTHS: Record<string, number> = {
  text: 220,
  editor: 260,
  number: 120,
  bool: 110,
  email: 230,
  url: 220,
  date: 190,
  autodate: 190,
  select: 160,
  file: 150,
  relation: 200,
  json: 220,
  geoPoint: 190,
};

export function isShownAtFirst({ name, type, hidden }: CollectionField): boolean {
  return !hidden && type !== 'password' && name !== 'emailVisibility';
}

/** Passwords are never read back. */
export function isShowable({ type }: CollectionField): boolean {
  return type !== 'password';
}

function isVisible(field: CollectionField, { hidden, shown }: Layout): boolean {
  if (field.name === 'id' || shown.includes(field.name)) return true;
  return !hidden.includes(field.name) && isShownAtFirst(field);
}

/** All fields that can be columns, in their order; the id first unless it was moved. */
export function orderedFields({ fields }: Pick<CollectionModel, 'fields'>, { order }: Layout): CollectionField[] {
  const place = ({ name }: CollectionField) => (order.includes(name) ? order.indexOf(name) : order.length);
  return fields.filter(isShowable).sort((a, b) => place(a) - place(b));
}

export function columnsOf(collection: Pick<CollectionModel, 'fields'>, layout: Layout): Column[] {
  return orderedFields(collection, layout)
    .filter((field) => isVisible(field, layout))
    .map((field) => ({
      field,
      width: layout.widths[field.name] ?? (field.name === 'id' ? 170 : (WIDTHS[field.type] ?? 180)),
    }));
}

export function withWidth(layout: Layout, name: string, width: number): Layout {
  const fitting = Math.round(Math.max(WIDTH_MIN_PX, Math.min(width, WIDTH_MAX_PX)));
  return { ...layout, widths: { ...layout.widths, [name]: fitting } };
}

export function withShown(layout: Layout, name: string, isShown: boolean): Layout {
  const without = (names: string[]) => names.filter((one) => one !== name);
  const { hidden, shown } = { hidden: without(layout.hidden), shown: without(layout.shown) };
  return isShown ? { ...layout, hidden, shown: [...shown, name] } : { ...layout, hidden: [...hidden, name], shown };
}

/** Puts a column right before another one; `undefined`: at the end. */
export function moved(
  collection: Pick<CollectionModel, 'fields'>,
  layout: Layout,
  name: string,
  before: string | undefined,
): Layout {
  const names = orderedFields(collection, layout).map((field) => field.name);
  const order = names.filter((one) => one !== name);
  const at = before === undefined ? order.length : order.indexOf(before);
  order.splice(at < 0 ? order.length : at, 0, name);
  return { ...layout, order };
}

/** Moves a visible column one place to the left (-1) or the right (1), past those that are hidden. */
export function nudged(collection: Pick<CollectionModel, 'fields'>, layout: Layout, name: string, by: -1 | 1): Layout {
  const visible = columnsOf(collection, layout).map(({ field }) => field.name);
  const at = visible.indexOf(name);
  const to = at + by;
  if (at < 0 || to < 0 || to >= visible.length) return layout;
  return moved(collection, layout, name, by < 0 ? visible[to] : visible[to + 1]);
}

/** The columns as a link names them: `title,views`; widths stay at home. */
export function columnsText(columns: readonly Column[]): string {
  return columns.map(({ field }) => field.name).join(',');
}

/** The layout that shows exactly the columns that a link names, as wide as they are at home. */
export function layoutOf(text: string, { fields }: Pick<CollectionModel, 'fields'>, home: Layout): Layout {
  const names = text.split(',').filter((name) => fields.some((field) => field.name === name && isShowable(field)));
  const hidden = fields.map(({ name }) => name).filter((name) => !names.includes(name));
  return { order: names, shown: names, hidden, widths: home.widths };
}

/** Reads a layout that was kept; whatever it is not is left out. */
export function readLayout(kept: unknown): Layout {
  const { order, hidden, shown, widths } = (kept ?? {}) as Partial<Record<keyof Layout, unknown>>;
  const names = (list: unknown) => (Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []);
  const numbers = Object.entries(typeof widths === 'object' && widths ? widths : {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= WIDTH_MIN_PX,
  );
  return { order: names(order), hidden: names(hidden), shown: names(shown), widths: Object.fromEntries(numbers) };
}
