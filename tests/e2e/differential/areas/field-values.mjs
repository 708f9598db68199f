// What each field type makes of every kind of value, one table per type.
import { OPEN, bool, collection, create, date, editor, email, geo, json, list, number, password, select, text, url, values, relation, id, update, autodate, view } from '../steps.mjs';

/** Values of every JSON type, sent to each field. */
const ANY = [null, '', 'x', ' x ', '5', '5.5', '-3', '1e3', 'true', 'false', 'null', 0, 1, -1, 5.5, 1e21, 123456789012345680000, 0.1, true, false, [], ['a'], ['a', 'b'], [1, 2], {}, { a: 1 }, [[]], '[]', '["a"]', '{"a":1}', '"q"', 'ä😀', '\u0000', "o'clock"];

const table = (name, field, more = []) => [collection({ name, ...OPEN, fields: [field] }), ...values(name, 'f', [...ANY, ...more]), create(name, {}), list(name, { perPage: '200', fields: 'f' })];

export default {
  setup: [
    collection({ name: 'target', ...OPEN, fields: [text('name')] }, { save: { target: 'id' } }),
    create('target', { id: id('t1') }), create('target', { id: id('t2') }), create('target', { id: id('t3') }),
  ],
  scenarios: {
    text: table('v_text', text('f'), ['x'.repeat(5000), 'x'.repeat(5001), 'line\nbreak\ttab', '<b>html</b>']),
    'text with limits': [collection({ name: 'v_text2', ...OPEN, fields: [text('f', { min: 2, max: 4, pattern: '^[a-zä]+$' })] }), ...values('v_text2', 'f', ['', 'a', 'ab', 'abcd', 'abcde', 'ABC', 'ää', '😀😀', null, 12])],
    'text required': [collection({ name: 'v_text3', ...OPEN, fields: [text('f', { required: true })] }), ...values('v_text3', 'f', ['', ' ', null, '0', 0, false]), create('v_text3', {})],
    'text generated': [collection({ name: 'v_text4', ...OPEN, fields: [text('f', { autogeneratePattern: 'fix-[a]{3}' })] }), create('v_text4', {}), ...values('v_text4', 'f', ['own', '', null]), create('v_text4', { 'f:autogenerate': 'pre-' })],
    number: table('v_number', number('f'), ['0x10', '١', 'Infinity', 'NaN', '1,5', 9007199254740993, -0, 1e-7, 1e308]),
    'number with limits': [collection({ name: 'v_number2', ...OPEN, fields: [number('f', { min: 2, max: 10, onlyInt: true })] }), ...values('v_number2', 'f', [0, 1, 2, 10, 11, 5.5, '7', '7.5', -1, null])],
    'number required': [collection({ name: 'v_number3', ...OPEN, fields: [number('f', { required: true, min: -5 })] }), ...values('v_number3', 'f', [0, '', null, -5, -6, 1])],
    bool: table('v_bool', bool('f'), ['1', '0', 't', 'T', 'TRUE', 'True', 'yes', 'on', 2]),
    'bool required': [collection({ name: 'v_bool2', ...OPEN, fields: [bool('f', { required: true })] }), ...values('v_bool2', 'f', [true, false, null, 'true'])],
    email: table('v_email', email('f'), ['a@b.co', 'A@B.CO', 'a@b', 'a b@c.co', 'ü@example.com', 'a@exämple.com', 'a@b.co ', 'Name <a@b.co>', '"q"@b.co', 'a@127.0.0.1', `${'a'.repeat(64)}@example.com`, `${'a'.repeat(250)}@example.com`]),
    'email domains': [
      collection({ name: 'v_email2', ...OPEN, fields: [email('f', { onlyDomains: ['good.com'] }), email('g', { exceptDomains: ['bad.com'] })] }),
      ...values('v_email2', 'f', ['a@good.com', 'a@sub.good.com', 'a@bad.com', 'a@GOOD.com']), ...values('v_email2', 'g', ['a@good.com', 'a@bad.com', 'a@sub.bad.com']),
    ],
    url: table('v_url', url('f'), ['http://a.co', 'https://a.co/x?y=1#z', 'ftp://a.co', 'a.co', 'http://', 'http://localhost', 'http://localhost:8090/x', 'javascript:alert(1)', 'http://a b.co', 'mailto:a@b.co', '//a.co', 'http://ä.de', 'http://127.0.0.1', 'HTTP://A.CO', 'http://user:pw@a.co', 'http://a.co:99999']),
    'url domains': [collection({ name: 'v_url2', ...OPEN, fields: [url('f', { onlyDomains: ['good.com'] }), url('g', { exceptDomains: ['bad.com'] })] }), ...values('v_url2', 'f', ['http://good.com', 'http://sub.good.com', 'http://bad.com']), ...values('v_url2', 'g', ['http://good.com/x', 'http://bad.com/x', 'http://bad.com:80'])],
    editor: table('v_editor', editor('f'), ['<p>a</p>', '<script>alert(1)</script>']),
    'editor size': [collection({ name: 'v_editor2', ...OPEN, fields: [editor('f', { maxSize: 5 })] }), ...values('v_editor2', 'f', ['12345', '123456', 'äää'])],
    date: table('v_date', date('f'), ['2024-01-02', '2024-01-02 03:04', '2024-01-02 03:04:05', '2024-01-02 03:04:05.123Z', '2024-01-02T03:04:05Z', '2024-01-02T03:04:05.123456Z', '2024-01-02T03:04:05+02:00', '2024-01-02 03:04:05 +0200', '2024-13-01', '2024-02-30', 'Jan 2, 2024', '2 Jan 2024', 'Tue, 02 Jan 2024 03:04:05 GMT', '02/01/2024', '1700000000', 1700000000, '0001-01-01 00:00:00.000Z', '9999-12-31 23:59:59.999Z', '2024-01-02T24:00:00Z', '2024', '20240102', '03:04:05', 'now', '2024-01-02 3:04PM', '2024-1-2']),
    'date limits': [collection({ name: 'v_date2', ...OPEN, fields: [date('f', { min: '2024-01-01 00:00:00.000Z', max: '2024-12-31 00:00:00.000Z', required: true })] }), ...values('v_date2', 'f', ['2023-12-31', '2024-01-01', '2024-06-01', '2024-12-31 00:00:00.000Z', '2024-12-31 00:00:00.001Z', ''])],
    autodate: [collection({ name: 'v_auto', ...OPEN, fields: [autodate('f', { onCreate: true })] }), ...values('v_auto', 'f', ['2020-01-01 00:00:00.000Z', '', null, 5])],
    'select single': table('v_select', select('f', ['a', 'b', 'c', '5', 'true', 'null']), [['b', 'a', 'b'], 'A', ['a', 'z'], ['z', 'a']]),
    'select multiple': table('v_select2', select('f', ['a', 'b', 'c', '5', '1', '2'], { maxSelect: 2 }), [['b', 'a'], ['a', 'b', 'c'], ['a', 'a', 'b'], ['a', 'z'], ['', 'a'], [null, 'a'], 'a,b', [['a']], { 0: 'a' }]),
    'select required': [collection({ name: 'v_select3', ...OPEN, fields: [select('f', ['a', 'b'], { required: true, maxSelect: 2 })] }), ...values('v_select3', 'f', [[], '', null, ['a'], 'b'])],
    json: table('v_json', json('f'), ['{bad', '[1,', '12abc', '-', '-5', 'nul', ' {"a":1} ', { a: { b: [1, null, 'x', 1.5, true] } }, { z: 1, a: 2, m: { y: 1, b: 2 } }, [1.0, 1e2, 12345678901234567890], 'a "quoted" text']),
    'json required and size': [collection({ name: 'v_json2', ...OPEN, fields: [json('f', { required: true, maxSize: 10 })] }), ...values('v_json2', 'f', [null, '', [], {}, '""', '[]', '{}', 0, false, 'x', '"12345678"', '"123456789"', [1, 2, 3, 4, 5]])],
    geoPoint: table('v_geo', geo('f'), [{ lon: 1, lat: 2 }, { lat: 2 }, { lon: 180, lat: 90 }, { lon: 180.1, lat: 0 }, { lon: 0, lat: -90.1 }, { lon: '1.5', lat: '2.5' }, '{"lon":1,"lat":2}', { lon: 1, lat: 2, x: 3 }, [1, 2], { lon: 'x' }, { lon: null, lat: 1 }, { Lon: 5, LAT: 6 }]),
    'geoPoint required': [collection({ name: 'v_geo2', ...OPEN, fields: [geo('f', { required: true })] }), ...values('v_geo2', 'f', [{ lon: 0, lat: 0 }, { lon: 0, lat: 1 }, null, {}])],
    'relation single': table('v_rel', relation('f', '{{target}}'), [id('t1'), [id('t1'), id('t2')], id('nope'), [id('nope'), id('t1')], [id('t1'), ''], `["${id('t1')}"]`]),
    'relation multiple': table('v_rel2', relation('f', '{{target}}', { maxSelect: 2 }), [id('t1'), [id('t2'), id('t1')], [id('t1'), id('t1')], [id('t1'), id('t2'), id('t3')], [id('t1'), id('nope')], `["${id('t1')}","${id('t2')}"]`]),
    'relation required and minimum': [
      collection({ name: 'v_rel3', ...OPEN, fields: [relation('f', '{{target}}', { required: true })] }), ...values('v_rel3', 'f', ['', null, [], id('t1')]),
      collection({ name: 'v_rel4', ...OPEN, fields: [relation('f', '{{target}}', { minSelect: 2, maxSelect: 3 })] }), ...values('v_rel4', 'f', [[], [id('t1')], [id('t1'), id('t2')]]),
    ],
    password: [
      collection({ name: 'v_pw', ...OPEN, fields: [password('f', { min: 3, max: 6, pattern: '^[a-z]+$' }), password('g', { hidden: true })] }), ...values('v_pw', 'f', ['', 'ab', 'abc', 'abcdefg', 'ABC', null, 123, ['abc']]), create('v_pw', { g: 'x' }),
      collection({ name: 'v_pw2', ...OPEN, fields: [password('f', { required: true })] }), ...values('v_pw2', 'f', ['', 'a', 'x'.repeat(71), 'x'.repeat(72)]),
    ],
    id: [collection({ name: 'v_id', ...OPEN, fields: [text('a')] }), ...values('v_id', 'id', ['', null, 'short', id('ok'), id('ok'), id('UPPER'), `${id('x')}x`, 'has space 12345', 'a/b/c/d/e/f/g/h', 123456789012345, "a'b'c'd'e'f'g'h", []]), update('v_id', id('ok'), { id: id('other') }), update('v_id', id('ok'), { id: id('ok'), a: 'x' })],
    'clearing with null on update': [
      collection({ name: 'v_clear', ...OPEN, fields: [text('t'), number('n'), bool('b'), date('d'), select('s', ['a']), select('m', ['a', 'b'], { maxSelect: 2 }), json('j'), geo('g'), relation('r', '{{target}}'), relation('rm', '{{target}}', { maxSelect: 3 }), email('e'), url('u')] }),
      create('v_clear', { id: id('c1'), t: 'x', n: 1, b: true, d: '2024-01-01', s: 'a', m: ['a'], j: { a: 1 }, g: { lon: 1, lat: 2 }, r: id('t1'), rm: [id('t1'), id('t2')], e: 'a@b.co', u: 'http://a.co' }),
      update('v_clear', id('c1'), {}), update('v_clear', id('c1'), { t: null, n: null, b: null, d: null, s: null, m: null, j: null, g: null, r: null, rm: null, e: null, u: null }), view('v_clear', id('c1')),
      update('v_clear', id('c1'), { j: 'null' }), update('v_clear', id('c1'), { unknown: 1 }),
    ],
  },
};
