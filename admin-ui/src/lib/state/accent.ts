// Makes an app's accent colour readable: on white and on dark, as text, and under text.

interface Rgb {
  r: number;
  g: number;
  b: number;
}

export interface AccentColors {
  solid: string;
  /** A little further away from the text on it. */
  hover: string;
  onSolid: string;
  text: string;
}

const WHITE: Rgb = { r: 255, g: 255, b: 255 };
const BLACK: Rgb = { r: 16, g: 18, b: 22 };
/** The most awkward surfaces that accent-coloured text stands on, by theme. */
const GROUNDS = { light: { r: 231, g: 234, b: 239 }, dark: { r: 40, g: 45, b: 55 } } satisfies Record<string, Rgb>;
/** WCAG AA for text, with a little to spare for mixed grounds. */
const READABLE = 4.6;

/** The accent's colours for a theme; `undefined`: the text is no colour. */
export function accentColors(hex: string, theme: 'light' | 'dark'): AccentColors | undefined {
  const color = parse(hex);
  if (!color) return undefined;
  const solid =
    contrast(color, WHITE) >= READABLE || contrast(color, BLACK) >= READABLE ? color : readable(color, WHITE, BLACK);
  const onSolid = contrast(solid, WHITE) >= READABLE ? WHITE : BLACK;
  const text = readable(color, GROUNDS[theme], theme === 'light' ? BLACK : WHITE);
  const hover = mix(solid, onSolid === WHITE ? BLACK : WHITE, 0.14);
  return { solid: print(solid), hover: print(hover), onSolid: print(onSolid), text: print(text) };
}

export function contrast(a: Rgb, b: Rgb): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

export function parse(hex: string): Rgb | undefined {
  const digits = /^#?([\da-f]{3}|[\da-f]{6})$/i.exec(hex.trim())?.[1];
  if (!digits) return undefined;
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const value = parseInt(full, 16);
  return { r: value >> 16, g: (value >> 8) & 255, b: value & 255 };
}

/** `color`, moved towards `to` as far as needed to be read on `ground`. */
function readable(color: Rgb, ground: Rgb, to: Rgb): Rgb {
  for (let part = 0; part < 1; part += 0.04) {
    const tried = mix(color, to, part);
    if (contrast(tried, ground) >= READABLE) return tried;
  }
  return to;
}

function mix(a: Rgb, b: Rgb, part: number): Rgb {
  const between = (x: number, y: number) => Math.round(x + (y - x) * part);
  return { r: between(a.r, b.r), g: between(a.g, b.g), b: between(a.b, b.b) };
}

function luminance({ r, g, b }: Rgb): number {
  const linear = (channel: number) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function print({ r, g, b }: Rgb): string {
  return `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, '0')}`;
}
