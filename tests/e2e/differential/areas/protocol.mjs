// HTTP itself: unknown paths and methods, HEAD, CORS, security headers, health.
import { OPEN, collection, create, get, text, id, del, post, list } from '../steps.mjs';

const SECURITY = ['x-xss-protection', 'x-content-type-options', 'x-frame-options', 'cross-origin-opener-policy', 'vary', 'access-control-allow-origin', 'cache-control', 'etag'];
const CORS = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers', 'access-control-allow-credentials', 'access-control-max-age', 'access-control-expose-headers', 'vary'];
const plain = (method, path, more) => ({ method, path, ...more });

export default {
  setup: [collection({ name: 'rows', ...OPEN, fields: [text('t')] }), create('rows', { id: id('r1'), t: 'x' })],
  scenarios: {
    'health': [get('/api/health', { keyOrder: true }), get('/api/health', { as: 'su' }), plain('HEAD', '/api/health'), plain('POST', '/api/health'), get('/api/health/'), get('/api/health?x=1')],
    'unknown paths': [get('/api'), get('/api/'), get('/api/nope'), post('/api/nope', {}), del('/api/nope'), get('/nope'), get('/nope.html'), post('/nope', {}), get('/api/collections/rows/nope'), get('/api/collections/rows/records/x/y'), get('/api//health'), get('/api/../api/health'), get('/API/health'), get('/api/collections/'), get('/api/collections//records')],
    'wrong methods': [plain('PUT', '/api/collections/rows/records'), plain('DELETE', '/api/collections/rows/records'), plain('PATCH', '/api/collections/rows/records'), plain('PUT', `/api/collections/rows/records/${id('r1')}`), plain('POST', `/api/collections/rows/records/${id('r1')}`), plain('PUT', '/api/collections/rows'), plain('POST', '/api/collections/rows'), plain('DELETE', '/api/collections'), plain('PUT', '/api/settings'), plain('PROPFIND', '/api/health'), plain('TRACE', '/api/health')],
    'HEAD': [plain('HEAD', '/api/collections/rows/records'), plain('HEAD', `/api/collections/rows/records/${id('r1')}`), plain('HEAD', '/api/collections/rows/records/nope'), plain('HEAD', '/api/nope')],
    'security headers': [get('/api/health', { headersToCompare: SECURITY }), list('rows', {}, { headersToCompare: SECURITY }), get('/api/nope', { headersToCompare: SECURITY }), list('nope', {}, { headersToCompare: SECURITY }), post('/api/collections/rows/records', { t: 'y' }, { headersToCompare: SECURITY })],
    'CORS': [
      plain('OPTIONS', '/api/collections/rows/records', { headers: { origin: 'http://a.co', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-a' }, headersToCompare: CORS }), plain('OPTIONS', '/api/health', { headers: { origin: 'http://a.co', 'access-control-request-method': 'GET' }, headersToCompare: CORS }), plain('OPTIONS', '/api/nope', { headers: { origin: 'http://a.co', 'access-control-request-method': 'GET' }, headersToCompare: CORS }), plain('OPTIONS', '/api/health', { headersToCompare: CORS }), plain('OPTIONS', '/api/health', { headers: { origin: 'http://a.co' }, headersToCompare: CORS }),
      list('rows', {}, { headers: { origin: 'http://a.co' }, headersToCompare: CORS }), list('nope', {}, { headers: { origin: 'null' }, headersToCompare: CORS }), post('/api/collections/rows/records', { t: 'y' }, { headers: { origin: 'http://a.co' }, headersToCompare: CORS }),
    ],
    'odd requests': [get('/api/collections/rows/records?filter=t%3D%22x%22'), get("/api/collections/rows/records?filter=t='x'"), get('/api/collections/rows/records?filter=%00'), get('/api/collections/rows/records?page=%31&fields=page'), get('/api/collections/ro%77s/records?fields=page'), get(`/api/collections/rows/records?x=${'y'.repeat(5000)}&fields=page`), get('/api/collections/%F0%9F%98%80/records'), get('/api/collections/rows/records?fields=page', { headers: { accept: 'text/html' } }), get('/api/collections/rows/records?fields=page', { headers: { 'accept-encoding': 'identity', 'x-http-method-override': 'DELETE' } })],
  },
};
