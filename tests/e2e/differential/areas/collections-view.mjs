// View collections: their queries, inferred fields, reads, files and what they refuse.
import { OPEN, collection, create, del, file, get, list, number, patch, post, relation, remove, select, text, update, view, id, bool, json, date, PNG } from '../steps.mjs';

const su = { as: 'su' };
const asView = (name, viewQuery, more = {}) => collection({ name, type: 'view', viewQuery, listRule: '', viewRule: '', ...more });
// A tried view has a random name, and so a random collection id: the samples are compared without it.
const dry = (query) => post('/api/collections/meta/dry-run-view', { query }, { ...su, query: { fields: 'fields,sample.id,sample.title,sample.n' } });

export default {
  setup: [
    collection({ name: 'people', ...OPEN, fields: [text('name')] }, { save: { people: 'id' } }),
    collection({ name: 'posts', ...OPEN, fields: [text('title'), number('n'), bool('live'), date('at'), select('kind', ['a', 'b'], { maxSelect: 2 }), json('meta'), relation('owner', '{{people}}'), relation('readers', '{{people}}', { maxSelect: 5 }), file('doc'), text('secret', { hidden: true })] }, { save: { posts: 'id' } }),
    create('people', { id: id('ann'), name: 'Ann' }), create('people', { id: id('bob'), name: 'Bob' }),
    create('posts', { id: id('p1'), title: 'One', n: 1, live: true, at: '2024-01-01 00:00:00.000Z', kind: ['a'], meta: { x: 1 }, owner: id('ann'), readers: [id('bob'), id('ann')], secret: 's' }, su),
    create('posts', { id: id('p2'), title: 'Two', n: 2, owner: id('ann') }), create('posts', { id: id('p3'), title: 'Three', n: 3, owner: id('bob') }),
  ],
  scenarios: {
    'columns become fields': [
      asView('v_all', 'SELECT posts.id, posts.title, posts.n as amount, posts.live, posts.at, posts.kind, posts.meta, posts.owner, posts.doc FROM posts'),
      list('v_all', { sort: 'id', expand: 'owner' }, { keyOrder: true }), view('v_all', id('p1')), view('v_all', 'nope'), list('v_all', "owner.name = 'Ann' && amount > 1"), list('v_all', "title ~ 'o' && live = true"),
    ],
    'aggregates and casts': [
      asView('v_agg', 'SELECT owner as id, COUNT(id) as total, SUM(n) as sum, MAX(n) as top, CAST(AVG(n) as REAL) as avg, CAST(MAX(n) as TEXT) as txt, CAST(MIN(n) as INT) as low, CAST(1 as BOOLEAN) as flag, (n + 1) as expr FROM posts GROUP BY owner'),
      list('v_agg', { sort: '-total' }), list('v_agg', 'total > 1'),
    ],
    'joins, aliases and other ids': [
      asView('v_join', 'SELECT p.id, p.title, u.name as ownerName, u.id as userId FROM posts p LEFT JOIN people u ON u.id = p.owner'),
      list('v_join', { sort: 'title', expand: 'userId' }),
      asView('v_rowid', 'SELECT (ROW_NUMBER() OVER()) as id, name FROM people'), list('v_rowid', { sort: 'name' }), view('v_rowid', '1'),
      asView('v_cte', 'WITH top AS (SELECT id, title, n FROM posts WHERE n > 1) SELECT id, title FROM top'), list('v_cte', { sort: 'title' }),
      asView('v_union', "SELECT id, title as label FROM posts UNION SELECT id, name as label FROM people"), list('v_union', { sort: 'label' }),
      asView('v_of_view', 'SELECT id, title FROM v_join'), list('v_of_view', { sort: 'title' }),
      asView('v_const', "SELECT id, 'x' as word, 5 as five, NULL as nothing FROM people"), list('v_const', { sort: 'id' }),
      asView('v_comment', 'SELECT id, -- why\n title /* c */ FROM posts'),
      asView('v_case', 'select id, TITLE as Title from POSTS'),
    ],
    'queries that are refused': [
      asView('bad', ''), asView('bad', 'SELECT * FROM posts'), asView('bad', 'SELECT title FROM posts'), asView('bad', 'SELECT id FROM nope'), asView('bad', 'SELECT id, nope FROM posts'), asView('bad', 'DELETE FROM posts'),
      asView('bad', 'SELECT id FROM posts; DROP TABLE people'), asView('bad', 'SELECT id FROM posts;'), asView('bad', "SELECT '' as id FROM posts"), asView('bad', 'selec id from posts'), asView('bad', 'SELECT owner as id FROM posts'),
      asView('bad', 'SELECT id FROM posts) as x; --'), collection({ name: 'bad', type: 'view' }), asView('bad', 'SELECT id, id FROM posts'), asView('bad', 'SELECT id, COUNT(n) FROM posts'),
      asView('bad', 'SELECT id, title as expand FROM posts'),
      list('people', { sort: 'id' }),
    ],
    'write rules and indexes are refused': [
      asView('v_no', 'SELECT id FROM posts', { createRule: '' }), asView('v_no', 'SELECT id FROM posts', { updateRule: '', deleteRule: 'id = 1' }), asView('v_no', 'SELECT id FROM posts', { indexes: ['CREATE INDEX x ON v_no (id)'] }), asView('v_no', 'SELECT id FROM posts', { listRule: 'nope = 1' }),
    ],
    'writes to a view': [
      asView('v_w', 'SELECT id, title FROM posts'),
      create('v_w', { title: 'x' }), create('v_w', { title: 'x' }, su), update('v_w', id('p1'), { title: 'x' }, su), remove('v_w', id('p1'), su), del('/api/collections/v_w/truncate', su),
    ],
    'rules of a view': [
      asView('v_rules', 'SELECT id, title, owner FROM posts', { listRule: "owner.name = 'Bob'", viewRule: null }),
      list('v_rules'), list('v_rules', { sort: 'id' }, su), view('v_rules', id('p3')), view('v_rules', id('p3'), {}, su),
    ],
    'changing the source': [
      collection({ name: 'src', ...OPEN, fields: [text('a', { id: 'fa' }), text('b', { id: 'fb' })] }, { save: { f0: 'fields.0' } }),
      asView('v_src', 'SELECT id, a FROM src'),
      patch('/api/collections/src', { fields: ['{{f0}}', text('b', { id: 'fb' })] }, su),
      patch('/api/collections/src', { fields: ['{{f0}}', text('a', { id: 'fa', max: 10 }), number('c', { id: 'fc' })] }, su),
      get('/api/collections/v_src', su),
      del('/api/collections/src', su),
      patch('/api/collections/v_src', { viewQuery: 'SELECT id, c, c as again FROM src' }, su),
      patch('/api/collections/v_src', { viewQuery: 'SELECT nope' }, su), get('/api/collections/v_src', su),
      del('/api/collections/v_src', su), del('/api/collections/src', su),
    ],
    'dry run': [
      dry('SELECT id, title FROM posts WHERE n = 1'), dry('SELECT COUNT(id) as n, owner as id FROM posts GROUP BY owner ORDER BY owner'), dry('nope'), dry(''), dry('SELECT id FROM people ORDER BY id LIMIT 1'), dry('x'.repeat(5001)),
    ],
    'hidden source fields': [asView('v_hidden', 'SELECT id, secret FROM posts'), list('v_hidden', { sort: 'id' }), list('v_hidden', { sort: 'id' }, su)],
    'back-relations from a view': [
      asView('v_rel', 'SELECT id, owner FROM posts'), list('people', { sort: 'id', expand: 'v_rel_via_owner' }), list('people', "v_rel_via_owner.id ?= 'p10000000000000'"),
    ],
    'files through a view': [
      create('posts', undefined, { form: [['title', 'withfile'], ['doc', { file: PNG, name: 'pic.png', type: 'image/png' }]], json: undefined, save: { fid: 'id', fname: 'doc' } }),
      asView('v_files', 'SELECT id, doc FROM posts'),
      view('v_files', '{{fid}}'), get('/api/files/v_files/{{fid}}/{{fname}}'), get('/api/files/v_files/{{fid}}/nope.png'),
    ],
  },
};
