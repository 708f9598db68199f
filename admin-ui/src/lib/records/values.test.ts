import type { CollectionModel } from 'pocketbase';
import { describe, expect, it } from 'vitest';
import { fromInput, toInput } from './dates';
import { recordLabel, searchable, type FieldModel } from './fields';
import { fileFault, limitsText, sortFiles } from './files';
import { parsePoint } from './geo';
import { isShownImage, isSafeLink, lostParts, withoutOrigin } from './html';
import { parseJson } from './json';
import { generatePassword } from './passwords';

describe('JSON', () => {
  it('is read, and nothing is null', () => {
    expect(parseJson('{"a":[1,2]}')).toEqual({ value: { a: [1, 2] } });
    expect(parseJson('  ')).toEqual({ value: null });
  });

  it('says where it is wrong', () => {
    expect(parseJson('{\n  "a": 1,\n}').fault).toMatchObject({ line: 3, column: 1 });
    expect(parseJson('{"a" 1}').fault).toMatchObject({ line: 1, column: 6, message: 'a colon is expected' });
    expect(parseJson('[1, 2').fault?.message).toContain(']');
    expect(parseJson('// no\n1').fault).toBeDefined();
  });
});

describe('dates', () => {
  it('go into inputs and come back, in UTC', () => {
    expect(toInput('2026-11-21 10:47:58.051Z', 'utc')).toBe('2026-11-21T10:47:58.051');
    expect(fromInput('2026-11-21T10:47:58.051', 'utc')).toBe('2026-11-21 10:47:58.051Z');
    expect(fromInput('2026-11-21T10:47', 'utc')).toBe('2026-11-21 10:47:00.000Z');
  });

  it('survive the way over the local clock', () => {
    const text = '2026-07-01 22:30:00.000Z';
    expect(fromInput(toInput(text, 'local'), 'local')).toBe(text);
    expect(toInput('', 'local')).toBe('');
    expect(fromInput('', 'local')).toBe('');
  });
});

describe('points', () => {
  it('are read as maps write them, latitude first', () => {
    expect(parsePoint('48.137, 11.575')).toEqual({ lat: 48.137, lon: 11.575 });
    expect(parsePoint('33.86° S 151.2° E')).toEqual({ lat: -33.86, lon: 151.2 });
    expect(parsePoint('https://www.openstreetmap.org/#map=12/48.1/11.5')).toEqual({ lat: 48.1, lon: 11.5 });
  });

  it('are refused outside of the earth', () => {
    expect(parsePoint('91, 0')).toBeUndefined();
    expect(parsePoint('12')).toBeUndefined();
  });
});

describe('files', () => {
  const field = { name: 'docs', type: 'file', maxSelect: 2, maxSize: 1000, mimeTypes: ['image/png'] } as FieldModel;
  const png = (name: string, size = 10, type = 'image/png') => ({ name, size, type }) as File;

  it('are checked before they are uploaded', () => {
    expect(fileFault(field, png('a.png'))).toBe('');
    expect(fileFault(field, png('a.png', 2000))).toContain('at most 1.0 kB');
    expect(fileFault(field, png('a.txt', 1, 'text/plain'))).toContain('text/plain');
  });

  it('are taken as long as there is room', () => {
    const { taken, faults } = sortFiles(field, [png('a'), png('b'), png('c', 5000)], 1);
    expect(taken.map(({ name }) => name)).toEqual(['a']);
    expect(faults).toHaveLength(2);
    expect(limitsText(field)).toBe('Up to 2 files, 1.0 kB each, png');
  });
});

describe('rich text', () => {
  it('knows what editing would lose', () => {
    expect(lostParts('<div><b>x</b> <table></table></div>', '<p><strong>x</strong></p>')).toEqual(['<table>']);
    expect(lostParts('<p>x</p>', '<p>x</p>')).toEqual([]);
    const [original, edited] = [
      '<p style="text-align:center" id=a>x<!-- y --></p><span style="color:red">x</span><img src="a" width="5">',
      '<p>x</p><p>x</p><img src="a">',
    ];
    expect(lostParts(original, edited)).toEqual(['<p style>', '<p id>', '<span style>', '<img width>', '<!-- -->']);
    expect(lostParts('<p class="a">x</p><p class="a">y</p>', '<p class="a">x</p><p>y</p>')).toEqual(['<p class>']);
    expect(lostParts('<img src="a" alt="007">', '<img src="a" alt="7">')).toEqual(['<img alt>']);
    expect(lostParts('<p title="a > b">x</p>', '<p>x</p>')).toEqual(['<p title>']);
  });

  it('knows what editing only writes in another way', () => {
    const original = `<DIV class=""><span>x</span> <A HREF='a?b=1&c="2"' target=_blank>y</A><br/><img src=a alt></DIV>`;
    const edited = '<p>x <a href="a?b=1&amp;c=&quot;2&quot;" target="_blank">y</a><br></p><img src="a" alt="">';
    expect(lostParts(original, edited)).toEqual([]);
  });

  it('loads no pictures from elsewhere and links to nothing that runs', () => {
    expect(isShownImage('/api/files/a/b/c.png', 'http://x.test')).toBe(true);
    expect(isShownImage('https://tracker.test/a.png', 'http://x.test')).toBe(false);
    expect(isSafeLink('javascript:alert(1)')).toBe(false);
    expect(isSafeLink('https://example.com')).toBe(true);
  });

  it('leaves the own address out where the field asks for it', () => {
    expect(withoutOrigin('<a href="http://x.test/a">', 'http://x.test')).toBe('<a href="/a">');
    expect(withoutOrigin('<a href="http://x.test.evil/a">', 'http://x.test')).toContain('evil');
  });
});

describe('labels', () => {
  const people = {
    fields: [
      { name: 'id', type: 'text' },
      { name: 'name', type: 'text' },
      { name: 'email', type: 'email' },
    ],
  } as unknown as CollectionModel;

  it('name records by what tells most, or by their id', () => {
    expect(recordLabel(people, { id: 'x', name: 'Ann', email: 'a@b.c' })).toBe('Ann');
    expect(recordLabel(people, { id: 'x', name: '' })).toBe('x');
    expect(searchable(people)).toEqual(['id', 'name', 'email']);
  });
});

it('generates passwords that differ and are long enough', () => {
  const all = new Set(Array.from({ length: 50 }, () => generatePassword()));
  expect(all.size).toBe(50);
  for (const one of all) expect(one).toMatch(/^[a-zA-Z2-9]{20}$/);
});
