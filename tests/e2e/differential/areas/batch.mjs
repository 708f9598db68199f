// The batch endpoint: every action, upserts, faults and their indexes, rollback, files, rules and switches.
import { OPEN, PNG, collection, create, file, get, list, login, number, patch, post, text, view, id } from '../steps.mjs';

const su = { as: 'su' };
const R = '/api/collections/items/records';
const batch = (requests, more) => post('/api/batch', { requests }, more);
const c = (body, more = {}) => ({ method: 'POST', url: R, body, ...more });
const all = list('items', { sort: 't', fields: 'id,t,n' });

export default {
  setup: [
    patch('/api/settings', { batch: { enabled: true, maxRequests: 10, timeout: 10 } }, su),
    collection({ name: 'items', ...OPEN, fields: [text('t', { required: true }), number('n'), file('f'), file('fm', { maxSelect: 3 })], indexes: ['CREATE UNIQUE INDEX idx_items ON items (t)'] }),
    collection({ name: 'ruled', createRule: "@request.auth.id != '' && @request.context = 'batch'", listRule: '', viewRule: '', fields: [text('t')] }), collection({ name: 'locked', fields: [text('t')] }),
    collection({ name: 'users2', type: 'auth', ...OPEN }), create('users2', { id: id('ann'), email: 'ann@example.com', password: '12345678', passwordConfirm: '12345678' }, su), login('ann', 'users2', 'ann@example.com', '12345678'),
    create('items', { id: id('i1'), t: 'one', n: 1 }),
  ],
  scenarios: {
    'every action': [batch([c({ id: id('b1'), t: 'b1' }), { method: 'PATCH', url: `${R}/${id('b1')}`, body: { n: 5 } }, { method: 'PUT', url: R, body: { id: id('b1'), 'n+': 2 } }, { method: 'PUT', url: R, body: { id: id('b2'), t: 'b2' } }, { method: 'PUT', url: R, body: { t: 'b3' } }, { method: 'DELETE', url: `${R}/${id('b2')}` }], { keyOrder: true }), list('items', { sort: 't', fields: 't,n' })],
    'queries per request': [batch([c({ t: 'q1' }, { url: `${R}?fields=t` }), c({ t: 'q2' }, { url: `${R}?expand=nope&fields=t,expand` }), c({ t: 'q3' }, { url: `${R}?fields=t:nope(1)` })]), batch([c({ t: 'q4' }, { url: `${R}?fields=t` })])],
    'rolled back': [batch([c({ id: id('x1'), t: 'x1' }), c({ t: 'one' })]), view('items', id('x1')), batch([c({ id: id('x1'), t: 'x1' }), c({}), c({})]), batch([{ method: 'DELETE', url: `${R}/${id('i1')}` }, c({ t: '' })]), view('items', id('i1')), batch([{ method: 'PATCH', url: `${R}/${id('i1')}`, body: { t: 'moved' } }, { method: 'PATCH', url: `${R}/nope`, body: {} }]), view('items', id('i1')), batch([c({ id: id('x2'), t: 'x2' }), c({ id: id('x2'), t: 'x3' })]), all],
    'unknown actions': [{ method: 'GET', url: R }, { method: 'POST', url: '/api/health' }, { method: 'POST', url: '/api/collections/nope/records', body: {} }, { method: 'DELETE', url: R }, { method: 'PATCH', url: R, body: {} }, { method: 'POST', url: `${R}/x`, body: {} }, { method: '', url: R }, { method: 'POST', url: '' }, { method: 'post', url: R, body: { t: 'lower' } }, { method: 'POST', url: 'api/collections/items/records', body: { t: 'noslash' } }, { method: 'POST', url: `http://x.co${R}`, body: { t: 'host' } }, { method: 'POST', url: '/api/batch', body: { requests: [] } }, { method: 'POST', url: '/api/collections/_superusers/records', body: { email: 'x@example.com', password: 'password1', passwordConfirm: 'password1' } }, { method: 'POST', url: '/api/collections/items/records/', body: { t: 'slash' } }].map((r) => batch([c({ t: `before ${r.method} ${r.url}` }), r])),
    'shape of the request': [post('/api/batch', {}), batch([]), batch('x'), batch([1]), batch([null]), post('/api/batch', []), post('/api/batch', undefined), { method: 'POST', path: '/api/batch', body: '{bad' }, batch(Array.from({ length: 11 }, (_, i) => c({ t: `many ${i}` }))), batch(Array.from({ length: 10 }, (_, i) => c({ t: `ten ${i}` }, { url: `${R}?fields=t` }))), get('/api/batch'), batch([c('text')]), batch([c([])]), batch([{ method: 'POST', url: R }])],
    'rules': [batch([{ method: 'POST', url: '/api/collections/ruled/records', body: { t: 'x' } }]), batch([{ method: 'POST', url: '/api/collections/ruled/records', body: { t: 'x' } }], { as: 'ann' }), create('ruled', { t: 'x' }, { as: 'ann' }), batch([{ method: 'POST', url: '/api/collections/ruled/records', body: { t: 'x' }, headers: { authorization: '{{token:ann}}' } }]), batch([{ method: 'POST', url: '/api/collections/locked/records', body: { t: 'x' } }], { as: 'ann' }), batch([{ method: 'POST', url: '/api/collections/locked/records', body: { t: 'x' } }], su), list('ruled', { fields: 't' })],
    'later requests see earlier ones': [batch([c({ id: id('s1'), t: 's1', n: 1 }), { method: 'PATCH', url: `${R}/${id('s1')}`, body: { 'n+': 1 } }, { method: 'PATCH', url: `${R}/${id('s1')}`, body: { 'n+': 1 } }]), batch([{ method: 'DELETE', url: `${R}/${id('s1')}` }, c({ id: id('s1'), t: 's1' })]), batch([{ method: 'DELETE', url: `${R}/${id('s1')}` }, { method: 'PATCH', url: `${R}/${id('s1')}`, body: {} }]), view('items', id('s1'))],
    'multipart': [{ method: 'POST', path: '/api/batch', form: [['@jsonPayload', JSON.stringify({ requests: [c({ t: 'm1' }), { method: 'PATCH', url: `${R}/${id('i1')}`, body: { n: 3 } }] })], ['requests.0.n', '7']] }, { method: 'POST', path: '/api/batch', form: [['@jsonPayload', '{bad']] }, { method: 'POST', path: '/api/batch', form: [['@jsonPayload', JSON.stringify({ requests: [{ method: 'POST', url: R, body: {} }] })], ['requests.0.f', { file: PNG, name: 'a.png' }]] }],
    'switched off': [patch('/api/settings', { batch: { enabled: false } }, su), batch([c({ t: 'off' })]), batch([c({ t: 'off' })], su), patch('/api/settings', { batch: { enabled: true } }, su)],
  },
};
