// What mails about an account confirm, one-time passwords, second factors, places: with tokens signed here, since no mail is read.
import crypto from 'node:crypto';
import { create, del, get, id, list, login, patch, post, remove, update, view } from '../steps.mjs';

const su = { as: 'su' };
const USERS = '/api/collections/users';
const SECRET = 's'.repeat(40);
const KEY = 'k'.repeat(40);
const PASSWORD = 'password1';

/** A token as mails bring it, signed with the secrets that the setup sets. */
function token(type, claims = {}, key = KEY + SECRET) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = { collectionId: '_pb_users_auth_', id: id('ann'), email: 'ann@example.com', exp: 4_000_000_000, type, ...claims };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(all)}`;
  return `${signed}.${crypto.createHmac('sha256', key).update(signed).digest('base64url')}`;
}

const person = (name, more = {}) =>
  create('users', { id: id(name), email: `${name}@example.com`, password: PASSWORD, passwordConfirm: PASSWORD, tokenKey: KEY.slice(0, 30) + id(name), ...more }, su);
const keyed = (name) => KEY.slice(0, 30) + id(name) + SECRET;
const of = (name, type, claims = {}) => token(type, { id: id(name), email: `${name}@example.com`, ...claims }, keyed(name));

const ask = (endpoint, body, more) => post(`${USERS}/${endpoint}`, body, more);
const askAll = (endpoint, bodies, more) => bodies.map((body) => ask(endpoint, body, more));
const EMAILS = [{}, { email: '' }, { email: 'x' }, { email: 5 }, { email: null }, { email: ['ann@example.com'] }, { email: 'nobody@example.com' }, { email: `${'a'.repeat(250)}@example.com` }, { EMAIL: 'nobody@example.com' }];
const WHO = ['guest', 'ann', 'joe', 'su'];
const ENDPOINTS = ['request-otp', 'auth-with-otp', 'request-verification', 'confirm-verification', 'request-password-reset', 'confirm-password-reset', 'request-email-change', 'confirm-email-change'];

/** A one-time password whose text is known. */
const otp = (name, owner, more = {}) => create('_otps', { id: id(name), collectionRef: '_pb_users_auth_', recordRef: id(owner), password: '12345678', ...more }, su);
const withOtp = (name, password = '12345678', more = {}) => ask('auth-with-otp', { otpId: id(name), password, ...more });
const factor = (name, owner, method = 'otp') => create('_mfas', { id: id(name), collectionRef: '_pb_users_auth_', recordRef: id(owner), method }, su);
const withPassword = (name, more = {}, options) => ask('auth-with-password', { identity: `${name}@example.com`, password: PASSWORD, ...more }, options);

export default {
  setup: [
    patch(USERS, { otp: { enabled: true }, verificationToken: { secret: SECRET }, passwordResetToken: { secret: SECRET }, emailChangeToken: { secret: SECRET } }, su),
    create('users', { id: id('ann'), email: 'ann@example.com', password: PASSWORD, passwordConfirm: PASSWORD, tokenKey: KEY }, su),
    post('/api/collections', { name: 'staff', type: 'auth' }, su),
    create('staff', { id: id('joe'), email: 'joe@example.com', password: PASSWORD, passwordConfirm: PASSWORD }, su),
    login('ann', 'users', 'ann@example.com', PASSWORD),
    login('joe', 'staff', 'joe@example.com', PASSWORD),
  ],
  scenarios: {
    'asking by address': ['request-otp', 'request-verification', 'request-password-reset'].flatMap((endpoint) => askAll(endpoint, EMAILS)),
    'asking as a form': ['request-otp', 'request-verification', 'request-password-reset'].map((endpoint) => ({ method: 'POST', path: `${USERS}/${endpoint}`, urlencoded: [['email', 'nobody@example.com']] })),
    'who asks': ENDPOINTS.flatMap((endpoint) => WHO.map((as) => ask(endpoint, {}, { as }))),
    'elsewhere': ['_superusers', 'staff', '_mfas', 'nope'].flatMap((name) => ENDPOINTS.map((endpoint) => post(`/api/collections/${name}/${endpoint}`, { email: 'joe@example.com', token: 'x', password: PASSWORD, passwordConfirm: PASSWORD, otpId: 'x', newEmail: 'n@example.com' }))),
    'other methods': ENDPOINTS.map((endpoint) => get(`${USERS}/${endpoint}`)),
    'asking for an account': [person('vic'), ask('request-verification', { email: 'vic@example.com' }), ask('request-verification', { email: 'vic@example.com' }), ask('request-password-reset', { email: 'vic@example.com' }), ask('request-password-reset', { email: 'vic@example.com' })],
    'verification': [
      ...askAll('confirm-verification', [{}, { token: '' }, { token: 'x' }, { token: 'a.b.c' }, { token: 5 }, { token: null }].map((body) => body)),
      ...[token('verification', { exp: 1000 }), token('verification', { email: 'x@example.com' }), token('verification', { email: undefined }), token('auth'), token('passwordReset'), token('verification', { id: 'nobody' }), token('verification', { collectionId: 'nope' }), token('verification', {}, 'wrong'), '{{token:ann}}'].map((bad) => ask('confirm-verification', { token: bad })),
      post('/api/collections/staff/confirm-verification', { token: token('verification') }),
      person('ver'), view('users', id('ver'), undefined, su), ask('confirm-verification', { token: of('ver', 'verification') }), view('users', id('ver'), undefined, su), ask('confirm-verification', { token: of('ver', 'verification') }), withPassword('ver'),
    ],
    'verification without passwords': [person('now'), patch(USERS, { passwordAuth: { enabled: false } }, su), ask('confirm-verification', { token: of('now', 'verification') }), ask('request-password-reset', {}), patch(USERS, { passwordAuth: { enabled: true } }, su), withPassword('now')],
    'password reset': [
      ...askAll('confirm-password-reset', [{}, { token: 'x' }, { token: 'x', password: PASSWORD }, { token: 'x', password: PASSWORD, passwordConfirm: 'y' }, { token: 'x', password: 'a', passwordConfirm: 'a' }, { token: 5 }]),
      ...[token('passwordReset', { exp: 1000 }), token('verification'), token('passwordReset', { id: 'nobody' }), token('passwordReset', {}, 'wrong')].map((bad) => ask('confirm-password-reset', { token: bad, password: PASSWORD, passwordConfirm: PASSWORD })),
      ...['short', 'x'.repeat(72), 'x'.repeat(256)].map((password) => ask('confirm-password-reset', { token: token('passwordReset'), password, passwordConfirm: password })),
      post('/api/collections/staff/confirm-password-reset', { token: token('passwordReset'), password: PASSWORD, passwordConfirm: PASSWORD }),
      person('res'), login('res', 'users', 'res@example.com', PASSWORD), ask('confirm-password-reset', { token: of('res', 'passwordReset'), password: 'password2', passwordConfirm: 'password2' }), view('users', id('res'), undefined, su), ask('auth-refresh', {}, { as: 'res' }), withPassword('res'), login('res', 'users', 'res@example.com', 'password2'), ask('confirm-password-reset', { token: of('res', 'passwordReset'), password: 'password3', passwordConfirm: 'password3' }),
      person('oth'), ask('confirm-password-reset', { token: of('oth', 'passwordReset', { email: 'before@example.com' }), password: 'password2', passwordConfirm: 'password2' }), view('users', id('oth'), undefined, su),
    ],
    'asking for another address': askAll('request-email-change', [{}, { newEmail: '' }, { newEmail: 'x' }, { newEmail: 'ann@example.com' }, { newEmail: 5 }, { newEmail: 'new@example.com' }, { newEmail: 'ANN@example.com' }, { newEmail: 'joe@example.com' }], { as: 'ann' }),
    'another address that is taken': [person('tak'), ask('request-email-change', { newEmail: 'tak@example.com' }, { as: 'ann' }), ask('confirm-email-change', { token: token('emailChange', { newEmail: 'tak@example.com' }), password: PASSWORD })],
    'another address': [
      ...askAll('confirm-email-change', [{}, { token: 'x' }, { password: PASSWORD }, { token: 'x', password: PASSWORD }, { token: 5 }, { token: token('emailChange', { newEmail: 'new@example.com' }), password: 'wrong' }, { token: token('emailChange', { newEmail: 'new@example.com' }), password: 'x'.repeat(256) }]),
      ...[token('emailChange'), token('emailChange', { newEmail: 'n@example.com', exp: 1000 }), token('verification', { newEmail: 'n@example.com' }), token('emailChange', { newEmail: 'n@example.com' }, 'wrong'), token('emailChange', { newEmail: 'nonsense' })].map((bad) => ask('confirm-email-change', { token: bad, password: PASSWORD })),
      post('/api/collections/staff/confirm-email-change', { token: token('emailChange', { newEmail: 'n@example.com' }), password: PASSWORD }),
      person('mov'), login('mov', 'users', 'mov@example.com', PASSWORD), ask('confirm-email-change', { token: of('mov', 'emailChange', { newEmail: 'moved@example.com' }), password: PASSWORD }), view('users', id('mov'), undefined, su), ask('auth-refresh', {}, { as: 'mov' }), ask('confirm-email-change', { token: of('mov', 'emailChange', { newEmail: 'moved@example.com' }), password: PASSWORD }), withPassword('moved'),
    ],
    'one-time passwords': [
      ...askAll('auth-with-otp', [{}, { otpId: 'x' }, { password: 'y' }, { otpId: 'x', password: 'y' }, { otpId: 'x'.repeat(256), password: 'y'.repeat(72) }, { otpId: 5, password: 5 }]),
      person('uno'), otp('otpuno', 'uno'), withOtp('otpuno', 'wrong'), post('/api/collections/staff/auth-with-otp', { otpId: id('otpuno'), password: '12345678' }), withOtp('otpuno'), withOtp('otpuno'), view('users', id('uno'), undefined, su), withPassword('uno'),
      person('due'), otp('otpdue', 'due', { sentTo: 'due@example.com' }), withOtp('otpdue', '12345678', { x: 1 }), view('users', id('due'), undefined, su), withPassword('due'),
      person('tre'), otp('otptre', 'tre', { sentTo: 'elsewhere@example.com' }), withOtp('otptre'), view('users', id('tre'), undefined, su), withPassword('tre'),
      person('qua', { verified: true }), otp('otpqua', 'qua', { sentTo: 'qua@example.com' }), ask('auth-with-otp', { otpId: id('otpqua'), password: '12345678' }, { query: { fields: 'record.email' } }), withPassword('qua'),
    ],
    'too many tries': [person('gue'), otp('otpgue', 'gue'), ...Array.from({ length: 6 }, () => withOtp('otpgue', 'wrong')), withOtp('otpgue')],
    'one-time passwords that end': [person('fin'), otp('otpfin', 'fin'), otp('otpfi2', 'fin'), list('_otps', { filter: `recordRef = "${id('fin')}"`, fields: 'id' }, su), update('users', id('fin'), { name: 'x' }, su), list('_otps', { filter: `recordRef = "${id('fin')}"`, fields: 'id' }, su), update('users', id('fin'), { email: 'fin2@example.com' }, su), list('_otps', { filter: `recordRef = "${id('fin')}"`, fields: 'id' }, su)],
    'the auth rule': [patch(USERS, { authRule: "verified = true && @request.context = 'otp'" }, su), person('rul'), otp('otprul', 'rul'), withOtp('otprul'), withOtp('otprul'), otp('otpru2', 'rul', { sentTo: 'rul@example.com' }), withOtp('otpru2'), patch(USERS, { authRule: '' }, su)],
    'second factors': [
      patch(USERS, { mfa: { enabled: true, rule: "name != 'single'" } }, su),
      person('mfa'), ask('auth-with-password', { identity: 'mfa@example.com', password: PASSWORD }, { save: { first: 'mfaId' } }), withPassword('mfa', { mfaId: '{{first}}' }), withPassword('mfa', { mfaId: 'nothing' }), withPassword('mfa', { mfaId: 5 }), withPassword('mfa', { password: 'wrong', mfaId: '{{first}}' }),
      otp('otpmfa', 'mfa', { sentTo: 'mfa@example.com' }), withOtp('otpmfa', '12345678', { mfaId: '{{first}}' }), view('users', id('mfa'), undefined, su), list('_mfas', { filter: `recordRef = "${id('mfa')}"`, fields: 'id' }, su), withPassword('mfa', {}, { query: { fields: 'mfaId' } }),
      factor('mfabyother', 'ann'), withPassword('mfa', { mfaId: id('mfabyother') }), factor('mfabyquery', 'mfa'), withPassword('mfa', { mfaId: 'ignored' }, { query: { mfaId: id('mfabyquery') } }), withPassword('mfa', { mfaId: id('mfabyquery') }),
      person('sin', { name: 'single' }), withPassword('sin'),
      patch(USERS, { mfa: { enabled: false, rule: '' } }, su),
    ],
    'second factors that end': [person('mfe'), factor('mfaend', 'mfe'), update('users', id('mfe'), { tokenKey: 'y'.repeat(40) }, su), list('_mfas', { filter: `recordRef = "${id('mfe')}"`, fields: 'id' }, su), update('users', id('mfe'), { password: 'password2', passwordConfirm: 'password2' }, su), list('_mfas', { filter: `recordRef = "${id('mfe')}"`, fields: 'id' }, su)],
    'places': [
      person('pla'), withPassword('pla'), withPassword('pla'), list('_authOrigins', { filter: `recordRef = "${id('pla')}"` }, su), login('pla', 'users', 'pla@example.com', PASSWORD), list('_authOrigins', { fields: 'recordRef' }, { as: 'pla' }), list('_authOrigins', { fields: 'recordRef' }, { as: 'joe' }), list('_authOrigins'),
      update('users', id('pla'), { tokenKey: 'y'.repeat(40) }, su), list('_authOrigins', { filter: `recordRef = "${id('pla')}"`, fields: 'recordRef' }, su), update('users', id('pla'), { password: 'password2', passwordConfirm: 'password2' }, su), list('_authOrigins', { filter: `recordRef = "${id('pla')}"`, fields: 'recordRef' }, su),
      patch(USERS, { authAlert: { enabled: false } }, su), person('plb'), withPassword('plb'), list('_authOrigins', { filter: `recordRef = "${id('plb')}"`, fields: 'recordRef' }, su), patch(USERS, { authAlert: { enabled: true } }, su),
    ],
    'rows of accounts': ['_mfas', '_otps', '_authOrigins', '_externalAuths'].flatMap((name) => [
      ...[{}, { collectionRef: 'nope', recordRef: 'x' }, { collectionRef: '_pbc_nope', recordRef: id('ann') }, { collectionRef: 'users', recordRef: id('ann') }, { collectionRef: '_pb_users_auth_', recordRef: 'x' }, { collectionRef: '_pb_users_auth_', recordRef: id('ann') }].map((refs) => create(name, { method: 'otp', password: '1234', fingerprint: 'f', provider: 'google', providerId: 'p', ...refs }, su)),
      create(name, { collectionRef: '_pb_users_auth_', recordRef: id('ann') }, { as: 'ann' }),
      create(name, { collectionRef: '_pb_users_auth_', recordRef: id('ann') }),
      list(name, { fields: 'collectionRef,recordRef' }, { as: 'ann' }),
      list(name, {}, { as: 'joe' }),
    ]),
    'rows go with their account': [person('gon'), otp('otpgon', 'gon'), factor('mfagon', 'gon'), withPassword('gon'), remove('users', id('gon'), su), ...['_otps', '_mfas', '_authOrigins'].map((name) => list(name, { filter: `recordRef = "${id('gon')}"`, fields: 'id' }, su))],
    'the test mail': [...[{}, { email: 'x' }, { email: 'a@example.com', template: 'x' }, { email: 'a@example.com', template: 'otp', collection: 'nope' }, { email: 'a@example.com', template: 'otp', collection: '_mfas' }, { email: 5 }].map((body) => post('/api/settings/test/email', body, su)), ...['guest', 'ann', 'joe'].map((as) => post('/api/settings/test/email', {}, { as }))],
    'a mail server that is not there': [patch('/api/settings', { smtp: { enabled: true, host: '127.0.0.1', port: 1 } }, su), post('/api/settings/test/email', { email: 'a@example.com', template: 'otp' }, su), person('fai'), ask('request-password-reset', { email: 'fai@example.com' }), ask('request-password-reset', { email: 'nobody@example.com' }), ask('request-otp', { email: 'fai@example.com' }), patch('/api/settings', { smtp: { enabled: false } }, su)],
    'methods': [get(`${USERS}/auth-methods`), del(`${USERS}/auth-methods`)],
  },
};
