// `field+`, `+field`, `field-` and `field:autogenerate` on every type, alone and together.
import { OPEN, bool, collection, create, json, number, relation, select, text, update, view, id, date, file, geo } from '../steps.mjs';

const row = { id: id('m1'), n: 10, t: 'abc', one: 'a', many: ['a', 'b'], r: id('t1'), rm: [id('t1'), id('t2')], j: { a: 1 }, b: true };
/** The same start for each change: the row is made, changed and read. */
let rows = 0;
const change = (body) => {
  rows += 1;
  const key = id(`m${rows}x`);
  return [create('mods', { ...row, id: key }), update('mods', key, body), view('mods', key)];
};

export default {
  setup: [
    collection({ name: 'target', ...OPEN, fields: [text('a')] }, { save: { target: 'id' } }), create('target', { id: id('t1') }), create('target', { id: id('t2') }), create('target', { id: id('t3') }),
    collection({ name: 'mods', ...OPEN, fields: [number('n', { max: 100 }), text('t', { autogeneratePattern: '[z]{3}' }), select('one', ['a', 'b', 'c']), select('many', ['a', 'b', 'c', 'd'], { maxSelect: 3 }), relation('r', '{{target}}'), relation('rm', '{{target}}', { maxSelect: 3 }), json('j'), bool('b'), date('d'), geo('g'), file('f'), file('fm', { maxSelect: 3 })] }),
  ],
  scenarios: {
    number: [...change({ 'n+': 5 }), ...change({ 'n-': 3.5 }), ...change({ 'n+': '7' }), ...change({ 'n+': 'x' }), ...change({ 'n+': null }), ...change({ 'n+': 95 }), ...change({ n: 1, 'n+': 5 }), ...change({ '+n': 4 }), ...change({ 'n+': [1, 2] }), ...change({ 'n+': true })],
    'select single': [...change({ 'one+': 'b' }), ...change({ '+one': 'b' }), ...change({ 'one-': 'a' }), ...change({ 'one-': 'b' }), ...change({ 'one+': 'z' })],
    'select multiple': [...change({ 'many+': 'c' }), ...change({ '+many': 'c' }), ...change({ 'many+': ['c', 'a'] }), ...change({ '+many': ['c', 'b'] }), ...change({ 'many-': 'a' }), ...change({ 'many-': ['a', 'b', 'z'] }), ...change({ 'many+': ['c', 'd'] }), ...change({ 'many+': '' }), ...change({ 'many+': null }), ...change({ many: ['d'], 'many+': 'c', '+many': 'a' }), ...change({ 'many+': 'z' })],
    relation: [...change({ 'r+': id('t2') }), ...change({ 'r-': id('t1') }), ...change({ 'rm+': id('t3') }), ...change({ '+rm': id('t3') }), ...change({ 'rm-': id('t1') }), ...change({ 'rm-': [id('t1'), id('t2')] }), ...change({ 'rm+': id('nope') }), ...change({ 'rm+': [id('t3'), id('t1')] }), ...change({ rm: [], 'rm+': id('t2') })],
    'text and others': [...change({ 't+': 'x' }), ...change({ 't:autogenerate': 'pre-' }), ...change({ 't:autogenerate': '' }), ...change({ t: '', }), ...change({ 'b+': 1 }), ...change({ 'j+': { b: 2 } }), ...change({ 'd+': '2024-01-01' }), ...change({ 'g+': { lon: 1, lat: 1 } })],
    'on create': [create('mods', { 'n+': 5, 'many+': ['a'], '+many': 'b', 'rm+': id('t1'), 't:autogenerate': 'p' }), create('mods', { 'n-': 5 }), create('mods', { n: 2, 'n-': 5 })],
  },
};
