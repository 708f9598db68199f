import { expect, it } from 'vitest';
import { counted, isEmpty, nameOf, numberText, plain, shorten, withoutTags } from './values';

const record = (values: object) => ({ id: 'abc', collectionId: '', collectionName: '', ...values }) as never;

it('calls a record by what was marked, else by a likely name, else by its id', () => {
  const fields = [
    { name: 'first', type: 'text', presentable: true },
    { name: 'last', type: 'text', presentable: true },
  ] as never;
  expect(nameOf(record({ first: 'Ann', last: 'Lee', title: 'x' }), { fields })).toBe('Ann Lee');
  expect(nameOf(record({ first: '', last: '', title: 'x' }), { fields })).toBe('x');
  expect(nameOf(record({ views: 3 }), undefined)).toBe('abc');
});

it('puts values on one line', () => {
  expect(plain(['a', 'b'])).toBe('a, b');
  expect(plain({ a: [1] })).toBe('{"a":[1]}');
  expect(plain(null)).toBe('');
  expect(shorten('a\n  b')).toBe('a b');
  expect(shorten('x'.repeat(10_000))).toHaveLength(241);
});

it('reads the words of HTML, and never its scripts', () => {
  expect(shorten(withoutTags('<p>A &amp; <b>b</b></p><script>alert(1)</script>'))).toBe('A & b');
  expect(shorten(withoutTags('&amp;lt;i&gt;'))).toBe('&lt;i>');
});

it('knows what is empty', () => {
  expect(isEmpty(0, 'number')).toBe(false);
  expect(isEmpty(false, 'bool')).toBe(false);
  expect(isEmpty([], 'relation')).toBe(true);
  expect(isEmpty({ lon: 0, lat: 0 }, 'geoPoint')).toBe(true);
});

it('counts', () => {
  expect(counted(1)).toBe('1 record');
  expect(counted(1_000_000)).toBe('1,000,000 records');
  expect(numberText(1234.5)).toBe('1234.5');
  expect(numberText(12345)).toBe('12,345');
});
