import { describe, expect, it } from 'vitest';
import {
  columnsOf,
  columnsText,
  EMPTY_LAYOUT,
  layoutOf,
  moved,
  nudged,
  readLayout,
  withShown,
  withWidth,
} from './columns';

const collection = {
  fields: [
    { name: 'id', type: 'text' },
    { name: 'password', type: 'password', hidden: true },
    { name: 'tokenKey', type: 'text', hidden: true },
    { name: 'title', type: 'text' },
    { name: 'views', type: 'number' },
    { name: 'created', type: 'autodate' },
  ],
} as never;
const names = (layout = EMPTY_LAYOUT) => columnsText(columnsOf(collection, layout));

describe('columns', () => {
  it('are at first all that is no secret', () => {
    expect(names()).toBe('id,title,views,created');
  });

  it('are hidden and shown; the id stays, and passwords never show', () => {
    expect(names(withShown(EMPTY_LAYOUT, 'views', false))).toBe('id,title,created');
    expect(names(withShown(withShown(EMPTY_LAYOUT, 'views', false), 'views', true))).toBe('id,title,views,created');
    expect(names(withShown(EMPTY_LAYOUT, 'tokenKey', true))).toBe('id,tokenKey,title,views,created');
    expect(names(withShown(EMPTY_LAYOUT, 'id', false))).toBe('id,title,views,created');
    expect(names(withShown(EMPTY_LAYOUT, 'password', true))).toBe('id,title,views,created');
  });

  it('are moved before another, to the end, and past hidden ones', () => {
    expect(names(moved(collection, EMPTY_LAYOUT, 'created', 'title'))).toBe('id,created,title,views');
    expect(names(moved(collection, EMPTY_LAYOUT, 'title', undefined))).toBe('id,views,created,title');
    expect(names(nudged(collection, EMPTY_LAYOUT, 'title', -1))).toBe('title,id,views,created');
    expect(names(nudged(collection, EMPTY_LAYOUT, 'title', 1))).toBe('id,views,title,created');
    expect(names(nudged(collection, EMPTY_LAYOUT, 'created', 1))).toBe('id,title,views,created');
  });

  it('keep their width within bounds', () => {
    const wide = withWidth(withWidth(EMPTY_LAYOUT, 'title', 9_999), 'views', 1);
    expect(columnsOf(collection, wide).map(({ width }) => width)).toEqual([170, 900, 64, 190]);
  });

  it('come out of a link exactly, whatever was chosen at home', () => {
    const home = withWidth(withShown(EMPTY_LAYOUT, 'views', false), 'views', 300);
    const columns = columnsOf(collection, layoutOf('views,id,nothing,password', collection, home));
    expect(columnsText(columns)).toBe('views,id');
    expect(columns[0]?.width).toBe(300);
  });

  it('survive whatever was kept', () => {
    expect(readLayout(null)).toEqual(EMPTY_LAYOUT);
    expect(readLayout({ order: ['a', 3], widths: { a: 'x', b: 100, c: 2 }, hidden: 'b' })).toEqual({
      order: ['a'],
      hidden: [],
      shown: [],
      widths: { b: 100 },
    });
  });
});
