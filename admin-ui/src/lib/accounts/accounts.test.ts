import { describe, expect, it } from 'vitest';
import { deviceName } from './devices';
import { inDays } from './durations';
import { fromScopes, scopesText, toScopes } from './scopes';

describe('scopes', () => {
  it('survive the way into the form and back', () => {
    for (const scopes of [
      ['*'],
      ['posts:list', 'posts:view', 'keys'],
      ['*:*'],
      ['posts:*', 'tags:create', 'account', 'settings'],
    ]) {
      expect(toScopes(fromScopes(scopes))).toEqual(scopes);
    }
  });

  it('have words', () => {
    expect(scopesText(['posts:*', '*:view', 'keys'])).toBe('posts: everything · all collections: view · keys');
    expect(scopesText(['*'])).toBe('all records');
  });
});

it('names devices by what they say of themselves', () => {
  expect(deviceName('Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0')).toBe(
    'Firefox on Windows',
  );
  expect(
    deviceName('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit Version/17.0 Mobile Safari/604.1'),
  ).toBe('Safari on iPhone');
  expect(deviceName('curl/8.5.0')).toBe('curl');
  expect(deviceName('')).toBe('');
});

it('counts days from now', () => {
  expect(inDays(7, new Date('2026-01-01T00:00:00Z'))).toBe('2026-01-08 00:00:00.000Z');
  expect(inDays(0, new Date())).toBe('');
});
