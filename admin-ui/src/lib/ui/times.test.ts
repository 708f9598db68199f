import { describe, expect, it } from 'vitest';
import { momentOf, sinceThen, utcTime } from './times';

describe('times', () => {
  it("reads the server's texts and nothing else", () => {
    expect(momentOf('2026-11-21 10:47:58.051Z')?.getTime()).toBe(Date.UTC(2026, 10, 21, 10, 47, 58, 51));
    expect(momentOf('')).toBeUndefined();
    expect(momentOf('soon')).toBeUndefined();
  });

  it('says how long ago', () => {
    const now = new Date('2026-11-21T12:00:00Z');
    const ago = (seconds: number) => sinceThen(new Date(now.getTime() - seconds * 1000), now);
    expect([ago(3), ago(40), ago(60), ago(7_200), ago(86_400), ago(-3_600)]).toEqual([
      'just now',
      '40 seconds ago',
      '1 minute ago',
      '2 hours ago',
      'yesterday',
      'in 1 hour',
    ]);
  });

  it('writes UTC as the server does', () => {
    expect(utcTime(new Date(0))).toBe('1970-01-01 00:00:00.000Z');
  });
});
