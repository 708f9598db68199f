// Creating, viewing, changing and deleting records: answers, errors, key order, ids and unknown things.
import { OPEN, bool, collection, create, del, get, json, list, number, patch, post, put, relation, remove, select, stamps, text, update, view, id } from '../steps.mjs';

const su = { as: 'su' };

export default {
  setup: [
    collection({ name: 'notes', ...OPEN, fields: [text('title', { required: true }), number('n'), bool('done'), json('meta'), text('zeta'), text('Alpha'), ...stamps], indexes: ['CREATE UNIQUE INDEX idx_notes ON notes (title)'] }, { save: { notes: 'id' } }),
    collection({ name: 'pairs', ...OPEN, fields: [text('a'), text('b')], indexes: ['CREATE UNIQUE INDEX idx_pairs ON pairs (a, b)', "CREATE UNIQUE INDEX idx_part ON pairs (b) WHERE b LIKE 'u%'", 'CREATE UNIQUE INDEX idx_nocase ON pairs (a COLLATE NOCASE) WHERE b = \'case\''] }),
    create('notes', { id: id('n1'), title: 'first', n: 1 }),
  ],
  scenarios: {
    'create': [create('notes', { title: 'made', n: 2, done: true, meta: { a: 1 } }, { keyOrder: true, save: { made: 'id' } }), view('notes', '{{made}}', undefined, { keyOrder: true }), create('{{notes}}', { title: 'by collection id' }), create('NOTES', { title: 'by upper name' })],
    'create with query': [create('notes', { title: 'q1' }, { query: { fields: 'title,n' } }), create('notes', { title: 'q2' }, { query: { expand: 'nope' } }), create('notes', { title: 'q3' }, { query: { fields: 'title:nope(1)' } })],
    'create faults': [create('notes', {}), create('notes', { title: '' }), create('notes', { title: 'first' }), create('notes', { title: 'x', id: id('n1') }), create('nope', { title: 'x' }), create('notes', { title: 'x', expand: 'y', collectionId: 'z', collectionName: 'w' })],
    'odd keys in the body': [create('notes', { title: 'odd', 'n ': 5, '': 1, 'title:': 'x', 'a.b': 1, __proto__x: 1, 'n+-': 4, '+n+': 3 }), create('notes', { TITLE: 'upper' }), create('notes', { title: 'odd2', zeta: 'z', Alpha: 'a' }, { keyOrder: true })],
    'view': [view('notes', id('n1')), view('notes', id('N1')), view('notes', 'nope'), view('notes', '%20'), get('/api/collections/notes/records/'), get('/api/collections/nope/records/x'), view('notes', "x' OR '1'='1".replace(/ /g, '%20').replace(/'/g, '%27')), get('/api/collections/notes/records/a%2Fb'), get('/api/collections/notes/records/n1000000000000%00'), view('notes', id('n1'), { expand: 'nope', fields: 'id,title' }), view('notes', id('n1'), { filter: 'title = "zzz"' })],
    'update': [
      create('notes', { id: id('u1'), title: 'u1', n: 5, meta: { a: 1 } }), update('notes', id('u1'), { n: 6 }, { keyOrder: true }), update('notes', id('u1'), {}), patch('/api/collections/notes/records/u10000000000000', undefined), update('notes', id('u1'), { title: '' }), update('notes', id('u1'), { title: 'first' }), update('notes', id('u1'), { title: 'u1' }),
      update('notes', 'nope', { n: 1 }), update('nope', id('u1'), { n: 1 }), update('notes', id('u1'), { created: '2020-01-01 00:00:00.000Z' }), update('notes', id('u1'), { n: 'abc', done: 'maybe' }), view('notes', id('u1')), put('/api/collections/notes/records/u10000000000000', { n: 1 }), post('/api/collections/notes/records/u10000000000000', { n: 1 }),
    ],
    'delete': [create('notes', { id: id('d1'), title: 'd1' }), remove('notes', id('d1')), remove('notes', id('d1')), view('notes', id('d1')), remove('notes', 'nope'), remove('nope', 'x'), del('/api/collections/notes/records'), create('notes', { id: id('d1'), title: 'd1' })],
    'unique over several columns': [create('pairs', { a: 'x', b: 'y' }), create('pairs', { a: 'x', b: 'y' }), create('pairs', { a: 'x', b: 'z' }), create('pairs', { a: '1', b: 'u1' }), create('pairs', { a: '2', b: 'u1' }), create('pairs', { a: 'ABC', b: 'case' }), create('pairs', { a: 'abc', b: 'case' }), create('pairs', {}), create('pairs', {}), update('pairs', 'nope', { a: 'x' })],
    'locked collection': [
      collection({ name: 'locked', fields: [text('a')] }), create('locked', { id: id('l1'), a: 'x' }, su), list('locked'), view('locked', id('l1')), create('locked', { a: 'y' }), update('locked', id('l1'), { a: 'y' }), remove('locked', id('l1')),
      list('locked', {}, su), view('locked', id('l1'), undefined, su), view('locked', 'nope'), update('locked', 'nope', {}), remove('locked', 'nope'), list('locked', 'nope = 1'),
    ],
    'cascade delete': [
      collection({ name: 'cd_target', ...OPEN, fields: [text('a')] }, { save: { t: 'id' } }),
      collection({ name: 'cd_cascade', ...OPEN, fields: [relation('r', '{{t}}', { cascadeDelete: true })] }, { save: { c: 'id' } }),
      collection({ name: 'cd_deep', ...OPEN, fields: [relation('r', '{{c}}', { cascadeDelete: true, required: true })] }),
      collection({ name: 'cd_clear', ...OPEN, fields: [relation('r', '{{t}}'), relation('m', '{{t}}', { maxSelect: 5 })] }),
      collection({ name: 'cd_multi', ...OPEN, fields: [relation('m', '{{t}}', { maxSelect: 5, cascadeDelete: true })] }),
      create('cd_target', { id: id('t1') }), create('cd_target', { id: id('t2') }),
      create('cd_cascade', { id: id('c1'), r: id('t1') }), create('cd_cascade', { id: id('c2'), r: id('t2') }), create('cd_cascade', { id: id('c3') }), create('cd_deep', { id: id('e1'), r: id('c1') }),
      create('cd_clear', { id: id('k1'), r: id('t1'), m: [id('t2'), id('t1')] }), create('cd_multi', { id: id('m1'), m: [id('t1'), id('t2')] }), create('cd_multi', { id: id('m2'), m: [id('t1')] }), create('cd_multi', { id: id('m3') }),
      remove('cd_target', id('t1')), list('cd_cascade', { sort: 'id' }), list('cd_deep', { sort: 'id' }), list('cd_clear', { sort: 'id' }), list('cd_multi', { sort: 'id' }), remove('cd_target', id('t2')), list('cd_clear', { sort: 'id' }), list('cd_multi', { sort: 'id' }),
    ],
    'a required relation blocks the delete': [
      collection({ name: 'rq_target', ...OPEN, fields: [text('a')] }, { save: { t: 'id' } }), collection({ name: 'rq_one', ...OPEN, fields: [relation('r', '{{t}}', { required: true })] }), collection({ name: 'rq_many', ...OPEN, fields: [relation('m', '{{t}}', { required: true, maxSelect: 3 })] }),
      create('rq_target', { id: id('t1') }), create('rq_target', { id: id('t2') }), create('rq_target', { id: id('t3') }), create('rq_one', { id: id('o1'), r: id('t1') }), create('rq_many', { id: id('m1'), m: [id('t2'), id('t3')] }),
      remove('rq_target', id('t1')), remove('rq_target', id('t2')), remove('rq_target', id('t3')), list('rq_target', { sort: 'id' }), list('rq_many'), update('rq_one', id('o1'), { r: '' }),
      remove('rq_one', id('o1')), remove('rq_target', id('t1')),
    ],
    'hidden fields': [
      collection({ name: 'hides', ...OPEN, fields: [text('open'), text('secret', { hidden: true }), text('must', { hidden: true, required: true })] }),
      create('hides', { open: 'a', secret: 'b', must: 'c' }), create('hides', { id: id('h1'), open: 'a', secret: 'b', must: 'c' }, su), view('hides', id('h1')), view('hides', id('h1'), undefined, su), update('hides', id('h1'), { secret: 'changed', open: 'x' }), view('hides', id('h1'), undefined, su), list('hides', "secret = 'b'"), list('hides', { sort: 'secret' }), list('hides', "secret = 'b'", su), list('hides', { sort: '-secret' }, su), view('hides', id('h1'), { fields: 'secret,open' }), list('hides', "hides_via_x.secret = 'b'"),
    ],
    'text like numbers and unicode survive': [create('notes', { title: '0012', zeta: '1e5' }), create('notes', { title: 'ünïcödé 😀 \u202e', zeta: '\\ " \' \n' }, { save: { uni: 'id' } }), view('notes', '{{uni}}'), list('notes', "title = 'ünïcödé 😀 \u202e'")],
    'select in a record': [collection({ name: 'sel', ...OPEN, fields: [select('k', ['a', 'b'])] }), create('sel', { k: 'a' }), create('sel', { k: 'q' })],
  },
};
