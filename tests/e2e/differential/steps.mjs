// Short ways to write the requests of a scenario.

export const get = (path, more) => ({ method: 'GET', path, ...more });
export const post = (path, json, more) => ({ method: 'POST', path, json, ...more });
export const patch = (path, json, more) => ({ method: 'PATCH', path, json, ...more });
export const put = (path, json, more) => ({ method: 'PUT', path, json, ...more });
export const del = (path, more) => ({ method: 'DELETE', path, ...more });

const records = (collection, id) => `/api/collections/${collection}/records${id === undefined ? '' : `/${id}`}`;

/** Records of a collection; `query` may be a filter text alone. */
export const list = (collection, query = {}, more) =>
  get(records(collection), { query: typeof query === 'string' ? { filter: query } : query, ...more });
export const view = (collection, id, query, more) => get(records(collection, id), { ...(query && { query }), ...more });
export const create = (collection, json, more) => post(records(collection), json, more);
export const update = (collection, id, json, more) => patch(records(collection, id), json, more);
export const remove = (collection, id, more) => del(records(collection, id), more);

/** Signs in; later steps use the token with `as: name`. */
export const login = (name, collection, identity, password) =>
  post(`/api/collections/${collection}/auth-with-password`, { identity, password }, { save: { [`token:${name}`]: 'token', [`${name}Id`]: 'record.id' } });

/** Creates a collection as superuser; its id is saved under `<name>Id`. */
export const collection = (body, more) => post('/api/collections', body, { as: 'su', save: { [`${body.name}Id`]: 'id' }, ...more });

export const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };

const field = (type) => (name, more = {}) => ({ name, type, ...more });
export const text = field('text');
export const number = field('number');
export const bool = field('bool');
export const email = field('email');
export const url = field('url');
export const editor = field('editor');
export const date = field('date');
export const json = field('json');
export const file = field('file');
export const password = field('password');
export const geo = field('geoPoint');
export const autodate = field('autodate');
export const select = (name, values, more = {}) => ({ name, type: 'select', values, maxSelect: 1, ...more });
export const relation = (name, collectionId, more = {}) => ({ name, type: 'relation', collectionId, maxSelect: 1, ...more });
export const stamps = [autodate('created', { onCreate: true }), autodate('updated', { onCreate: true, onUpdate: true })];

/** The one field with one value in a record body, for tables of values. */
export const values = (collection, key, list, more) => list.map((value) => create(collection, { [key]: value }, more));

/** A 15-character id made of a word and zeros: `id('ann')` is `ann000000000000`. */
export const id = (word) => word.padEnd(15, '0');

/** A one-pixel PNG. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
