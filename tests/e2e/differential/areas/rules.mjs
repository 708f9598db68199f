// API rules seen by a guest, two users and a superuser: @request.*, @collection.*, modifiers, back-relations, writes.
import { bool, collection, create, file, list, login, number, relation, remove, select, text, update, view, id, patch, get, json } from '../steps.mjs';

const su = { as: 'su' };
const WHO = ['guest', 'ann', 'bob', 'su'];
const everyone = (make) => WHO.map((as) => make({ as }));
/** A collection with three rows whose read rules are one text, asked by everyone. */
let ruled = 0;
const reads = (rule, more = {}) => {
  ruled += 1;
  const name = `read_${ruled}`;
  return [
    collection({ name, listRule: rule, viewRule: rule, fields: [text('t'), number('n'), select('m', ['a', 'b'], { maxSelect: 2 }), relation('owner', '{{users2}}'), relation('members', '{{users2}}', { maxSelect: 5 }), relation('team', '{{teams}}')] }),
    create(name, { id: id('x1'), t: 'one', n: 1, m: ['a'], owner: '{{annId}}', members: ['{{annId}}', '{{bobId}}'], team: id('t1') }, su), create(name, { id: id('x2'), t: 'two', n: 2, m: ['a', 'b'], owner: '{{bobId}}', members: ['{{bobId}}'], team: id('t2') }, su), create(name, { id: id('x3'), t: '' }, su),
    ...everyone((as) => list(name, { sort: 'id', fields: 'id,totalItems', ...more.query }, { ...as, headers: more.headers })), ...everyone((as) => view(name, id('x1'), { fields: 'id', ...more.query }, { ...as, headers: more.headers })),
  ];
};
/** A collection whose create rule is one text; the bodies are sent by everyone. */
const writes = (rule, bodies) => {
  ruled += 1;
  const name = `write_${ruled}`;
  return [collection({ name, createRule: rule, viewRule: '', fields: [text('t', { autogeneratePattern: '[x]{4}' }), number('n'), select('m', ['a', 'b', 'c'], { maxSelect: 3 }), json('j'), bool('b'), relation('owner', '{{users2}}'), relation('teams', '{{teams}}', { maxSelect: 3 }), text('h', { hidden: true }), file('f')] }), ...bodies.flatMap((body) => everyone((as) => create(name, body, as)))];
};
const updates = (rule, bodies, who = ['guest', 'ann']) => {
  ruled += 1;
  const name = `update_${ruled}`;
  const row = id(`row${ruled}`);
  return [collection({ name, updateRule: rule, fields: [text('t'), number('n'), select('m', ['a', 'b', 'c'], { maxSelect: 3 }), relation('owner', '{{users2}}'), json('j')] }), create(name, { id: row, t: 'one', n: 5, m: ['a'], owner: '{{annId}}', j: { a: 1 } }, su), ...bodies.flatMap((body) => who.map((as) => update(name, row, body, { as, query: { fields: 't,n,m,status,message,data' } })))];
};

export default {
  setup: [
    collection({ name: 'users2', type: 'auth', listRule: '', viewRule: '', fields: [text('name'), text('role'), number('level'), text('h', { hidden: true })] }, { save: { users2: 'id', uf: 'fields' } }),
    collection({ name: 'teams', listRule: '', viewRule: '', fields: [text('name'), relation('lead', '{{users2}}'), relation('people', '{{users2}}', { maxSelect: 9 }), bool('open')] }, { save: { teams: 'id' } }),
    create('users2', { id: id('ann'), email: 'ann@example.com', password: '12345678', passwordConfirm: '12345678', name: 'Ann', role: 'editor', level: 2, h: 'x' }, su), create('users2', { id: id('bob'), email: 'bob@example.com', password: '12345678', passwordConfirm: '12345678', name: 'Bob', role: 'reader', level: 1 }, su),
    login('ann', 'users2', 'ann@example.com', '12345678'), login('bob', 'users2', 'bob@example.com', '12345678'),
    create('teams', { id: id('t1'), name: 'Red', lead: id('ann'), people: [id('ann'), id('bob')], open: true }, su), create('teams', { id: id('t2'), name: 'Blue', lead: id('bob'), people: [id('bob')] }, su),
    collection({ name: 'grants', fields: [text('what'), relation('who', '{{users2}}')] }), create('grants', { what: 'one', who: id('ann') }, su), create('grants', { what: 'two', who: id('bob') }, su), create('grants', { what: 'two', who: id('ann') }, su),
  ],
  scenarios: {
    'locked, open and signed in': [...reads(null), ...reads(''), ...reads("@request.auth.id != ''"), ...reads("@request.auth.id = ''")],
    'own rows': [...reads('owner = @request.auth.id'), ...reads('owner.id = @request.auth.id'), ...reads('@request.auth.id = owner'), ...reads('owner != @request.auth.id'), ...reads("owner = @request.auth.id && @request.auth.id != ''")],
    'membership': [...reads('members = @request.auth.id'), ...reads('members ?= @request.auth.id'), ...reads('members.id ?= @request.auth.id'), ...reads('members ~ @request.auth.id'), ...reads('members:each ?= @request.auth.id'), ...reads('team.people.id ?= @request.auth.id'), ...reads('team.lead = @request.auth.id || team.open = true')],
    'about the caller': [...reads("@request.auth.role = 'editor'"), ...reads("@request.auth.role:lower = 'editor'"), ...reads('@request.auth.level > n'), ...reads('@request.auth.verified = true'), ...reads("@request.auth.email ~ 'ann'"), ...reads("@request.auth.h = 'x'"), ...reads("@request.auth.collectionName = 'users2'"), ...reads("@request.auth.collectionId != ''"), ...reads("@request.auth.teams_via_people.name ?= 'Red'"), ...reads('@request.auth.teams_via_lead.id ?= team'), ...reads("@request.auth.grants_via_who.what ?= t")],
    'about the request': [...reads("@request.method = 'GET'"), ...reads("@request.context = 'default'"), ...reads("@request.query.key = 'open'", { query: { key: 'open' } }), ...reads('@request.query.key:isset = true'), ...reads("@request.headers.x_key = 'open'", { headers: { 'X-Key': 'open' } }), ...reads('@request.headers.x_key:isset = false'), ...reads("@request.body.any = ''"), ...reads('@request.query.min < n', { query: { min: '1' } })],
    'other collections': [...reads("@collection.grants.who ?= @request.auth.id && @collection.grants.what ?= t"), ...reads("@collection.grants:a.who ?= @request.auth.id && @collection.grants:b.what ?= 'nope'"), ...reads('@collection.grants.who = @request.auth.id'), ...reads("@collection.teams.lead ?= @request.auth.id && @collection.teams.name ?= 'Blue'"), ...reads('@collection.users2.id ?= owner')],
    'values and functions': [...reads("t != '' && n < 2"), ...reads('m:length = 2'), ...reads("m:each ?= 'b'"), ...reads("t:lower = 'one'"), ...reads("strftime('%Y', @now) > '2000'"), ...reads("@todayStart < @now"), ...reads('true = true'), ...reads('n = 1 // comment')],
    'create: who and what': [...writes("@request.auth.id != ''", [{ t: 'x' }]), ...writes('owner = @request.auth.id', [{ owner: '{{annId}}' }, { owner: '' }, {}]), ...writes('@request.body.owner = @request.auth.id', [{ owner: '{{annId}}' }, {}]), ...writes(null, [{ t: 'x' }])],
    'create: submitted data': [...writes('@request.body.t:isset = true', [{ t: 'x' }, { n: 1 }, { t: '' }, { t: null }]), ...writes('@request.body.n > 5', [{ n: 6 }, { n: 5 }, { n: '7' }, {}]), ...writes('@request.body.m:length = 2', [{ m: ['a', 'b'] }, { m: ['a'] }, { 'm+': ['a', 'b'] }]), ...writes("@request.body.m:each != 'c'", [{ m: ['a', 'b'] }, { m: ['a', 'c'] }, {}]), ...writes("@request.body.t:lower = 'abc'", [{ t: 'ABC' }, { t: 'x' }]), ...writes('@request.body.teams.open = true', [{ teams: [id('t1')] }, { teams: [id('t1'), id('t2')] }, {}]), ...writes("@request.body.owner.name = 'Ann'", [{ owner: '{{annId}}' }, { owner: '{{bobId}}' }]), ...writes('@request.body.j.a = 1', [{ j: { a: 1 } }, { j: { a: 2 } }, { j: '{"a":1}' }]), ...writes('@request.body.nope:isset = false', [{ nope: 1 }, {}]), ...writes('@request.body.h:isset = false', [{ h: 'x' }, {}])],
    'create: the row to be': [...writes("t = 'x' && n >= 0 && b = false", [{ t: 'x' }, { t: 'y' }, { t: 'x', n: -1 }]), ...writes("t = ''", [{}, { t: 'x' }]), ...writes('m:length > 1', [{ m: ['a', 'b'] }, { m: 'a' }]), ...writes("owner.role = 'editor'", [{ owner: '{{annId}}' }, { owner: '{{bobId}}' }]), ...writes("teams.open ?= true", [{ teams: [id('t1'), id('t2')] }, { teams: [id('t2')] }]), ...writes("id = 'sentid000000000'", [{ id: 'sentid000000000' }]), ...writes("@collection.grants.who ?= @request.auth.id && @collection.grants.what ?= t", [{ t: 'one' }, { t: 'two' }])],
    'a failing create rule hides field faults': [...writes("@request.auth.id != ''", [{ n: 'x', m: ['z'], owner: 'nope' }])],
    'update: changed and set': [...updates('@request.body.n:changed = false', [{ t: 'a' }, { n: 5 }, { n: 6 }, { 'n+': 0 }, { 'n+': 1 }]), ...updates('@request.body.t:isset = false', [{ n: 1 }, { t: 'one' }]), ...updates("@request.body.m:isset = true", [{ 'm+': 'b' }, { m: [] }, {}]), ...updates('@request.body.j:changed = true', [{ j: { a: 1 } }, { j: { a: 2 } }]), ...updates('@request.body.owner:changed = false', [{ owner: '{{annId}}' }, { owner: '{{bobId}}' }]), ...updates('@request.body.m:changed = true', [{ m: ['a'] }, { m: ['a', 'b'] }, { 'm-': 'a' }])],
    'update: stored against new': [...updates("t = 'one'", [{ t: 'two' }, { t: 'three' }]), ...updates('@request.body.n > n', [{ n: 6 }, { n: 6 }, { 'n+': 1 }]), ...updates('owner = @request.auth.id', [{ n: 9 }, { owner: '' }, { n: 10 }]), ...updates(null, [{ n: 1 }], WHO), ...updates('@request.body.t != t', [{ t: 'one' }, { t: 'new' }, {}])],
    'delete': [collection({ name: 'dels', viewRule: '', deleteRule: "owner = @request.auth.id && @request.method = 'DELETE'", fields: [relation('owner', '{{users2}}')] }), create('dels', { id: id('d1'), owner: '{{annId}}' }, su), create('dels', { id: id('d2'), owner: '{{bobId}}' }, su), remove('dels', id('d1')), remove('dels', id('d1'), { as: 'bob' }), remove('dels', id('d1'), { as: 'ann' }), remove('dels', id('d2'), su), view('dels', id('d1'))],
    'different rules per action': [collection({ name: 'mixed', listRule: '', viewRule: null, createRule: '', updateRule: null, deleteRule: null, fields: [text('t')] }), create('mixed', { id: id('m1'), t: 'x' }), list('mixed'), view('mixed', id('m1')), update('mixed', id('m1'), { t: 'y' }), remove('mixed', id('m1')), view('mixed', id('m1'), {}, { as: 'ann' })],
    'a rule broken later': [collection({ name: 'rb_other', fields: [text('a', { id: 'fa' })] }, { save: { f0: 'fields.0' } }), collection({ name: 'rb', listRule: '@collection.rb_other.a ?= t', viewRule: '@collection.rb_other.a ?= t', createRule: '@collection.rb_other.a ?= t', updateRule: '@collection.rb_other.a ?= t', deleteRule: '@collection.rb_other.a ?= t', fields: [text('t')] }), create('rb', { id: id('b1'), t: 'x' }, su), patch('/api/collections/rb_other', { fields: ['{{f0}}'] }, su), list('rb'), view('rb', id('b1')), create('rb', { t: 'x' }), update('rb', id('b1'), { t: 'z' }), remove('rb', id('b1')), list('rb', {}, su), get('/api/collections/rb', su)],
    'a rule with its own filter': [collection({ name: 'both', listRule: "t = 'a' || t = 'b'", fields: [text('t'), number('n')] }), create('both', { t: 'a', n: 1 }, su), create('both', { t: 'b', n: 2 }, su), create('both', { t: 'c', n: 1 }, su), list('both', { filter: 'n = 1', fields: 't' }), list('both', { filter: "n = 1 || t = 'c'", fields: 't', sort: 't' }), list('both', { filter: "t = 'c'", fields: 't' }), list('both', { filter: "n = 1 || t = 'c'", fields: 't', sort: 't' }, su)],
  },
};
