import { describe, expect, it } from 'vitest';
import { hasThumb, previewOf, shareWidth, TEXT_MAX_BYTES } from './kinds';

describe('previewOf', () => {
  it('shows what a browser can show safely', () => {
    expect(previewOf({ type: 'image/png', size: 1 })).toBe('image');
    expect(previewOf({ type: 'video/mp4', size: 1 })).toBe('video');
    expect(previewOf({ type: 'audio/ogg', size: 1 })).toBe('audio');
    expect(previewOf({ type: 'text/plain; charset=utf-8', size: 1 })).toBe('text');
    expect(previewOf({ type: 'application/octet-stream', size: 1 })).toBe('none');
  });

  it('does not load long texts', () => {
    expect(previewOf({ type: 'text/csv', size: TEXT_MAX_BYTES + 1 })).toBe('none');
  });
});

it('knows what has thumbs', () => {
  expect(hasThumb('image/jpeg')).toBe(true);
  expect(hasThumb('image/svg+xml')).toBe(false);
});

it('keeps small shares visible', () => {
  expect(shareWidth(0, 100)).toBe('0%');
  expect(shareWidth(1, 1_000_000)).toBe('1.5%');
  expect(shareWidth(50, 100)).toBe('50.0%');
  expect(shareWidth(1, 0)).toBe('0%');
});
