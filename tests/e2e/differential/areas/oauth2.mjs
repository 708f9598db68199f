// Signing in through other services: every provider's answers, who a person turns out to be, and what is refused.
import { code, startProvider } from '../../oauth2/provider.mjs';
import { SAMPLES } from '../../oauth2/samples.mjs';
import { collection, create, get, id, list, login, patch, post, remove, text, OPEN } from '../steps.mjs';

const provider = await startProvider();
// The suite ends when its servers have; nobody tells this one.
provider.server.unref();

const su = { as: 'su' };
const at = (name) => `/api/collections/${name}`;
const set = (name, more = {}) => ({ name, clientId: 'client', clientSecret: 'secret', authURL: `${provider.url}/auth`, tokenURL: `${provider.url}/token`, userInfoURL: `${provider.url}/user`, ...more });
const email = (required) => ({ name: 'email', type: 'email', system: true, required });
const ann = (more = {}) => ({ sub: 'p1', name: 'Ann', preferred_username: 'ann', picture: 'https://img.example.com/a', email: 'ann@example.com', email_verified: true, ...more });
const bring = (name, user, more = {}, sent = {}) => post(`${at(name)}/auth-with-oauth2`, { provider: 'oidc', code: code({ '/user': user, ...more.answers }, more), codeVerifier: 'v'.repeat(43), redirectURL: 'http://127.0.0.1/redirect', ...sent });
const person = (name, more = {}) => ({ id: id(name), email: `${name}@example.com`, password: 'password1', passwordConfirm: 'password1', ...more });
const plain = (name, more = {}) => collection({ name, type: 'auth', ...OPEN, fields: [text('name'), text('username'), text('pid'), text('picture'), email(false)], oauth2: { enabled: true, providers: [set('oidc')], mappedFields: { id: '', name: 'name', username: 'username', avatarURL: 'picture' } }, ...more });

/** Providers whose list of addresses PocketBase looks for at their own host only, out of reach here. */
const ELSEWHERE = ['gitee', 'gitea', 'planningcenter'];

/** Every sample of a provider, each signed in and removed again. */
const samples = (name) =>
  SAMPLES[name].flatMap(({ user, more = {}, token }, at_) => {
    const answers = Object.fromEntries(Object.entries(more).map(([path, answer]) => [`/user${path}`, answer]));
    return [
      bring('everybody', user, { answers, token }, { provider: name }),
      list('_externalAuths', { fields: 'items.provider,items.providerId', filter: `provider = '${name}'` }, su),
      { ...remove('everybody', `{{${name}${at_}}}`, su), label: `gone ${at_}` },
    ].map((step, i) => (i === 0 ? { ...step, save: { [`${name}${at_}`]: 'record.id' } } : step));
  });

export default {
  setup: [
    collection({ name: 'everybody', type: 'auth', ...OPEN, fields: [text('name'), text('username'), text('picture'), email(false)], oauth2: { enabled: true, providers: Object.keys(SAMPLES).map((name) => set(name)), mappedFields: { id: '', name: 'name', username: 'username', avatarURL: 'picture' } } }),
    plain('people'), plain('closed', { createRule: null }), plain('picky', { createRule: "@request.context = 'oauth2' && @request.body.name = 'Ann' && @request.body.extra != ''", fields: [text('name'), text('extra'), email(false)] }),
    plain('unique', { fields: [text('name'), text('username', { pattern: '^[a-z]+$' }), email(true)], indexes: ['CREATE UNIQUE INDEX idx_unique_name ON `unique` (username)'] }), plain('ruled', { authRule: "name != 'Ann'" }),
    plain('mapped', { oauth2: { enabled: true, providers: [set('oidc')], mappedFields: { id: 'pid', name: 'name', username: 'username', avatarURL: 'picture' } } }), plain('second', { mfa: { enabled: true, duration: 600, rule: '' } }), collection({ name: 'off', type: 'auth', ...OPEN }), collection({ name: 'plain', ...OPEN, fields: [text('a')] }),
  ],
  scenarios: {
    ...Object.fromEntries(Object.keys(SAMPLES).filter((name) => !ELSEWHERE.includes(name)).map((name) => [`provider ${name}`, samples(name)])),
    'form': [{}, { provider: 'nope', code: 'x' }, { provider: 'oidc' }, { code: 'x' }, { provider: 'x'.repeat(101), code: 'x' }, { provider: 5, code: 'x' }, { provider: 'oidc', code: 'x', createData: 5 }, { provider: 'oidc', code: 'x', createData: null }, { provider: 'oidc', code: 'x', redirectUrl: 'http://127.0.0.1/old' }, { PROVIDER: 'oidc', Code: 'x' }].map((body) => post(`${at('people')}/auth-with-oauth2`, body)),
    'elsewhere': [post(`${at('off')}/auth-with-oauth2`, { provider: 'oidc', code: 'x' }), post(`${at('plain')}/auth-with-oauth2`, {}), post(`${at('nope')}/auth-with-oauth2`, {}), post(`${at('_superusers')}/auth-with-oauth2`, {}), get(`${at('people')}/auth-with-oauth2`)],
    'faults of the provider': ['500', '401', 'text', 'list', 'elsewhere'].flatMap((fault) => [bring('people', ann(), { fault, at: '/token' }), bring('people', ann(), { fault, at: '/user' })]),
    'secret in the body': [bring('people', ann({ sub: 'body' }), { basic: false })],
    'new, then known': [bring('people', ann(), {}, { createData: { name: 'Given' } }), bring('people', ann({ name: 'Other' })), list('people', { fields: 'items.name,items.username,items.verified,items.picture' }), list('_externalAuths', { fields: 'items.provider,items.providerId,items.recordRef', filter: "providerId = 'p1'" }, su)],
    'no address': [bring('people', ann({ sub: 'p2', email: '' })), bring('people', ann({ sub: 'p2', email: '' })), bring('people', ann({ sub: 'p2' })), bring('people', ann({ sub: 'p3', email_verified: false }))],
    'create data': [bring('people', ann({ sub: 'c1' }), {}, { createData: { email: 'own@example.com', emailVisibility: true } }), bring('people', ann({ sub: 'c2', email: 'c2@example.com' }), {}, { createData: { password: 'password1', passwordConfirm: 'password1' } }), post(`${at('people')}/auth-with-password`, { identity: 'c2@example.com', password: 'password1' }), bring('people', ann({ sub: 'c3', email: 'c3@example.com' }), {}, { createData: { password: 'password1' } }), bring('people', ann({ sub: 'c4', email: 'c4@example.com' }), {}, { createData: { verified: true } }), bring('people', ann({ sub: 'c5', email: 'c5@example.com' }), {}, { createData: { name: '', username: 'mine' } }), bring('people', ann({ sub: 'c6', email: 'c6@example.com' }), {}, { createData: { id: 'short' } })],
    'create rule': [bring('closed', ann()), bring('picky', ann()), bring('picky', ann(), {}, { createData: { extra: 'x' } }), bring('picky', ann({ sub: 'p9', email: 'p9@example.com', name: 'Bob' }), {}, { createData: { extra: 'x' } }), bring('picky', ann())],
    'auth rule': [bring('ruled', ann()), list('ruled', { fields: 'totalItems,items.name' })],
    'user names': [bring('unique', ann()), bring('unique', ann({ sub: 'u2', email: 'u2@example.com' })), bring('unique', ann({ sub: 'u3', email: 'u3@example.com', preferred_username: 'Not A Name' })), bring('unique', ann({ sub: 'u4', email: '' }))],
    'mapped id': [bring('mapped', ann()), bring('mapped', ann({ sub: 'm2', email: 'm2@example.com' }), {}, { createData: { pid: 'own' } })],
    'squatter': [create('people', person('ann')), login('squatter', 'people', 'ann@example.com', 'password1'), bring('people', ann()), post(`${at('people')}/auth-refresh`, undefined, { as: 'squatter' }), post(`${at('people')}/auth-with-password`, { identity: 'ann@example.com', password: 'password1' }), list('people', { fields: 'items.verified' })],
    'squatter with a link': [create('people', person('cat', { name: 'Cat' })), login('cat', 'people', 'cat@example.com', 'password1'), { ...bring('people', ann({ sub: 'evil', email: 'evil@example.com' })), as: 'cat' }, bring('people', ann({ sub: 'cat', email: 'cat@example.com' })), list('_externalAuths', { fields: 'items.providerId', filter: "providerId = 'evil' || providerId = 'cat'", sort: 'providerId' }, su), bring('people', ann({ sub: 'evil', email: 'evil@example.com' }))],
    'verified owner': [create('people', person('dan', { verified: true }), su), login('dan', 'people', 'dan@example.com', 'password1'), bring('people', ann({ sub: 'dan', email: 'dan@example.com' })), post(`${at('people')}/auth-with-password`, { identity: 'dan@example.com', password: 'password1' }), post(`${at('people')}/auth-refresh`, undefined, { as: 'dan' })],
    'linking': [create('people', person('eve', { verified: true }), su), login('eve', 'people', 'eve@example.com', 'password1'), { ...bring('people', ann({ sub: 'e1', email: 'other@example.com' })), as: 'eve' }, bring('people', ann({ sub: 'e1', email: 'other@example.com' })), { ...bring('people', ann({ sub: 'e2' })), as: 'eve' }, list('_externalAuths', { fields: 'items.providerId,items.recordRef' }, { as: 'eve' }), create('people', person('fay', { verified: true }), su), login('fay', 'people', 'fay@example.com', 'password1'), { ...bring('people', ann({ sub: 'e1' })), as: 'fay' }, list('_externalAuths', { fields: 'items.providerId' }, { as: 'fay' })],
    'linking with other tokens': [{ ...bring('people', ann({ sub: 'o1', email: 'o1@example.com' })), as: 'su' }, create('off', person('gus', { verified: true }), su), login('gus', 'off', 'gus@example.com', 'password1'), { ...bring('people', ann({ sub: 'o2', email: 'gus@example.com' })), as: 'gus' }, { ...bring('people', ann({ sub: 'o3', email: 'o3@example.com' })), headers: { authorization: 'nonsense' } }],
    'unlinking': [create('people', person('hal', { verified: true }), su), login('hal', 'people', 'hal@example.com', 'password1'), { ...bring('people', ann({ sub: 'h1', email: 'hal@example.com' })), as: 'hal' }, list('_externalAuths', {}, { as: 'hal', save: { link: 'items.0.id' } }), remove('_externalAuths', '{{link}}'), remove('_externalAuths', '{{link}}', { as: 'hal' }), list('_externalAuths', { fields: 'totalItems' }, { as: 'hal' }), { ...bring('people', ann({ sub: 'h2', email: '' })), as: 'hal' }, remove('people', id('hal'), su), list('_externalAuths', { fields: 'totalItems', filter: "providerId = 'h2'" }, su)],
    'second factor': [bring('second', ann()), create('second', person('ida', { verified: true }), su), post(`${at('second')}/auth-with-password`, { identity: 'ida@example.com', password: 'password1' }, { save: { mfa: 'mfaId' } }), bring('second', ann({ sub: 'ida', email: 'ida@example.com' }), {}, { mfaId: '{{mfa}}' }), bring('second', ann({ sub: 'ida', email: 'ida@example.com' }), {}, { mfaId: '{{mfa}}' })],
    'fields and expand': [{ ...bring('people', ann({ sub: 'f1', email: 'f1@example.com' })), query: { fields: 'meta.isNew,record.name' } }, { ...bring('people', ann({ sub: 'f1' })), query: { expand: 'nope' }, keyOrder: false }],
    'providers': [get('/api/collections/meta/oauth2-providers', { ...su, query: { fields: 'name,displayName' } }), get('/api/collections/meta/oauth2-providers')],
    'redirect': [get('/api/oauth2-redirect'), get('/api/oauth2-redirect?state=abc&code=x'), get('/api/oauth2-redirect?error=access_denied'), { method: 'POST', path: '/api/oauth2-redirect', urlencoded: [['state', 'abc'], ['code', 'x']] }, post('/api/oauth2-redirect', { state: 'abc' })].map((step) => ({ ...step, headersToCompare: ['location'] })),
    'apple secret': [{}, { clientId: 'a', teamId: 'x', keyId: 'y', privateKey: 'z', duration: 15777001 }, { clientId: 'a', teamId: 'x'.repeat(10), keyId: 'y'.repeat(10), privateKey: 'z', duration: -1 }, { clientId: 'a', teamId: 'x'.repeat(10), keyId: 'y'.repeat(10), privateKey: '-----BEGIN PRIVATE KEY-----\nzzzz\n-----END PRIVATE KEY-----', duration: 100 }, { clientId: 5 }].map((body) => post('/api/settings/apple/generate-client-secret', body, su)).concat([post('/api/settings/apple/generate-client-secret', {})]),
    'methods': [get(`${at('people')}/auth-methods`), get(`${at('off')}/auth-methods`), get(`${at('everybody')}/auth-methods`), patch(at('off'), { oauth2: { enabled: true, providers: [{ name: 'google', clientId: 'a', clientSecret: 'b', displayName: 'Shown', pkce: false }, { name: 'apple', clientId: 'a', clientSecret: 'b' }, { name: 'oidc2', clientId: 'a b', clientSecret: 'b', authURL: 'https://example.com/a?b=c' }, { name: 'microsoft', clientId: 'a', clientSecret: 'b', extra: { idTokenEmailClaim: 'email' } }] } }, su), get(`${at('off')}/auth-methods`), get('/api/collections/off/auth-methods', { query: { fields: 'oauth2.providers.name' } })],
  },
};
