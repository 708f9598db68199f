// Asking for subscriptions: what is wrong with a request is said in the same words.
import { post, text, collection, OPEN } from '../steps.mjs';

const ask = (body, more) => post('/api/realtime', body, more);
const long = (length) => 'x'.repeat(length);

export default {
  setup: [collection({ name: 'rows', ...OPEN, fields: [text('t')] })],
  scenarios: {
    'client id': [ask({}), ask({ clientId: '' }), ask({ clientId: null }), ask({ clientId: 'nobody' }), ask({ clientId: long(255) }), ask({ clientId: long(256) }), ask({ clientId: 5 }), ask({ CLIENTID: 'nobody' }), ask({ clientId: 'nobody' }, { as: 'su' })],
    'subscriptions': [ask({ clientId: 'nobody', subscriptions: 'rows/*' }), ask({ clientId: 'nobody', subscriptions: [5] }), ask({ clientId: 'nobody', subscriptions: Array(1001).fill('a') }), ask({ clientId: 'nobody', subscriptions: [long(2500)] }), ask({ clientId: 'nobody', subscriptions: ['a', long(2501)] }), ask({ subscriptions: [long(2501)] })],
    'bodies': [{ method: 'POST', path: '/api/realtime', body: '{bad' }, { method: 'POST', path: '/api/realtime' }, { method: 'POST', path: '/api/realtime', body: 'null' }, { method: 'PUT', path: '/api/realtime' }, { method: 'DELETE', path: '/api/realtime' }],
  },
};
