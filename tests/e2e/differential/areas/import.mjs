// Importing collections: merging by id and name, deleting what is missing, and failing as a whole.
import { OPEN, collection, create, get, list, number, put, text, relation, view, id, json } from '../steps.mjs';

const su = { as: 'su' };
const load = (collections, deleteMissing) => put('/api/collections/import', { collections, ...(deleteMissing !== undefined && { deleteMissing }) }, su);
const names = get('/api/collections', { ...su, query: { filter: 'system = false', sort: 'name', fields: 'id,name,type,listRule,fields.name,indexes' } });

export default {
  setup: [
    collection({ name: 'one', ...OPEN, fields: [text('a', { id: 'fa' }), number('n', { id: 'fn' })] }, { save: { one: 'id', f0: 'fields.0' } }), collection({ name: 'two', ...OPEN, fields: [relation('r', '{{one}}', { id: 'fr' })] }, { save: { two: 'id' } }),
    create('one', { id: id('o1'), a: 'x', n: 1 }), create('two', { id: id('t1'), r: id('o1') }),
  ],
  scenarios: {
    'the same again': [get('/api/collections/two', { ...su, save: { whole: 'fields' } }), load([{ id: '{{two}}', name: 'two', fields: '{{whole}}' }]), view('two', id('t1'))],
    'faults': [load([]), put('/api/collections/import', {}, su), load('x'), load([1]), load([{ name: '' }]), load([{ name: 'bad name', type: 'base', fields: [] }]), load([{ name: 'x', type: 'nope' }]), load([{ name: 'ok_first', fields: [text('a')] }, { name: 'then bad', fields: [] }]), get('/api/collections/ok_first', su), load([{ name: 'badrule', fields: [text('a')], listRule: 'nope = 1' }]), load([{ id: '{{one}}', name: 'one', type: 'auth' }]), { method: 'PUT', path: '/api/collections/import', as: 'su', body: '{bad' }, names],
    'new collections': [load([{ name: 'fresh', type: 'base', fields: [text('a')], listRule: '' }, { name: 'freshview', type: 'view', viewQuery: 'SELECT id, a FROM fresh' }, { id: 'customid', name: 'withid', fields: [json('j')] }, { name: 'freshauth', type: 'auth' }]), names, get('/api/collections/freshauth', su)],
    'a view before its table': [load([{ name: 'laterview', type: 'view', viewQuery: 'SELECT id FROM later' }, { name: 'later', fields: [text('a')] }]), get('/api/collections/laterview', su)],
    'relations between new ones': [load([{ id: 'relsource000001', name: 'relsource', fields: [relation('r', 'reltarget000001')] }, { id: 'reltarget000001', name: 'reltarget', fields: [relation('back', 'relsource000001')] }]), names],
    'merging': [load([{ id: '{{one}}', name: 'one', fields: [text('added', { id: 'fadd' })] }]), get('/api/collections/one', su), view('one', id('o1')), load([{ name: 'one', listRule: null }]), load([{ id: '{{one}}', name: 'renamed', fields: [text('b', { id: 'fa' })] }]), view('renamed', id('o1')), load([{ id: '{{one}}', name: 'one', listRule: '', fields: ['{{f0}}', text('a', { id: 'fa' }), number('n', { id: 'fn' })] }], true), names],
    'system collections': [load([{ name: '_superusers', type: 'auth', listRule: '' }]), load([{ name: '_mfas', fields: [text('extra')] }]), get('/api/collections/_superusers', { ...su, query: { fields: 'listRule,fields.name' } })],
    'zz deleting what is missing': [load([{ name: 'only', fields: [text('a')] }], true), names, list('one', {}, su)],
  },
};
