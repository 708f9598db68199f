import { expect, it } from 'vitest';
import { bytesText } from './bytes';

it('words sizes', () => {
  expect([0, 999, 1_000, 1_449_000, 12_000_000, 5e15].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.4 MB',
    '12 MB',
    '5000 TB',
  ]);
});
