// Dates between the server's texts (UTC) and the browser's inputs, in the reader's time zone or in UTC.

/** Whose clock an input shows. */
export type Zone = 'local' | 'utc';

const pad = (value: number, length = 2) => String(value).padStart(length, '0');

/** `2026-11-21 10:47:58.051Z` as `<input type="datetime-local">` takes it. */
export function toInput(text: string, zone: Zone): string {
  const moment = new Date(text.replace(' ', 'T'));
  if (!text || Number.isNaN(moment.getTime())) return '';
  const utc = zone === 'utc';
  const year = utc ? moment.getUTCFullYear() : moment.getFullYear();
  const month = utc ? moment.getUTCMonth() : moment.getMonth();
  const day = utc ? moment.getUTCDate() : moment.getDate();
  const hours = utc ? moment.getUTCHours() : moment.getHours();
  const minutes = utc ? moment.getUTCMinutes() : moment.getMinutes();
  const seconds = utc ? moment.getUTCSeconds() : moment.getSeconds();
  const millis = moment.getUTCMilliseconds();
  const fraction = millis ? `.${pad(millis, 3)}` : '';
  return `${pad(year, 4)}-${pad(month + 1)}-${pad(day)}T${pad(hours)}:${pad(minutes)}:${pad(seconds)}${fraction}`;
}

/** The server's text of what an input holds; empty: none. */
export function fromInput(text: string, zone: Zone): string {
  if (!text) return '';
  const moment = new Date(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString().replace('T', ' ');
}

/** The reader's time zone: `Europe/Berlin`. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'local time';
}

/** How far the reader's clock is from UTC at a moment: `UTC+2`. */
export function offsetText(moment: Date): string {
  const minutes = -moment.getTimezoneOffset();
  if (!minutes) return 'UTC';
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${size % 60 ? `:${pad(size % 60)}` : ''}`;
}
