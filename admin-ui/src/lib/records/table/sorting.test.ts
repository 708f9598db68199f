import { expect, it } from 'vitest';
import { nextSort, parseSort, sortOf } from './sorting';

it('reads what the server takes, and leaves out what is no field', () => {
  expect(parseSort('-created, +title,,a b')).toEqual([
    { field: 'created', descending: true },
    { field: 'title', descending: false },
  ]);
});

it('goes upwards, downwards and away', () => {
  expect(nextSort('', 'a', false)).toBe('a');
  expect(nextSort('a', 'a', false)).toBe('-a');
  expect(nextSort('-a', 'a', false)).toBe('');
  expect(nextSort('-a,b', 'b', false)).toBe('-b');
});

it('adds a column and keeps the others in their order', () => {
  expect(nextSort('-a', 'b', true)).toBe('-a,b');
  expect(nextSort('-a,b', 'b', true)).toBe('-a,-b');
  expect(nextSort('a,b', 'a', true)).toBe('-a,b');
  expect(nextSort('-a,b', 'a', true)).toBe('b');
});

it('tells how a column stands', () => {
  expect(sortOf('-a,b', 'b')).toEqual({ field: 'b', descending: false, place: 2, of: 2 });
  expect(sortOf('-a', 'b')).toBeUndefined();
});
