// What the keys do in the table.
import { copy } from '$lib/ui/clipboard';
import { columnsOf, nudged, withWidth } from './columns';
import { editorOf, fitsOnLine } from './editing';
import type { Grid, Place } from './grid.svelte';
import { nextSort } from './sorting';
import { plain } from './values';

/** By how much the keyboard widens a column, in pixels. */
export const WIDER_PX = 24;

interface Moves {
  go: (row: number, column: number) => void;
  /** How many rows a page is. */
  page: () => number;
  /** Where a cell is in the window. */
  at: (place: Place) => DOMRect | undefined;
}

export function tableKeys(grid: Grid, moves: Moves): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.target !== event.currentTarget || event.defaultPrevented) return;
    const isDone =
      walk(grid, moves, event) || (grid.active.row === -1 ? onHead(grid, moves, event) : onRow(grid, moves, event));
    if (!isDone) return;
    event.preventDefault();
    event.stopPropagation();
  };
}

/** Arrows and their like. With Shift, rows that are passed are selected. */
function walk(grid: Grid, { go, page }: Moves, event: KeyboardEvent): boolean {
  const { row, column } = grid.active;
  const mod = event.ctrlKey || event.metaKey;
  if (event.altKey) return false;
  const last = grid.rows.length - 1;
  const end = grid.columns.length + 1;
  const to: Record<string, Place> = {
    ArrowUp: { row: mod ? 0 : row - 1, column },
    ArrowDown: { row: mod ? last : row + 1, column },
    ArrowLeft: { row, column: mod ? 0 : column - 1 },
    ArrowRight: { row, column: mod ? end : column + 1 },
    Home: { row: mod ? 0 : row, column: mod ? column : 0 },
    End: { row: mod ? last : row, column: mod ? column : end },
    PageUp: { row: Math.max(0, row - page()), column },
    PageDown: { row: row + page(), column },
  };
  const place = to[event.key];
  if (!place) return false;
  if (event.shiftKey && row >= 0 && place.row !== row) {
    if (!grid.selection.size) grid.selection.toggle(row, true);
    go(place.row, place.column);
    if (grid.active.row >= 0) void grid.selection.extendTo(grid.active.row);
  } else {
    go(place.row, place.column);
  }
  return true;
}

function onHead(grid: Grid, { at }: Moves, event: KeyboardEvent): boolean {
  const { column } = grid.active;
  const name = grid.columns[column - 1]?.field.name;
  if (event.key === ' ' && column === 0) {
    if (grid.selection.size) grid.selection.clear();
    else void grid.selection.all();
    return true;
  }
  if (!name) return false;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as -1 | 1 | undefined;
  if (event.altKey && step) {
    if (event.shiftKey) {
      grid.setLayout(nudged(grid.collection, grid.layout, name, step));
      const names = columnsOf(grid.collection, grid.layout).map(({ field }) => field.name);
      grid.active = { row: -1, column: names.indexOf(name) + 1 };
    } else {
      const width = grid.columns[column - 1]?.width ?? 0;
      grid.setLayout(withWidth(grid.layout, name, width + step * WIDER_PX));
    }
    return true;
  }
  if (isMenuKey(event)) {
    const box = at(grid.active);
    if (box) grid.columnMenu(column - 1, box.left, box.bottom);
    return true;
  }
  if (event.key === 'Enter' || event.key === ' ') {
    grid.setSort(nextSort(grid.sort, name, event.shiftKey));
    return true;
  }
  return false;
}

function onRow(grid: Grid, moves: Moves, event: KeyboardEvent): boolean {
  const { row, column } = grid.active;
  const mod = event.ctrlKey || event.metaKey;
  const record = grid.rows.at(row);
  const field = grid.columns[column - 1]?.field;
  if (mod && event.key.toLowerCase() === 'a') {
    void grid.selection.all();
  } else if (event.key === 'Escape' && grid.selection.size) {
    grid.selection.clear();
  } else if (!record) {
    return false;
  } else if (event.key === ' ' && event.shiftKey) {
    void grid.selection.extendTo(row);
  } else if (event.key === ' ') {
    grid.selection.toggle(row);
  } else if (mod && event.key === 'Enter') {
    grid.open(record);
  } else if (event.key === 'Enter' || event.key === 'F2') {
    enter(grid, moves);
  } else if (isMenuKey(event)) {
    openMenu(grid, moves);
  } else if (event.key === 'Delete') {
    grid.remove(grid.selection.size ? [...grid.selection.ids] : [record.id]);
  } else if (mod && event.key.toLowerCase() === 'c' && field && !getSelection()?.toString()) {
    void copy(plain(record[field.name]));
  } else {
    return false;
  }
  return true;
}

/** Enter in a cell: edits it, or does what stands in it. */
function enter(grid: Grid, moves: Moves): void {
  const { row, column } = grid.active;
  const record = grid.rows.at(row);
  const field = grid.columns[column - 1]?.field;
  if (!record) return;
  if (column === 0) grid.selection.toggle(row);
  else if (!field) openMenu(grid, moves);
  else if (editorOf(field, grid.collection) && fitsOnLine(record[field.name])) grid.editing = { row, column };
  else grid.open(record, field.name);
}

function openMenu(grid: Grid, { at }: Moves): void {
  const box = at(grid.active);
  if (box) grid.menu(grid.active.row, grid.active.column, box.left, box.bottom);
}

function isMenuKey({ key, shiftKey }: KeyboardEvent): boolean {
  return key === 'ContextMenu' || (key === 'F10' && shiftKey);
}
