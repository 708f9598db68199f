import { expect, it, vi } from 'vitest';
import type { Outcome } from '$lib/services/bulk';
import { missedText } from './undoing';

vi.mock('$lib/state/settings.svelte', () => ({ settings: {} }));

const record = {} as never;
const fault = (message: string): Outcome => ({
  fault: { message, fields: {}, codes: {}, status: 400, isAborted: false },
});

it('says what an undo did not bring back', () => {
  expect(missedText([{ record }, { record }], 2)).toBe('');
  expect(missedText([{ record }, fault('No.'), fault('No.')], 3)).toBe('Undone in 1 of 3 records only. No.');
  expect(missedText([], 1)).toBe('Undone in 0 of 1 record only.');
  expect(missedText([{ record }, undefined], 2)).toBe('Undone in 1 of 2 records only.');
});
