import { expect, it } from 'vitest';
import { both, idsFilter } from './filters';

it('joins filters so that a comment in one does not end the other', () => {
  expect(both('a = 1 // one', 'b = 2')).toBe('(a = 1 // one\n) && (b = 2\n)');
  expect(both('', 'b = 2')).toBe('b = 2');
});

it('names records by their ids', () => {
  expect(idsFilter(['a', 'b'])).toBe('id = "a" || id = "b"');
});
