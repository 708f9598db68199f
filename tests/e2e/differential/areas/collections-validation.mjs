// What a collection must not be: names, rules, fields, field options and indexes.
import { OPEN, collection, date, del, file, get, json, list, number, patch, password, relation, select, text, editor, url, email, autodate, create, bool, put } from '../steps.mjs';

const su = { as: 'su' };
const named = (name) => collection({ name, fields: [text('a')] });

// Every attempt has its own name, so that one accepted by mistake does not hide what the next is about.
let attempts = 0;
const attempt = (body) => {
  attempts += 1;
  const name = `attempt_${attempts}`;
  return collection({ name, ...body(name) });
};
const withFields = (...fields) => attempt(() => ({ fields }));
const withField = (field) => withFields(field);
const withIndex = (...indexes) => attempt((name) => ({ fields: [text('a'), text('b')], indexes: indexes.map((index) => index.replace('never', name)) }));
const withRule = (listRule) => attempt(() => ({ fields: [text('a'), number('n'), select('m', ['x', 'y'], { maxSelect: 2 })], listRule }));

export default {
  setup: [
    collection({ name: 'taken', ...OPEN, fields: [text('a')], indexes: ['CREATE INDEX idx_taken ON taken (a)'] }, { save: { taken: 'id', idField: 'fields.0' } }),
  ],
  scenarios: {
    'names': [
      named(''), named(' '), named('with space'), named('a-b'), named('ä'), named('a.b'), named("a'b"), named('a;drop table taken'), named('x'.repeat(255)), named('x'.repeat(256)),
      named('taken'), named('TAKEN'), named('a_via_b'), named('_hidden'), named('123'), named('sqlite_master'), named('_params'), named('_collections'), named('{{taken}}'),
      collection({ name: 5, fields: [text('a')] }), collection({ fields: [text('a')] }), collection({ name: null }),
    ],
    'types': [
      collection({ name: 'never', type: 'nope' }), collection({ name: 'never', type: '' }), collection({ name: 'never', type: 3 }),
      patch('/api/collections/taken', { type: 'auth' }, su), patch('/api/collections/taken', { type: 'view' }, su), patch('/api/collections/taken', { system: true }, su),
      patch('/api/collections/taken', { id: 'other' }, su), patch('/api/collections/taken', { id: '{{taken}}' }, su),
      collection({ name: 'never', id: '{{taken}}' }), collection({ name: 'never', id: 'a/b' }), collection({ name: 'never', id: 'x'.repeat(101) }),
    ],
    'rules that do not resolve': [
      withRule('nope = 1'), withRule('a ='), withRule('a'), withRule('('), withRule("a = 'x"), withRule('a = 1 &&'), withRule('a == 1'), withRule('a = 1 AND n = 2'),
      withRule('a.b = 1'), withRule('@collection.nope.a = 1'), withRule('@collection.taken.nope = 1'), withRule('@request.nope = 1'), withRule('@request.auth.nope = 1'),
      withRule('a:nope = 1'), withRule('m:each = 1 && m:length > 2'), withRule('@request.body.a:each = 1'), withRule('nope(a) = 1'), withRule('geoDistance(1,2,3) < 5'),
      withRule('taken_via_a.a = 1'), withRule('@now > 5'), withRule('@nope > 5'), withRule('//only a comment'), withRule(' '),
    ],
    'rules that resolve': ["a = 'x' // why", '@request.auth.id != ""', '@request.body.whatever = 1', '@request.query.x = @request.headers.y', '@collection.taken.a ?= a', "m:each ~ 'x'", 'm:length > 1', 'a:lower = "x"', '@request.auth.collectionName = "users"', 'strftime("%Y", a) = "2024"', '@request.body.a:isset = true', '@request.body.a:changed = false', '((a = 1) || (n > 2 && n < 5))', 'a = null || a = true || a = FALSE'].map((rule, i) =>
      collection({ name: `rule_ok_${i}`, fields: [text('a'), number('n'), select('m', ['x', 'y'], { maxSelect: 2 })], updateRule: rule }),
    ),
    'field names': [
      withField(text('')), withField(text('with space')), withField(text('null')), withField(text('TRUE')), withField(text('_rowid_')), withField(text('expand')), withField(text('collectionId')),
      withField(text('collectionName')), withField(text('a_via_b')), withField(text('x'.repeat(101))), withField(text("a'b")), withField({ type: 'text' }), withField({ name: 'a' }), withField({ name: 'a', type: 'nope' }),
      withFields(text('a'), text('a')), withFields(text('a'), text('A')), withFields(text('a', { id: 'same' }), text('b', { id: 'same' })), withField(number('id')), withField(text('id')),
      withField(text('a', { help: 'x'.repeat(301) })), withField(text('a', { id: 'x'.repeat(101) })), collection({ name: 'fields_text', fields: 'nope' }), collection({ name: 'fields_number', fields: [1] }),
    ],
    'text options': [
      withField(text('a', { min: -1 })), withField(text('a', { min: 5, max: 2 })), withField(text('a', { pattern: '[' })), withField(text('a', { pattern: '(?=x)' })), withField(text('a', { max: 9007199254740993 })),
      withField(text('a', { autogeneratePattern: '[' })), withField(text('a', { autogeneratePattern: '[a-z]{3}', min: 5 })), withField(text('a', { primaryKey: true })), withField(text('a', { min: 'x' })), withField(text('a', { min: 1.5 })),
    ],
    'number options': [withField(number('a', { min: 5, max: 2 })), withField(number('a', { min: 1.5, onlyInt: true })), withField(number('a', { min: 'x' })), withField(number('a', { max: null, min: null }))],
    'select options': [
      withField({ name: 'a', type: 'select' }), withField(select('a', [])), withField(select('a', ['x', 'x'])), withField(select('a', ['x'], { maxSelect: 2 })), withField(select('a', ['x'], { maxSelect: -1 })), withField(select('a', [''])), withField(select('a', 'x')), withField(select('a', [1, 2])),
    ],
    'relation options': [
      withField(relation('a', '')), withField(relation('a', 'nope')), withField(relation('a', '{{taken}}', { minSelect: 3, maxSelect: 2 })), withField(relation('a', '{{taken}}', { minSelect: -1 })), withField(relation('a', 'taken')),
      collection({ name: 'rel_fixed', fields: [relation('r', '{{taken}}', { id: 'fr' })] }, { save: { f0: 'fields.0', rel_fixed: 'id' } }),
      patch('/api/collections/rel_fixed', { fields: ['{{f0}}', relation('r', '{{rel_fixed}}', { id: 'fr' })] }, su),
    ],
    'file options': [
      withField(file('a', { maxSelect: -1 })), withField(file('a', { thumbs: ['nope'] })), withField(file('a', { thumbs: ['100x100', '0x0', '50x0', '0x50f', '1x1t'] })), withField(file('a', { maxSize: -5 })), withField(file('a', { mimeTypes: ['image/png'], maxSize: 10 })),
    ],
    'date, json, editor, password, mail and url options': [
      withField(date('a', { min: 'nope' })), withField(date('a', { min: '2024-01-01 00:00:00.000Z', max: '2023-01-01 00:00:00.000Z' })), withField(json('a', { maxSize: -1 })), withField(editor('a', { maxSize: -1 })),
      withField(password('a', { min: 80 })), withField(password('a', { max: 100 })), withField(password('a', { cost: 99 })), withField(password('a', { pattern: '[' })),
      withField(email('a', { exceptDomains: ['a.com'], onlyDomains: ['b.com'] })), withField(email('a', { onlyDomains: ['not a domain'] })), withField(url('a', { exceptDomains: ['a.com'], onlyDomains: ['b.com'] })),
      withField(autodate('a')),
    ],
    'several faults in one answer': [
      collection({ name: 'bad name', listRule: 'nope', fields: [text('null'), text('a', { pattern: '[' }), autodate('x'), number('n', { min: 2, max: 1 }), select('s', ['a'], { maxSelect: 9 }), file('f', { thumbs: ['x'] })], indexes: ['nope'] }),
    ],
    'indexes': [
      withIndex('CREATE INDEX i0 ON never (a)'), withIndex('nope'), withIndex(''), withIndex('CREATE INDEX'), withIndex('CREATE INDEX i1 ON never (nope)'), withIndex('CREATE INDEX i1 ON other (a)'), withIndex('CREATE INDEX i1 ON never (a)', 'CREATE INDEX i1 ON never (b)'),
      withIndex('CREATE INDEX i1 ON never (a)', 'CREATE INDEX i2 ON never (a)'), withIndex('CREATE INDEX idx_taken ON never (a)'), withIndex('CREATE INDEX i1 ON never (a); DROP TABLE taken'), withIndex('DROP TABLE taken'),
      get('/api/collections/taken', su),
      collection({ name: 'indexed', fields: [text('a'), text('b')], indexes: ['create  unique index if not exists `idx_1` on `indexed` (`a` COLLATE NOCASE, `b` desc) where a != \'\'', 'CREATE INDEX idx_2 ON indexed (lower(a))'] }),
      patch('/api/collections/indexed', { indexes: ['CREATE INDEX idx_3 ON indexed (b)'] }, su),
      patch('/api/collections/indexed', { indexes: ['CREATE INDEX idx_3 ON wrongtable (b)'] }, su),
    ],
    'a unique index over doubled data changes nothing': [
      collection({ name: 'doubled', ...OPEN, fields: [text('a')] }),
      create('doubled', { a: 'x' }), create('doubled', { a: 'x' }),
      patch('/api/collections/doubled', { name: 'doubled_new', listRule: null, indexes: ['CREATE UNIQUE INDEX idx_d ON doubled (a)'] }, su),
      get('/api/collections/doubled', su), get('/api/collections/doubled_new', su),
      list('doubled', { fields: 'a' }),
    ],
    'dropping an indexed field': [
      collection({ name: 'dropped', fields: [text('a', { id: 'fa' }), text('b', { id: 'fb' })], indexes: ['CREATE INDEX idx_dr ON dropped (a)'] }, { save: { f0: 'fields.0' } }),
      patch('/api/collections/dropped', { fields: ['{{f0}}', text('b', { id: 'fb' })] }, su),
      get('/api/collections/dropped', su),
    ],
    'dropping a field a rule uses': [
      collection({ name: 'ruled', listRule: "a = 'x'", fields: [text('a', { id: 'fa' }), text('b', { id: 'fb' })] }, { save: { f0: 'fields.0' } }),
      patch('/api/collections/ruled', { fields: ['{{f0}}', text('b', { id: 'fb' })] }, su),
      patch('/api/collections/ruled', { fields: ['{{f0}}', text('b', { id: 'fb' })], listRule: "b = 'x'" }, su),
    ],
    'changing a field type': [
      collection({ name: 'typed', fields: [text('a', { id: 'fa' })] }, { save: { f0: 'fields.0' } }),
      patch('/api/collections/typed', { fields: ['{{f0}}', number('a', { id: 'fa' })] }, su),
      patch('/api/collections/typed', { fields: ['{{f0}}', bool('a')] }, su),
    ],
    'changing the id field': [
      collection({ name: 'own_id', ...OPEN, fields: [{ name: 'id', type: 'text', primaryKey: true, system: true, required: true, min: 3, max: 30, pattern: '^[a-z-]+$', autogeneratePattern: '[a-z]{20}' }, text('a')] }, { save: { f0: 'fields.0' } }),
      create('own_id', { id: 'my-own-id', a: 'x' }), create('own_id', { id: 'A', a: 'x' }), create('own_id', { id: 'my-own-id' }), create('own_id', { id: 'my own id' }),
      collection({ name: 'bad_id', fields: [{ name: 'id', type: 'text', primaryKey: true, system: true, required: false }] }),
      collection({ name: 'bad_id', fields: [{ name: 'id', type: 'number', primaryKey: true, system: true, required: true }] }),
      collection({ name: 'bad_id', fields: [{ name: 'id', type: 'text', primaryKey: true, system: true, required: true, hidden: true }] }),
    ],
    'malformed collection bodies': [
      { method: 'POST', path: '/api/collections', as: 'su', body: '{bad' }, { method: 'POST', path: '/api/collections', as: 'su', body: '[]' }, { method: 'POST', path: '/api/collections', as: 'su', body: '"x"' }, { method: 'POST', path: '/api/collections', as: 'su' },
      { method: 'PATCH', path: '/api/collections/taken', as: 'su', body: '{"fields":' }, { method: 'PATCH', path: '/api/collections/nope', as: 'su', json: { name: 'x' } }, del('/api/collections/nope', su),
      put('/api/collections/import', { collections: 'x' }, su),
    ],
  },
};
