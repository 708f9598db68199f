// Rate limits: which rule counts, and for whom. Windows are longer than the suite runs.
import { collection, create, get, list, login, OPEN, patch, post, text, id } from '../steps.mjs';

const su = { as: 'su' };
const rule = (label, maxRequests, audience = '') => ({ label, maxRequests, audience, duration: 600 });
const limit = (...rules) => patch('/api/settings', { rateLimits: { enabled: rules.length > 0, rules } }, su);
const times = (count, step) => Array.from({ length: count }, () => step);
const off = limit();

export default {
  setup: [
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => collection({ name, ...OPEN, fields: [text('x')] })),
    collection({ name: 'people', type: 'auth', ...OPEN, fields: [] }),
    create('people', { id: id('ann'), email: 'ann@example.com', password: 'password1', passwordConfirm: 'password1' }, su),
    login('ann', 'people', 'ann@example.com', 'password1'),
  ],
  scenarios: {
    'prefix': [limit(rule('/api/', 2)), ...times(3, get('/api/health')), ...times(3, list('a')), ...times(3, list('b')), ...times(3, get('/api/nope')), ...times(3, list('a', {}, su)), off],
    'tags': [limit(rule('c:list', 1), rule('*:list', 2), rule('*:create', 2)), ...times(2, list('c')), ...times(3, list('d')), ...times(3, create('c', { x: '1' })), ...times(3, create('d', { x: '1' })), ...times(3, get('/api/collections/c/records/none00000000000')), off],
    'spelling': [limit(rule('e:list', 1)), list('e'), list('E'), get('/api/collections/%65/records'), get('/api/collections/{{eId}}/records'), off],
    'methods and paths': [limit(rule('GET /api/collections/f/records', 1), rule('/api/health', 2)), ...times(2, list('f')), create('f', { x: '1' }), ...times(3, get('/api/health')), off],
    'audience': [limit(rule('*:view', 1, '@guest'), rule('/api/collections/', 2, '@auth')), ...times(2, get('/api/collections/a/records/none00000000000')), ...times(3, get('/api/collections/a/records/none00000000000', { as: 'ann' })), off],
    'sign-in': [limit(rule('people:auth', 2)), ...times(3, post('/api/collections/people/auth-with-password', { identity: 'x', password: 'y' })), post('/api/collections/people/auth-with-password', { identity: 'ann@example.com', password: 'password1' }), post('/api/collections/people/auth-refresh', {}, { as: 'ann' }), off],
    'excluded': [patch('/api/settings', { rateLimits: { excludedIPs: ['127.0.0.0/8'], enabled: true, rules: [rule('*:delete', 1)] } }, su), ...times(3, { method: 'DELETE', path: '/api/collections/b/records/none00000000000' }), patch('/api/settings', { rateLimits: { excludedIPs: [], enabled: false } }, su)],
    'spoofed address': [limit(rule('*:update', 1)), ...['1.1.1.1', '2.2.2.2'].map((from) => ({ method: 'PATCH', path: '/api/collections/b/records/none00000000000', json: {}, headers: { 'x-forwarded-for': from } })), patch('/api/settings', { trustedProxy: { headers: ['X-Forwarded-For'] } }, su), ...['9.9.9.9, 3.3.3.3', '8.8.8.8, 3.3.3.3'].map((from) => ({ method: 'PATCH', path: '/api/collections/b/records/none00000000000', json: {}, headers: { 'x-forwarded-for': from } })), patch('/api/settings', { trustedProxy: { headers: [] } }, su), off],
  },
};
