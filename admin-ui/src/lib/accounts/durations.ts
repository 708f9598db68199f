// How long a token or a key lives, to choose from.

const HOUR = 3_600;
const DAY = 24 * HOUR;

export const IMPERSONATE_SECONDS: readonly { value: number; label: string }[] = [
  { value: 15 * 60, label: '15 minutes' },
  { value: HOUR, label: '1 hour' },
  { value: DAY, label: '1 day' },
  { value: 30 * DAY, label: '30 days' },
  { value: 0, label: 'As the collection says' },
];

export const KEY_DAYS: readonly { value: number; label: string }[] = [
  { value: 7, label: '7 days' },
  { value: 30, label: '30 days' },
  { value: 90, label: '90 days' },
  { value: 365, label: '1 year' },
  { value: 0, label: 'Never' },
];

/** The moment so many days from now, as the server writes it; 0 days: none. */
export function inDays(days: number, now: Date): string {
  return days ? new Date(now.getTime() + days * DAY * 1000).toISOString().replace('T', ' ') : '';
}
