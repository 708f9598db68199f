// Names of uploads, thumbs, conditions and ranges of downloads, the test of the S3 settings.
import { OPEN, PNG, collection, file, get, post } from '../steps.mjs';

const DOCS = '/api/collections/docs/records';
const F = (name, content = 'content', type = 'text/plain') => ({ file: content, name, type });
const upload = (parts, save) => ({ method: 'POST', path: DOCS, form: parts, ...(save && { save }) });
const head = (path, headersToCompare, headers = {}) => ({ method: 'HEAD', path, headers, headersToCompare });
const test = (json, more = { as: 'su' }) => post('/api/settings/test/s3', json, more);
const DOC = '/api/files/docs/{{d}}';
const saved = { d: 'id', p: 'one', t: 'many.0' };
const both = upload([['one', { file: PNG, name: 'dot.png', type: 'image/png' }], ['many', F('hello.txt', '0123456789')]], saved);
const SHOWN = ['content-type', 'content-disposition', 'content-security-policy', 'cache-control', 'x-frame-options'];

export default {
  setup: [collection({ name: 'docs', ...OPEN, fields: [file('one', { thumbs: ['30x20', '30x20t', '30x20b', '30x20f', '0x20', '30x0'] }), file('many', { maxSelect: 5 })] })],
  scenarios: {
    'names': ['../../etc/passwd', '/etc/passwd', '..', '.', '.htaccess', 'CON', 'con.txt', `${'x'.repeat(200)}.txt`, 'a b c.tar.gz', 'a.b.c.d.e', 'noext', 'a;b|c$(d).sh', 'UPPER.TXT', 'HTTPServer2.png', '-rf', ''].map((name) => upload([['one', F(name)]])),
    'thumbs': [both, ...['30x20', '30x20t', '30x20b', '30x20f', '0x20', '30x0', '100x100', '7x7', '0x0', 'x', ''].map((size) => head(`${DOC}/{{p}}?thumb=${size}`, SHOWN)), get(`${DOC}/{{t}}?thumb=30x20`, { headersToCompare: SHOWN }), get(`${DOC}/nope.png?thumb=30x20`)],
    'ranges': [both, ...['bytes=0-1', 'bytes=2-', 'bytes=-3', 'bytes=-30', 'bytes=8-99', 'bytes=10-', 'bytes=5-3', 'bytes=x', 'lines=1-2'].map((range) => get(`${DOC}/{{t}}`, { headers: { range }, headersToCompare: ['content-range', 'content-length'] }))],
    'several ranges': [both, get(`${DOC}/{{t}}`, { headers: { range: 'bytes=0-1,4-5' } })],
    'conditions': [both, ...[{ 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' }, { 'if-modified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' }, { 'if-modified-since': 'nope' }, { 'if-unmodified-since': 'Sat, 01 Jan 2000 00:00:00 GMT' }, { 'if-match': '"nope"' }, { 'if-none-match': '"nope"' }, { range: 'bytes=0-1', 'if-range': '"nope"' }].map((headers) => get(`${DOC}/{{t}}`, { headers }))],
    'test of S3': [test({}), test({ filesystem: 'nope' }), test({ filesystem: 'storage' }), test({ filesystem: 'backups' }), test({ filesystem: 'storage' }, {}), test({ filesystem: 5 })],
  },
};
