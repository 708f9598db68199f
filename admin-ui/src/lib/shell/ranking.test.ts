import { expect, it } from 'vitest';
import { ranked } from './ranking';

const ALL = [
  { title: 'My posts', section: 'Collections' },
  { title: 'Compost', section: 'Collections' },
  { title: 'posts', section: 'Collections' },
  { title: 'Mail', section: 'Settings', words: 'smtp post office' },
];
const titles = (text: string) => ranked(ALL, text).map(({ title }) => title);

it('puts what begins so before what only holds it', () => {
  expect(titles('post')).toEqual(['posts', 'My posts', 'Compost', 'Mail']);
  expect(titles('SMTP')).toEqual(['Mail']);
  expect(titles('settings mail')).toEqual(['Mail']);
  expect(titles('posts (')).toEqual([]);
  expect(titles('  ')).toHaveLength(4);
});
