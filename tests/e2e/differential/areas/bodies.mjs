// How bodies arrive: malformed JSON, forms, multipart, @jsonPayload, files and type guessing.
import { OPEN, PNG, bool, collection, create, del, file, get, json, list, number, select, text, update, view, id, geo, relation } from '../steps.mjs';

const R = '/api/collections/rows/records';
const raw = (body, type, method = 'POST', path = R) => ({ method, path, body, type });
const form = (pairs, more) => ({ method: 'POST', path: R, form: pairs, ...more });
const urlencoded = (pairs, more) => ({ method: 'POST', path: R, urlencoded: pairs, ...more });
const F = (name, content = 'content', type = 'text/plain') => ({ file: content, name, type });
const D = '/api/collections/docs/records';
const docs = (pairs, more) => ({ method: 'POST', path: D, form: pairs, ...more });
const patchDoc = (key, pairs) => ({ method: 'PATCH', path: `${D}/${key}`, form: pairs });

export default {
  setup: [
    collection({ name: 'rows', ...OPEN, fields: [text('t'), number('n'), bool('b'), select('m', ['a', 'b', 'c', '1', '2'], { maxSelect: 3 }), select('s', ['a', 'b']), json('j'), geo('g')] }),
    collection({ name: 'docs', ...OPEN, fields: [text('t'), file('one'), file('many', { maxSelect: 3 }), file('png', { mimeTypes: ['image/png'], maxSize: 200 }), file('must', { protected: true })] }),
  ],
  scenarios: {
    'malformed JSON': [raw('{'), raw('{"t":}'), raw('{"t":"x",}'), raw('{"t":"x"} trailing'), raw('{"t":"x"}{"t":"y"}'), raw('nope'), raw(''), raw(' '), raw('null'), raw('[]'), raw('[{"t":"x"}]'), raw('"text"'), raw('5'), raw('true'), raw('{"t":"\\ud800"}'), raw('{"t":"x","t":"y"}'), raw(Buffer.from([0x7b, 0x22, 0x74, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])), raw('\ufeff{"t":"bom"}'), raw(`${'['.repeat(500)}`), raw(`{"j":${'['.repeat(200)}${']'.repeat(200)}}`), raw('{"n":1e400}'), raw('{"n":NaN}'), raw("{'t':'x'}"), raw('{"t":"a\nb"}'), raw('{"t":"\\u0000"}'), raw('{', undefined, 'PATCH', `${R}/x`)],
    'content types': [raw('{"t":"x"}', 'application/json; charset=utf-8'), raw('{"t":"x"}', 'Application/JSON'), raw('{"t":"x"}', 'text/plain'), raw('{"t":"x"}', 'application/vnd.api+json'), raw('<t>x</t>', 'application/xml'), raw('{"t":"x"}', ' '), raw('t=x', 'application/x-www-form-urlencoded'), raw('x', 'multipart/form-data'), raw('x', 'multipart/form-data; boundary=abc'), raw('--abc\r\nContent-Disposition: form-data; name="t"\r\n\r\nx\r\n--abc', 'multipart/form-data; boundary=abc'), raw('--abc\r\n\r\nx\r\n--abc--\r\n', 'multipart/form-data; boundary=abc'), raw('{"t":"x"}', 'application/json', 'DELETE', `${R}/x`), { method: 'POST', path: R }],
    'urlencoded types': [urlencoded([['t', '5'], ['n', '5'], ['b', 'true']]), urlencoded([['t', 'true'], ['n', '5.50'], ['b', '1']]), urlencoded([['m', 'a'], ['m', 'b']]), urlencoded([['m', '["a","b"]']]), urlencoded([['m', '1'], ['m', '2']]), urlencoded([['j', '{"a":1}']]), urlencoded([['j', '5']]), urlencoded([['j', 'text']]), urlencoded([['j', '[1,2]']]), urlencoded([['j', 'true']]), urlencoded([['t', '']]), urlencoded([['t', 'a'], ['t', 'b']]), urlencoded([['n+', '5']]), urlencoded([['t', '007']]), urlencoded([['t', '1.0']]), urlencoded([['t', '-5']]), urlencoded([['t', '1e5']]), urlencoded([['t', '--5']]), urlencoded([['t', '5.']]), urlencoded([['n', ' 5 ']]), urlencoded([['g', '{"lon":1,"lat":2}']]), urlencoded([['t', '12345678901234567890']]), raw('t=%zz', 'application/x-www-form-urlencoded'), raw('t=a;n=5', 'application/x-www-form-urlencoded'), raw('t=a&&n=5&=x', 'application/x-www-form-urlencoded'), urlencoded([])],
    'multipart types': [form([['t', '5'], ['n', '5'], ['b', 'true'], ['m', 'a'], ['m', 'b'], ['j', '{"a":[1]}']]), form([['t', 'false']]), form([['@jsonPayload', '{"t":"5","n":7}']]), form([['@jsonPayload', '{"t":"first"}'], ['@jsonPayload', '{"n":2}']]), form([['@jsonPayload', '{"t":"json"}'], ['t', 'form']]), form([['t', 'form'], ['@jsonPayload', '{"t":"json"}']]), form([['@jsonPayload', '{bad']]), form([['@jsonPayload', '[]']]), form([['@jsonPayload', '{"m":["a"],"j":null}'], ['m', 'b']]), urlencoded([['@jsonPayload', '{"t":"u"}']]), create('rows', { '@jsonPayload': '{"t":"in json"}' }), form([])],
    'files': [
      docs([['t', 'x'], ['one', F('My File (1).txt')]], { save: { d: 'id', f: 'one' } }), view('docs', '{{d}}'), docs([['one', F('a.txt')], ['one', F('b.txt')]]), docs([['many', F('a.txt')], ['many', F('b.tar.gz')], ['many', F('x')]]), docs([['many', F('1.txt')], ['many', F('2.txt')], ['many', F('3.txt')], ['many', F('4.txt')]]),
      docs([['png', F('x.png', PNG, 'image/png')]]), docs([['png', F('x.png', 'not a png', 'image/png')]]), docs([['png', F('x.png', Buffer.concat([PNG, Buffer.alloc(300)]), 'image/png')]]), docs([['one', F('empty.txt', '')]]), docs([['nope', F('a.txt')]]), docs([['t', F('a.txt')]]),
      docs([['one', F('x.html', '<html></html>', 'text/html')]]), docs([['one', F('ünï cödé.TXT')]]), docs([['one', F('.htaccess')]]), docs([['one', F('a/b/../c.txt')]]), docs([['one', F(`${'x'.repeat(200)}.txt`)]]), docs([['one', F('noext', PNG)]]), docs([['one', F('dots.a.b.c.d')]]), docs([['one', 'name.txt']]), create('docs', { one: 'nope.txt' }), create('docs', { many: ['nope.txt'] }), create('docs', { one: 5 }), create('docs', { one: '' , many: [] }),
    ],
    'changing files': [
      docs([['t', 'x'], ['one', F('first.txt', 'first')], ['many', F('a.txt', 'aaa')], ['many', F('b.txt', 'bbb')]], { save: { d: 'id', one: 'one', a: 'many.0', b: 'many.1' } }),
      get('/api/files/docs/{{d}}/{{one}}'), patchDoc('{{d}}', [['t', 'only text']]), update('docs', '{{d}}', { t: 'json' }), patchDoc('{{d}}', [['many+', F('c.txt')]]), patchDoc('{{d}}', [['many+', F('d.txt')]]), update('docs', '{{d}}', { 'many-': '{{a}}' }), get('/api/files/docs/{{d}}/{{a}}'), get('/api/files/docs/{{d}}/{{b}}'),
      patchDoc('{{d}}', [['many', F('new.txt')]]), get('/api/files/docs/{{d}}/{{b}}'), patchDoc('{{d}}', [['one', F('second.txt')]]), get('/api/files/docs/{{d}}/{{one}}'), update('docs', '{{d}}', { one: '' }), update('docs', '{{d}}', { many: null }), update('docs', '{{d}}', { many: ['{{a}}'] }),
    ],
    'keeping names': [
      docs([['many', F('a.txt')], ['many', F('b.txt')], ['one', F('o.txt')]], { save: { d: 'id', a: 'many.0', b: 'many.1', o: 'one' } }), update('docs', '{{d}}', { many: ['{{b}}', '{{a}}'] }), update('docs', '{{d}}', { many: ['{{b}}'] }), update('docs', '{{d}}', { one: '{{o}}' }), update('docs', '{{d}}', { one: '{{b}}' }), patchDoc('{{d}}', [['many', '{{b}}'], ['many', F('c.txt')]]), patchDoc('{{d}}', [['+many', F('front.txt')]]),
    ],
    'serving files': [
      docs([['one', F('t.txt', 'hello world')], ['png', F('p.png', PNG, 'image/png')], ['many', F('page.html', '<html><script>1</script></html>', 'text/html')], ['many', F('i.svg', '<svg xmlns="http://www.w3.org/2000/svg"></svg>', 'image/svg+xml')], ['must', F('secret.txt', 'secret')]], { save: { d: 'id', t: 'one', p: 'png', h: 'many.0', s: 'many.1', x: 'must' } }),
      ...['{{t}}', '{{p}}', '{{h}}', '{{s}}'].map((name) => get(`/api/files/docs/{{d}}/${name}`, { headersToCompare: ['content-disposition', 'content-security-policy', 'cache-control', 'accept-ranges', 'x-frame-options', 'content-length'] })),
      get('/api/files/docs/{{d}}/{{t}}?download=1', { headersToCompare: ['content-disposition'] }), get('/api/files/docs/{{d}}/{{t}}?download=0', { headersToCompare: ['content-disposition'] }), get('/api/files/docs/{{d}}/{{t}}', { headers: { range: 'bytes=0-4' }, headersToCompare: ['content-range', 'content-length'] }), get('/api/files/docs/{{d}}/{{t}}', { headers: { range: 'bytes=999-' } }), { method: 'HEAD', path: '/api/files/docs/{{d}}/{{t}}', headersToCompare: ['content-length'] },
      get('/api/files/docs/{{d}}/nope.txt'), get('/api/files/docs/nope/{{t}}'), get('/api/files/nope/{{d}}/{{t}}'), get('/api/files/docs/{{d}}/..%2f..%2fdata.db'), get('/api/files/docs/{{d}}/'), get('/api/files/docs/{{d}}/{{t}}.attrs'),
      get('/api/files/docs/{{d}}/{{x}}'), get('/api/files/docs/{{d}}/{{x}}', { as: 'su' }), { method: 'POST', path: '/api/files/token' }, { method: 'POST', path: '/api/files/token', as: 'su', save: { ft: 'token' } }, get('/api/files/docs/{{d}}/{{x}}?token={{ft}}'), get('/api/files/docs/{{d}}/{{x}}?token=x'),
      del(`${D}/{{d}}`), get('/api/files/docs/{{d}}/{{t}}'),
    ],
  },
};
