// Auth collections: their system fields, indexes and options.
import { collection, get, patch, text, del, number, create } from '../steps.mjs';

const su = { as: 'su' };

export default {
  setup: [collection({ name: 'members', type: 'auth', fields: [text('name')] }, { save: { fields: 'fields', indexes: 'indexes' }, keyOrder: true })],
  scenarios: {
    'reads back': [get('/api/collections/members', { ...su, keyOrder: true })],
    'token options': [
      patch('/api/collections/members', { authToken: { duration: 3600 } }, su),
      patch('/api/collections/members', { authToken: { duration: 1 } }, su),
      patch('/api/collections/members', { authToken: { duration: 3600, secret: 'short' } }, su),
      patch('/api/collections/members', { fileToken: { duration: 0 }, verificationToken: { duration: 99999999999 } }, su),
    ],
    'password options': [
      patch('/api/collections/members', { passwordAuth: { enabled: false } }, su),
      patch('/api/collections/members', { passwordAuth: { enabled: true, identityFields: ['name'] } }, su),
      patch('/api/collections/members', { passwordAuth: { enabled: true, identityFields: ['nope'] } }, su),
      patch('/api/collections/members', { passwordAuth: { enabled: true, identityFields: [] } }, su),
      patch('/api/collections/members', { passwordAuth: { enabled: true, identityFields: ['email'] } }, su),
    ],
    'rules': [
      patch('/api/collections/members', { authRule: 'verified = true', manageRule: "@request.auth.id = 'x'" }, su),
      patch('/api/collections/members', { manageRule: '' }, su),
      patch('/api/collections/members', { authRule: 'nope = 1' }, su),
      patch('/api/collections/members', { authRule: null, manageRule: null }, su),
    ],
    'mfa and otp': [
      patch('/api/collections/members', { mfa: { enabled: true } }, su),
      patch('/api/collections/members', { otp: { enabled: true, duration: 5, length: 2 } }, su),
      patch('/api/collections/members', { otp: { enabled: true, duration: 120, length: 6 } }, su),
      patch('/api/collections/members', { mfa: { enabled: true, duration: 5 } }, su),
      patch('/api/collections/members', { mfa: { enabled: true, duration: 100, rule: 'verified = true' } }, su),
      patch('/api/collections/members', { mfa: { enabled: true, duration: 100, rule: 'nope' } }, su),
      patch('/api/collections/members', { mfa: { enabled: false }, otp: { enabled: false } }, su),
    ],
    'oauth2': [
      patch('/api/collections/members', { oauth2: { enabled: true, providers: [] } }, su),
      patch('/api/collections/members', { oauth2: { enabled: true, providers: [{ name: 'nope', clientId: 'a', clientSecret: 'b' }] } }, su),
      patch('/api/collections/members', { oauth2: { enabled: true, providers: [{ name: 'github' }] } }, su),
      patch('/api/collections/members', { oauth2: { enabled: true, providers: [{ name: 'github', clientId: 'a', clientSecret: 'b' }, { name: 'github', clientId: 'c', clientSecret: 'd' }] } }, su),
      patch('/api/collections/members', { oauth2: { enabled: true, mappedFields: { name: 'name', id: 'nope' }, providers: [{ name: 'github', clientId: 'a', clientSecret: 'b' }] } }, su),
      patch('/api/collections/members', { oauth2: { enabled: false, providers: [] } }, su),
    ],
    'templates': [
      patch('/api/collections/members', { verificationTemplate: { subject: '', body: '' } }, su),
      patch('/api/collections/members', { authAlert: { enabled: false, emailTemplate: { subject: 's', body: 'b' } } }, su),
    ],
    'system fields stay': [
      patch('/api/collections/members', { fields: [text('other')] }, su),
      collection({ name: 'own_fields', type: 'auth', fields: [text('email'), number('password')] }),
      collection({ name: 'reserved', type: 'auth', fields: [text('passwordConfirm')] }),
      collection({ name: 'reserved2', type: 'auth', fields: [text('oldPassword')] }),
      patch('/api/collections/members', { type: 'base' }, su),
      patch('/api/collections/members', { indexes: [] }, su),
    ],
    'identity by another field': [
      collection({ name: 'by_name', type: 'auth', fields: [text('username', { required: true })], indexes: ['CREATE UNIQUE INDEX idx_by_name ON by_name (username)'], passwordAuth: { enabled: true, identityFields: ['email', 'username'] } }),
      patch('/api/collections/by_name', { indexes: [] }, su),
      get('/api/collections/by_name/auth-methods'),
      create('by_name', { username: 'ann', email: 'ann@example.com', password: '12345678', passwordConfirm: '12345678' }, su),
      create('by_name', { username: 'ann', email: 'ann2@example.com', password: '12345678', passwordConfirm: '12345678' }, su),
      create('by_name', { username: 'ann2', email: 'ann@example.com', password: '12345678', passwordConfirm: '12345678' }, su),
    ],
    'email may be optional': [
      collection({ name: 'no_mail', type: 'auth', fields: [{ name: 'email', type: 'email', required: false, system: true }] }),
      create('no_mail', { password: '12345678', passwordConfirm: '12345678' }, su),
      create('no_mail', { password: '12345678', passwordConfirm: '12345678' }, su),
    ],
    'delete': [collection({ name: 'gone', type: 'auth' }), del('/api/collections/gone', su), get('/api/collections/gone', su)],
  },
};
