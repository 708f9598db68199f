import { describe, expect, it } from 'vitest';
import type { CollectionModel } from '$lib/api/types';
import { endpointsOf } from '.';
import { curl, jsOf } from './endpoint';
import { setupTs } from './ts';

const posts = {
  id: 'c1',
  name: 'posts',
  type: 'base',
  system: false,
  listRule: '',
  viewRule: null,
  createRule: 'a = 1',
  fields: [
    { id: 'f0', name: 'id', type: 'text', required: true, system: true },
    { id: 'f1', name: 'title', type: 'text', required: true, max: 9 },
    { id: 'f2', name: 'kind', type: 'select', values: ["o'clock"], maxSelect: 2 },
    { id: 'f3', name: 'docs', type: 'file', maxSelect: 1 },
    { id: 'f4', name: 'secret', type: 'text', hidden: true },
    { id: 'f5', name: 'author', type: 'relation', collectionId: 'c2', maxSelect: 1 },
  ],
} as unknown as CollectionModel;
const people = {
  id: 'c2',
  name: 'people',
  type: 'auth',
  fields: [
    { name: 'email', type: 'email' },
    { name: 'password', type: 'password', hidden: true },
    { name: 'tokenKey', type: 'text', hidden: true },
  ],
  passwordAuth: { enabled: true, identityFields: ['email'] },
  otp: { enabled: false },
  oauth2: { enabled: false, providers: [] },
  mfa: { enabled: true },
} as unknown as CollectionModel;

const of = (collection: CollectionModel) =>
  endpointsOf({ collection, all: [posts, people], origin: 'https://example.com' });

describe('endpointsOf', () => {
  it('tells what a collection has, with its own fields and rules', () => {
    const all = of(posts);
    expect(all.map(({ id }) => id)).toEqual([
      'list',
      'view',
      'create',
      'update',
      'delete',
      'realtime',
      'files',
      'batch',
    ]);
    const [list, view, create] = all;
    expect(list?.access).toBe('Everyone, guests too.');
    expect(view?.access).toBe('Superusers only.');
    expect(view?.js).toContain("expand: 'author'");
    expect(create?.access).toContain('a = 1');
    expect(create?.params.find(({ name }) => name === 'title')).toMatchObject({ isRequired: true, note: 'At most 9.' });
    expect(create?.params.find(({ name }) => name === 'kind')).toMatchObject({ type: 'list of select' });
    expect(JSON.stringify(list?.answers)).not.toContain('secret');
  });

  it('shows ways to sign in only where they are switched on', () => {
    const all = of(people);
    const ids = all.map(({ id }) => id);
    expect(ids).toContain('auth-with-password');
    expect(ids).not.toContain('auth-with-otp');
    expect(ids).not.toContain('auth-with-oauth2');
    expect(JSON.stringify(all)).not.toContain('tokenKey');
    expect(all.find(({ id }) => id === 'auth-with-password')?.answers.map(({ status }) => status)).toEqual([
      200, 400, 401,
    ]);
    expect(all.find(({ id }) => id === 'request-verification')?.js).toContain(
      "collection('people').confirmVerification",
    );
  });

  it('has passkeys and authenticator apps where they are switched on', () => {
    expect(of(people).some(({ id }) => /passkey|totp/.test(id))).toBe(false);
    const on = { ...people, passkey: { enabled: true }, totp: { enabled: true } } as CollectionModel;
    const byId = Object.fromEntries(of(on).map((one) => [one.id, one]));
    expect(Object.keys(byId).filter((id) => /passkey|totp|recovery/.test(id))).toHaveLength(13);
    expect(byId['add-passkey']).toMatchObject({ method: 'POST', path: '/api/collections/people/passkeys' });
    expect(byId['add-passkey']?.params.map(({ name, isRequired }) => [name, isRequired])).toEqual([
      ['id', true],
      ['credential', true],
      ['name', false],
    ]);
    expect(byId['totp']?.js).toBe(
      "const result = await pb.send('/api/collections/people/totp', {\n  method: 'GET'\n});",
    );
  });

  it('asks with the generated client too, with names that are no words in brackets', () => {
    const all = of({ ...posts, name: '1st' } as CollectionModel);
    const ts = Object.fromEntries(all.map((one) => [one.id, one.ts]));
    expect(ts['list']).toContain("db['1st'].list({\n  perPage: 50,\n  filter: (record) => ne(record.title, ''),");
    expect(ts['view']).toContain('expand: {\n    author: true\n  }');
    expect(ts['batch']).toContain("batch['1st'].delete('RECORD_ID')");
    expect(of(people).find(({ id }) => id === 'request-verification')?.ts).toContain(
      "db.people.confirmVerification('TOKEN');",
    );
    expect(setupTs('https://example.com', ts['list'] ?? '')).toContain(
      "import { createClient, ne } from './bakend/index.js';",
    );
    expect(setupTs('https://example.com', ts['delete'] ?? '')).toContain('import { createClient } from');
  });

  it('has nothing to write in a view', () => {
    expect(of({ ...posts, type: 'view' } as CollectionModel).map(({ id }) => id)).toEqual(['list', 'view']);
  });
});

describe('code', () => {
  it('is quoted the way each language wants it', () => {
    expect(jsOf({ a: "it's", 'b-c': 1 })).toBe(`{\n  a: 'it\\'s',\n  'b-c': 1\n}`);
    expect(curl('POST', 'u', { body: { a: "it's" } })).toContain(String.raw`"it'\''s"`);
    expect(curl('GET', 'u', { isPublic: true })).toBe("curl 'u'");
  });
});
