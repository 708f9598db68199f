// Reading and changing the settings; runs alone, since it changes what others rely on.
import { get, patch } from '../steps.mjs';

const su = { as: 'su' };
const set = (body) => patch('/api/settings', body, su);

export default {
  setup: [],
  scenarios: {
    'read': [get('/api/settings', { ...su, keyOrder: true }), get('/api/settings'), get('/api/settings', { ...su, query: { fields: 'meta' } }), patch('/api/settings', { meta: { appName: 'x' } })],
    'merge': [set({ meta: { appName: 'Acme' } }), set({}), set({ logs: { maxDays: 3 } }), set({ unknown: 1, meta: { unknown: 2 } }), set({ meta: { accentColor: '#abcdef', hideControls: true } }), set({ META: { AppName: 'Upper' } }), get('/api/settings', su), set({ meta: null }), set(null)],
    'meta faults': [set({ meta: { appName: '', appURL: 'nope', senderName: '', senderAddress: 'nope', accentColor: 'red' } }), set({ meta: { appName: 'x'.repeat(256) } }), set({ meta: { appName: 5 } }), set({ meta: 'x' }), set({ meta: { appURL: 'http://localhost:8090' } })],
    'smtp': [set({ smtp: { enabled: true, host: '', port: 0 } }), set({ smtp: { authMethod: 'nope' } }), set({ smtp: { enabled: false, username: 'u', password: 'secret', localName: 'x y' } }), set({ smtp: { port: 'x' } })],
    'storage and backups': [set({ s3: { enabled: true } }), set({ backups: { cron: 'nope' } }), set({ backups: { cron: '0 0 * * *', cronMaxKeep: 0 } }), set({ backups: { cron: '@daily', cronMaxKeep: 2 } }), set({ backups: { s3: { enabled: true, endpoint: 'nope' } } }), set({ backups: { cron: '' } })],
    'batch and logs': [set({ batch: { enabled: true, maxRequests: 0 } }), set({ batch: { enabled: true, maxRequests: 5, timeout: 0 } }), set({ batch: { maxRequests: -1 } }), set({ batch: { enabled: true, maxRequests: 5, timeout: 2, maxBodySize: 1000 } }), set({ logs: { maxDays: -1, maxDataSize: -1 } }), set({ logs: { minLevel: 4, logIP: false, logAuthId: true } }), set({ batch: { enabled: false } })],
    'addresses': [set({ superuserIPs: ['nope'] }), set({ superuserIPs: ['127.0.0.1', '10.0.0.0/8'] }), set({ superuserIPs: [] }), set({ trustedProxy: { headers: ['X-Forwarded-For'], useLeftmostIP: true } }), set({ trustedProxy: { headers: [] } })],
    'rate limits': [set({ rateLimits: { enabled: true, rules: [] } }), set({ rateLimits: { enabled: false, rules: [{ label: 'bad label!', maxRequests: 0, duration: 0 }] } }), set({ rateLimits: { rules: [{ label: '*:auth', maxRequests: 1, duration: 1 }, { label: '*:auth', maxRequests: 2, duration: 1 }] } }), set({ rateLimits: { rules: [{ label: 'GET /api/', maxRequests: 100, duration: 1, audience: '@guest' }] } }), set({ rateLimits: { rules: [{ label: '/api/', maxRequests: 1, duration: 1, audience: 'nope' }] } }), set({ rateLimits: { excludedIPs: ['x'] } })],
    'malformed': [{ method: 'PATCH', path: '/api/settings', as: 'su', body: '{bad' }, { method: 'PATCH', path: '/api/settings', as: 'su', body: '[]' }, { method: 'PATCH', path: '/api/settings', as: 'su' }],
  },
};
