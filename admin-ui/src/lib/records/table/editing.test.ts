import { describe, expect, it } from 'vitest';
import { editorOf, fitsOnLine, typedOf, valueOf } from './editing';

const field = (values: object) => ({ id: 'f', name: 'f', ...values }) as never;
const base = { type: 'base' } as const;

describe('an editor in the cell', () => {
  it('is there for what fits on a line', () => {
    expect(editorOf(field({ type: 'text' }), base)).toBe('text');
    expect(editorOf(field({ type: 'select', maxSelect: 1 }), base)).toBe('select');
    expect(editorOf(field({ type: 'select', maxSelect: 3 }), base)).toBe('selects');
    for (const type of ['file', 'editor', 'password', 'autodate']) {
      expect(editorOf(field({ type }), base)).toBeUndefined();
    }
  });

  it('is never there for ids and views', () => {
    expect(editorOf(field({ name: 'id', type: 'text', primaryKey: true }), base)).toBeUndefined();
    expect(editorOf(field({ type: 'text' }), { type: 'view' })).toBeUndefined();
  });

  it('goes from a value to what is typed and back', () => {
    expect(valueOf(typedOf(3.5, 'number'), 'number')).toBe(3.5);
    expect(valueOf(typedOf({ a: 1 }, 'json'), 'json')).toEqual({ a: 1 });
    expect(valueOf(typedOf({ lat: 4, lon: -5.5 }, 'geo'), 'geo')).toEqual({ lat: 4, lon: -5.5 });
    expect(valueOf(typedOf('2026-11-21 10:47:58.000Z', 'date'), 'date')).toBe('2026-11-21 10:47:58.000Z');
    expect(valueOf('  a ', 'text')).toBe('  a ');
    expect(valueOf('', 'json')).toBeNull();
    expect(valueOf('', 'date')).toBe('');
  });

  it('says what is wrong', () => {
    expect(() => valueOf('x', 'number')).toThrow('not a number');
    expect(() => valueOf('{', 'json')).toThrow('not JSON');
    expect(() => valueOf('1', 'geo')).toThrow('latitude, longitude');
    expect(() => valueOf('soon', 'date')).toThrow('not a date');
    expect(() => valueOf('Infinity', 'number')).toThrow('not a number');
    expect(() => valueOf('Infinity, 0', 'geo')).toThrow('latitude, longitude');
    expect(typedOf('', 'date')).toBe('');
  });

  it('keeps milliseconds', () => {
    expect(valueOf(typedOf('2026-11-21 10:47:58.051Z', 'date'), 'date')).toBe('2026-11-21 10:47:58.051Z');
  });

  it('does not take texts of several lines', () => {
    expect(fitsOnLine('one line')).toBe(true);
    expect(fitsOnLine('two\nlines')).toBe(false);
    expect(fitsOnLine('two\rlines')).toBe(false);
    expect(fitsOnLine({ a: 'two\nlines' })).toBe(true);
  });
});
