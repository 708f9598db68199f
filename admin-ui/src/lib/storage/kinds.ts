// What a browser can show of a file, by its type. What could run scripts is never shown, only offered for download.

export type Preview = 'image' | 'video' | 'audio' | 'text' | 'none';

/** Longest text that is shown, in bytes. */
export const TEXT_MAX_BYTES = 256 * 1024;

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/svg+xml'];
const TEXTS = ['application/json', 'application/xml', 'application/toml', 'application/yaml'];

export function previewOf({ type, size }: { type: string; size: number }): Preview {
  const plain = type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (IMAGES.includes(plain)) return 'image';
  if (plain.startsWith('video/')) return 'video';
  if (plain.startsWith('audio/')) return 'audio';
  if ((plain.startsWith('text/') || TEXTS.includes(plain)) && size <= TEXT_MAX_BYTES) return 'text';
  return 'none';
}

/** Whether the server makes small versions of it. */
export function hasThumb(type: string): boolean {
  return ['image/png', 'image/jpeg', 'image/gif', 'image/webp'].includes(type);
}

/** A share as a width, so that what is small stays visible. */
export function shareWidth(part: number, whole: number): string {
  return whole > 0 && part > 0 ? `${Math.max(1.5, (part / whole) * 100).toFixed(1)}%` : '0%';
}
