// Sorting, paging, counting, and picking fields.
import { OPEN, bool, collection, create, date, editor, get, json, list, number, relation, select, text, view, id } from '../steps.mjs';

const sorted = (sort, more = {}) => list('rows', { sort, fields: 'id', ...more });
const page = (query) => list('rows', { sort: 'id', fields: 'id', ...query });
const fields = (fields, more = {}) => list('rows', { sort: 'id', perPage: '2', fields, ...more });

export default {
  setup: [
    collection({ name: 'people', ...OPEN, fields: [text('name')] }, { save: { people: 'id' } }),
    collection({ name: 'rows', ...OPEN, fields: [text('t'), number('n'), bool('b'), date('d'), select('m', ['a', 'b'], { maxSelect: 2 }), json('j'), editor('body'), text('h', { hidden: true }), relation('r', '{{people}}'), relation('rm', '{{people}}', { maxSelect: 4 })] }, { save: { rows: 'id' } }),
    collection({ name: 'kids', ...OPEN, fields: [number('y'), relation('row', '{{rows}}')] }),
    create('people', { id: id('ann'), name: 'Ann' }), create('people', { id: id('bob'), name: 'bob' }),
    create('rows', { id: id('r1'), t: 'b', n: 10, b: true, d: '2024-01-02', m: ['a', 'b'], j: { a: 2, list: [{ x: 1, y: 2 }, { x: 3 }] }, body: '<p>Hello   <b>big</b>\n world &amp; more</p><script>x</script>', r: id('bob'), rm: [id('ann'), id('bob')] }),
    create('rows', { id: id('r2'), t: 'B', n: 2, b: false, d: '2024-01-01', m: ['b'], j: { a: 1 }, body: 'plain text äöü 😀 with many words in it', r: id('ann') }),
    create('rows', { id: id('r3'), t: 'a', n: 2, j: 'x', body: '' }), create('rows', { id: id('r4'), t: 'Ä', n: -5 }), create('rows', { id: id('r5'), t: '' }),
    create('kids', { y: 5, row: id('r1') }), create('kids', { y: 1, row: id('r2') }),
  ],
  scenarios: {
    sort: ['id', '-id', 't,id', '-t,id', 't:lower,id', 'n,id', '-n,-id', '+n,+id', 'b,id', 'd,id', 'm,id', 'm:length,id', '-j.a,id', 'r.name,id', '-r.name,id', 'r.name:lower,id', 'rm.name,id', 'kids_via_row.y,id', '@rowid', '-@rowid', ' n , id ', 'n,,id', ',', '', '-', '+'].map((s) => sorted(s)),
    'sort faults': ['nope', 'h', 'r.nope', "'x'", '5', 'n desc', 'n;', 'n)', '(n)', '--n', '@nope', '@now', '@request.auth.id', '@collection.people.name', 'null', 'true', 't:nope', 'id,id,id,id,id,id,id,id', 'id,id,id,id,id,id,id,id,id', 'x'.repeat(256), 'collectionId', 'T', 'lower(t)', 'j', 'r', 'rm', '@rowid.x', 'geoDistance(1,2,3,4)', '@random.x'].map((s) => sorted(s)),
    'random sort counts': [list('rows', { sort: '@random', fields: 'nope' }), list('rows', { sort: '-@random', perPage: '1', fields: 'nope' })],
    'insertion order without sort': [list('rows', { fields: 'id' }), list('kids', { fields: 'y' })],
    page: [{}, { page: '1' }, { page: '2', perPage: '2' }, { page: '3', perPage: '2' }, { page: '4', perPage: '2' }, { page: '0' }, { page: '-1' }, { page: 'x' }, { page: '' }, { page: '1.5' }, { page: '99999999999999999999' }, { page: '+1' }, { page: ' 1' }, { page: '1e2' }, { perPage: '0' }, { perPage: '-5' }, { perPage: '1000' }, { perPage: '1001' }, { perPage: 'x' }, { perPage: '' }, { perPage: '99999999999999999999' }, { page: '9223372036854775807', perPage: '1000' }, { page: '2', perPage: '1000' }].map(page),
    skipTotal: ['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False', 'yes', 'tRUE', '', '2'].map((skipTotal) => page({ skipTotal, perPage: '2' })),
    'key order of a page': [list('rows', { sort: 'id' }, { keyOrder: true }), list('rows', { sort: 'id', expand: 'r' }, { keyOrder: true })],
    'doubled parameters': [get('/api/collections/rows/records?page=2&page=1&perPage=2&sort=id&fields=id'), get('/api/collections/rows/records?sort=id&sort=-id&fields=id'), get('/api/collections/rows/records?Page=2&perPage=2&sort=id&fields=id'), get('/api/collections/rows/records?filter=n%3D2&fields=id&sort=id'), get('/api/collections/rows/records?filter=%zz'), get('/api/collections/rows/records?;=&&a=b=c&sort=id&fields=id')],
    'pick fields': ['id', 'id,t', ' id , t ', 'nope', '*', '*,nope', 'id,id', '', ',', 'j', 'j.a', 'j.list', 'j.list.x', 'j.list.0.x', 'j.*', 'm', 'expand', 'expand.r', 'expand.r.name', 'expand.*', 'expand.r.*', 'expand.rm.name', '*,expand.r.name', 'expand.nope.x', 'h', 'items', 'items.id', 'ID', 'j.nope.deep', 'id.x', 't:lower', 'collectionName'].map((f) => fields(f, { expand: 'r,rm' })),
    excerpts: ['body:excerpt(5)', 'body:excerpt(5,true)', 'body:excerpt(5, true)', 'body:excerpt(100)', 'body:excerpt(0)', 'body:excerpt(-1)', 'body:excerpt()', 'body:excerpt', 'body:excerpt(x)', 'body:excerpt(5,x)', 'body:excerpt(5,true,1)', 'body:nope(5)', 'n:excerpt(1)', 'm:excerpt(1)', 'j:excerpt(3)', 'j.list.x:excerpt(1)', 'id,body:excerpt(8,true),t', 'body:excerpt(17,true)', 'body:excerpt(20,1)', '*:excerpt(3)', 'expand.r.name:excerpt(2,true)', 'body:excerpt(5', 'body:excerpt5)'].map((f) => fields(f, { expand: 'r' })),
    'fields on one record and elsewhere': [view('rows', id('r1'), { fields: 'id,j.a' }), view('rows', id('r1'), { fields: 'nope' }), get('/api/health', { query: { fields: 'code' } }), get('/api/collections/rows', { as: 'su', query: { fields: 'name,fields.name' } }), get('/api/settings', { as: 'su', query: { fields: 'meta.appName,batch.*' } }), get('/api/collections/nope/records', { query: { fields: 'status' } })],
  },
};
