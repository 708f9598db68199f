// Takes the diagram out of the page: as an SVG that needs no style sheet, or as a PNG.

const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'opacity',
];
const EDGE_PX = 24;
/** How much larger than on the screen a PNG is, and how long its longer side may be, in pixels. */
const PNG_SCALE = 2;
const PNG_SIDE_MAX_PX = 8_000;

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The whole drawing as a file of its own. */
export function asSvg(drawing: SVGGElement, bounds: Area, ground: string): string {
  const copy = drawing.cloneNode(true) as SVGGElement;
  const [originals, copies] = [drawing.querySelectorAll('*'), copy.querySelectorAll('*')];
  originals.forEach((original, at) => {
    const [style, target] = [getComputedStyle(original), copies[at]];
    for (const name of STYLES) target?.setAttribute(name, style.getPropertyValue(name));
    for (const name of ['class', 'href', 'aria-label', 'data-sveltekit-preload-data']) target?.removeAttribute(name);
  });
  copy.removeAttribute('transform');
  const [width, height] = [bounds.width + 2 * EDGE_PX, bounds.height + 2 * EDGE_PX];
  const box = `${bounds.x - EDGE_PX} ${bounds.y - EDGE_PX} ${width} ${height}`;
  const inner = new XMLSerializer().serializeToString(copy);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" width="${width}" height="${height}"><rect x="${bounds.x - EDGE_PX}" y="${bounds.y - EDGE_PX}" width="${width}" height="${height}" fill="${ground}"/>${inner}</svg>`;
}

export async function asPng(svg: string, bounds: Area): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const scale = Math.min(PNG_SCALE, PNG_SIDE_MAX_PX / Math.max(bounds.width, bounds.height));
    const canvas = document.createElement('canvas');
    canvas.width = image.width * scale;
    canvas.height = image.height * scale;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
    if (!blob) throw new Error('The picture could not be made.');
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Hands a file to whoever sits there. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
