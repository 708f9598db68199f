// What the parts of the table share: where one is in it, what is being edited, and what can be done.
import type { CollectionModel, RecordModel } from '$lib/api/types';
import { getContext, setContext } from 'svelte';
import type { Column, Layout } from './columns';
import type { Live } from './live.svelte';
import type { Rows } from './rows.svelte';
import type { Selection } from './selection.svelte';

/** A place in the table: row -1 is the head; column 0 holds the box to select by, then come the columns, then the row's menu. */
export interface Place {
  row: number;
  column: number;
}

export interface Grid {
  readonly collection: CollectionModel;
  readonly columns: readonly Column[];
  readonly layout: Layout;
  readonly sort: string;
  readonly rows: Rows;
  readonly selection: Selection;
  readonly live: Live;
  /** The record whose drawer is open. */
  readonly openId: string | undefined;
  active: Place;
  editing: Place | undefined;
  setSort: (sort: string) => void;
  setLayout: (layout: Layout) => void;
  /** Opens a record, at one of its fields if one is named. */
  open: (record: RecordModel, field?: string) => void;
  /** Opens the menu of a row, at a point of the window. */
  menu: (row: number, column: number, x: number, y: number) => void;
  columnMenu: (column: number, x: number, y: number) => void;
  remove: (ids: string[]) => void;
  /** Gives the keyboard back to the table. */
  focus: () => void;
}

const KEY = Symbol('grid');

export function provideGrid(grid: Grid): Grid {
  return setContext(KEY, grid);
}

export function useGrid(): Grid {
  return getContext<Grid>(KEY);
}

/** The id of a cell's element. */
export function cellId({ row, column }: Place): string {
  return `cell-${row}-${column}`;
}
