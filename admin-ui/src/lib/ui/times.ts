// Words for moments. The server's texts are UTC: `2026-11-21 10:47:58.051Z`.

/** The moment of a text of the server; `undefined`: there is none. */
export function momentOf(text: string): Date | undefined {
  const date = new Date(text.replace(' ', 'T'));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** How far away a moment is: "3 hours ago". */
export function sinceThen(moment: Date, now: Date): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return RELATIVE.format(Math.round(seconds / length), unit);
  }
  return Math.abs(seconds) < 10 ? 'just now' : RELATIVE.format(Math.round(seconds), 'second');
}

const pad = (value: number, length = 2) => String(value).padStart(length, '0');

/** Date and time where the reader is: `2026-11-21 11:47:58`. */
export function localTime(moment: Date): string {
  const date = `${pad(moment.getFullYear(), 4)}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
  return `${date} ${pad(moment.getHours())}:${pad(moment.getMinutes())}:${pad(moment.getSeconds())}`;
}

/** Date and time in UTC, as the server writes it. */
export function utcTime(moment: Date): string {
  return moment.toISOString().replace('T', ' ');
}
