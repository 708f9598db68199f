// Collections as boxes, their relations as lines between them.
import type { CollectionModel } from '$lib/api/types';

export interface Row {
  name: string;
  type: string;
  isRelation: boolean;
}

export interface Box {
  id: string;
  name: string;
  type: string;
  rows: Row[];
  /** Fields that have no room. */
  hidden: number;
  width: number;
  height: number;
}

export interface Line {
  id: string;
  from: string;
  to: string;
  field: string;
  /** Which row of the box it begins at. */
  row: number;
  isMany: boolean;
  isRequired: boolean;
  /** Whether the record goes when the one it points to is deleted. */
  cascades: boolean;
}

export interface Point {
  x: number;
  y: number;
}

/** How large things are drawn, in pixels. */
export const BOX_WIDTH_PX = 230;
export const HEAD_PX = 38;
export const ROW_PX = 24;
const FOOT_PX = 8;
/** How many fields a box shows; relations always stand first. */
const ROWS_MAX = 14;

export function modelOf(collections: readonly CollectionModel[]): { boxes: Box[]; lines: Line[] } {
  const boxes = collections.map(boxOf);
  const known = new Set(boxes.map(({ id }) => id));
  const lines = collections.flatMap(linesOf).filter(({ to }) => known.has(to));
  return { boxes, lines };
}

function ordered({ fields }: CollectionModel): CollectionModel['fields'] {
  if (fields.length <= ROWS_MAX) return fields;
  const isFirst = ({ type, name }: { type: string; name: string }) => type === 'relation' || name === 'id';
  return [...fields.filter(isFirst), ...fields.filter((field) => !isFirst(field))];
}

function boxOf(collection: CollectionModel): Box {
  const fields = ordered(collection);
  const relations = fields.filter(({ type }) => type === 'relation').length;
  const shown = fields.slice(0, Math.max(ROWS_MAX, relations + 1));
  const hidden = fields.length - shown.length;
  return {
    id: collection.id,
    name: collection.name,
    type: collection.type,
    rows: shown.map(({ name, type }) => ({ name, type, isRelation: type === 'relation' })),
    hidden,
    width: BOX_WIDTH_PX,
    height: HEAD_PX + (shown.length + (hidden ? 1 : 0)) * ROW_PX + FOOT_PX,
  };
}

function linesOf(collection: CollectionModel): Line[] {
  return ordered(collection).flatMap((field, row) =>
    field.type === 'relation'
      ? [
          {
            id: `${collection.id}.${field.name}`,
            from: collection.id,
            to: String(field['collectionId']),
            field: field.name,
            row,
            isMany: Number(field['maxSelect'] ?? 1) > 1,
            isRequired: Boolean(field['required']),
            cascades: Boolean(field['cascadeDelete']),
          },
        ]
      : [],
  );
}

export interface Placed extends Box, Point {}

/** The curve of a line, from its row to the head of the box it points to; and where its ends are. */
export function curveOf(
  line: Line,
  from: Placed,
  to: Placed,
): { path: string; start: Point; end: Point; turn: 1 | -1 } {
  const y = from.y + HEAD_PX + (line.row + 0.5) * ROW_PX;
  const target = to.y + HEAD_PX / 2;
  const isRight = from.id === to.id || to.x >= from.x + from.width / 2;
  const start = { x: isRight ? from.x + from.width : from.x, y };
  // What stands below or above, or is the box itself, is reached around the same side.
  const isBeside = from.id !== to.id && Math.abs(to.x - from.x) >= from.width;
  const endsRight = isBeside ? !isRight : isRight;
  const end = { x: endsRight ? to.x + to.width : to.x, y: target };
  const reach = Math.max(36, Math.min(120, Math.abs(end.x - start.x) / 2));
  const out = isRight ? reach : -reach;
  const into = endsRight ? reach : -reach;
  const path = `M${start.x},${start.y} C${start.x + out},${start.y} ${end.x + into},${end.y} ${end.x},${end.y}`;
  return { path, start, end, turn: endsRight ? 1 : -1 };
}

/** The box around everything. */
export function boundsOf(boxes: readonly Placed[]): { x: number; y: number; width: number; height: number } {
  if (!boxes.length) return { x: 0, y: 0, width: 1, height: 1 };
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}
