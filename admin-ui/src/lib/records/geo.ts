// Points on the earth, as they are typed and pasted.
import type { GeoPoint } from './fields';

const NUMBER = String.raw`([+-]?\d+(?:\.\d+)?)\s*°?\s*`;
const PAIR = new RegExp(String.raw`^\s*${NUMBER}([NS])?\s*[,;\s]\s*${NUMBER}([EW])?\s*$`, 'i');

/** A pair as maps write it, latitude first: `48.137, 11.575`, `48.137° N 11.575° E`; or a map's address with `@48.1,11.5` or `#map=…/48.1/11.5`. */
export function parsePoint(text: string): GeoPoint | undefined {
  const address = text.match(/@(-?\d+\.\d+),(-?\d+\.\d+)/) ?? text.match(/#map=[\d.]+\/(-?[\d.]+)\/(-?[\d.]+)/);
  if (address) return checked(Number(address[1]), Number(address[2]));
  const pair = text.match(PAIR);
  if (!pair) return undefined;
  const south = pair[2]?.toUpperCase() === 'S' ? -1 : 1;
  const west = pair[4]?.toUpperCase() === 'W' ? -1 : 1;
  return checked(Number(pair[1]) * south, Number(pair[3]) * west);
}

function checked(lat: number, lon: number): GeoPoint | undefined {
  return latitudeFault(lat) || longitudeFault(lon) ? undefined : { lon, lat };
}

export function latitudeFault(value: number | null): string {
  return value !== null && Math.abs(value) > 90 ? 'Between -90 and 90.' : '';
}

export function longitudeFault(value: number | null): string {
  return value !== null && Math.abs(value) > 180 ? 'Between -180 and 180.' : '';
}

export function pointText({ lat, lon }: GeoPoint): string {
  return `${lat}, ${lon}`;
}
