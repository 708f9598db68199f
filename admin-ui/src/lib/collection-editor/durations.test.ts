import { expect, it } from 'vitest';
import { duration } from './durations';

it('says lengths of time', () => {
  expect([0, 1, 180, 5400, 432_000, 90_061].map(duration)).toEqual([
    '0 seconds',
    '1 second',
    '3 minutes',
    '1 hour 30 minutes',
    '5 days',
    '1 day 1 hour',
  ]);
});
