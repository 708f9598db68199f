import { describe, expect, it } from 'vitest';
import { accentColors, contrast, parse } from './accent';

const rgb = (hex: string) => {
  const color = parse(hex);
  if (!color) throw new Error(`${hex} is no colour`);
  return color;
};

describe('accentColors', () => {
  it('can be read, whatever the app chose', () => {
    for (const hex of ['#1055c9', '#ffff00', '#000000', '#ffffff', '#777777', '#ff0000', '#00ff7f', '#abc']) {
      for (const [theme, ground] of [
        ['light', '#e7eaef'],
        ['dark', '#282d37'],
      ] as const) {
        const colors = accentColors(hex, theme);
        if (!colors) throw new Error(hex);
        expect(contrast(rgb(colors.solid), rgb(colors.onSolid)), `${hex} button in ${theme}`).toBeGreaterThanOrEqual(
          4.5,
        );
        expect(contrast(rgb(colors.hover), rgb(colors.onSolid)), `${hex} hovered in ${theme}`).toBeGreaterThanOrEqual(
          4.5,
        );
        expect(contrast(rgb(colors.text), rgb(ground)), `${hex} text in ${theme}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it('leaves alone what is readable, and refuses what is no colour', () => {
    expect(accentColors('#1055c9', 'light')?.solid).toBe('#1055c9');
    expect(accentColors('red', 'light')).toBeUndefined();
    expect(accentColors('', 'dark')).toBeUndefined();
  });
});
