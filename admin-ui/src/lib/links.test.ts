import { describe, expect, it } from 'vitest';
import { href, isOwnPath, path, pathOf, queryOf } from './links';

describe('links', () => {
  it('stand behind # and keep any text', () => {
    const link = href(path`/collections/${'a/b c'}`, { filter: 'x = "1" && y', page: 2, none: '', off: false });
    expect(link).toBe('#/collections/a%2Fb%20c?filter=x+%3D+%221%22+%26%26+y&page=2');
    const url = new URL(`http://h/_/${link}`);
    expect(pathOf(url)).toBe('/collections/a%2Fb%20c');
    expect(queryOf(url).get('filter')).toBe('x = "1" && y');
    expect(pathOf(new URL('http://h/_/'))).toBe('/');
    expect(queryOf(new URL('http://h/_/')).size).toBe(0);
  });

  it('never lead to another site', () => {
    expect(['/a', '/', '//evil', '/\\evil', 'http://evil', ''].map(isOwnPath)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
