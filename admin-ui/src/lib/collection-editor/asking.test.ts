import { describe, expect, it } from 'vitest';
import { askingFor, type Around } from './asking';
import { blankField } from './blank';
import type { AnyField, Collection } from './model';

const field = (name: string, type: AnyField['type'] = 'text', more: object = {}) =>
  ({ ...blankField(type), id: `${name}_id`, name, ...more }) as AnyField;
const to = (name: string, collectionId: string) => field(name, 'relation', { collectionId, maxSelect: 1 });

function collection(name: string, fields: AnyField[], more: Partial<Collection> = {}): Collection {
  const rules = { listRule: null, viewRule: null, createRule: null, updateRule: null, deleteRule: null };
  const rest = { system: false, indexes: [], created: '', updated: '' };
  return { id: `${name}_id`, name, type: 'base', fields, ...rest, ...rules, ...more };
}

const people = collection('people', [field('role'), field('pin', 'password'), to('boss', 'people_id')], {
  type: 'auth',
});
const staff = collection('staff', [field('role')], { type: 'auth' });
const posts = collection('posts', [field('title'), to('author', 'people_id')]);

/** A collection with a field under another name. */
const renamed = (of: Collection, old: string, name: string): Collection => ({
  ...of,
  fields: of.fields.map((one) => (one.name === old ? { ...one, name } : one)),
});
const without = (of: Collection, gone: string): Collection => ({
  ...of,
  fields: of.fields.filter(({ name }) => name !== gone),
});

/** What is told of a change, with these collections and rules around. */
function told(before: Collection, after: Collection | undefined, others: Collection[], more: Partial<Around> = {}) {
  const around = { collections: [before, ...others], ...more } as Around;
  return askingFor(before, after, around).map(({ text }) => text);
}

const REFUSES = ': from then on it refuses everybody but superusers.';
const MUST = ': it must be changed too, or nothing is saved.';

describe('askingFor', () => {
  it('names rules of others that go through a renamed field, whichever way', () => {
    const rules = {
      listRule: 'author.role = "x" || author.boss.role:lower = "x"',
      viewRule: '@collection.People:other.role ?= title',
      createRule: '@collection.people_id.role ?= "x"',
    };
    expect(told(people, renamed(people, 'role', 'rank'), [{ ...posts, ...rules }])).toEqual([
      `List and search of “posts” asks for “author.role”, “author.boss.role:lower”${REFUSES}`,
      `View of “posts” asks for “@collection.People:other.role”${REFUSES}`,
      `Create of “posts” asks for “@collection.people_id.role”${REFUSES}`,
    ]);
  });

  it('leaves alone what only looks like it', () => {
    const rules = {
      listRule: 'title = "author.role" // author.role',
      viewRule: '@request.query.role = @request.headers.role',
    };
    const roles = collection('roles', [field('role')], { listRule: 'role = "x" && @collection.roles.role = "x"' });
    expect(told(people, renamed(people, 'role', 'rank'), [{ ...posts, ...rules }, roles])).toEqual([]);
    expect(told(people, { ...people, fields: [...people.fields, field('more')] }, [posts])).toEqual([]);
  });

  it('says that who asks has no such field, where the server would say nothing', () => {
    const rules = { updateRule: '@request.auth.role != "banned"', deleteRule: '@request.auth.boss.role = "x"' };
    const end = ', which is no field of “people” from then on: it may refuse everybody, or let in too many.';
    for (const after of [renamed(people, 'role', 'rank'), without(people, 'role')]) {
      expect(told(people, after, [staff, { ...posts, ...rules }])).toEqual([
        `Update of “posts” asks for “@request.auth.role”${end}`,
        `Delete of “posts” asks for “@request.auth.boss.role”${end}`,
      ]);
    }
    expect(told(staff, undefined, [people, { ...posts, ...rules }])).toEqual([]);
  });

  it('names paths back, after the relation or its collection got another name', () => {
    const mine = { ...people, listRule: 'posts_via_author.title ?= "x"' };
    const says = [`List and search of “people” asks for “posts_via_author.title”${REFUSES}`];
    expect(told(posts, renamed(posts, 'author', 'writer'), [mine])).toEqual(says);
    expect(told(posts, without(posts, 'author'), [mine])).toEqual(says);
    expect(told(posts, { ...posts, name: 'articles' }, [mine])).toEqual(says);
    expect(
      told(posts, { ...posts, name: 'articles' }, [{ ...people, listRule: '@collection.posts_id.id != ""' }]),
    ).toEqual([]);
  });

  it('names own rules that do not follow by themselves', () => {
    const rules = {
      listRule: 'role = "x" && boss.role = "y"',
      viewRule: '@collection.people.role = "x"',
      updateRule: '',
    };
    const mine = {
      ...people,
      ...rules,
      createRule: '@request.body.role:isset = false',
      mfa: { enabled: true, duration: 1, rule: 'role = "x"' },
    };
    expect(told(mine, without(mine, 'role'), [])).toEqual([
      `List and search asks for “role”, “boss.role”${MUST}`,
      `View asks for “@collection.people.role”${MUST}`,
      'Create asks for “@request.body.role:isset”, which is no field of “people” from then on: it may refuse everybody, or let in too many.',
      `Second factor asks for “role”${MUST}`,
    ]);
    const follows = { ...renamed(mine, 'role', 'rank'), ...rules, listRule: 'rank = "x"', viewRule: null };
    expect(
      told(mine, { ...follows, createRule: '@request.body.pin:isset = false', mfa: { ...mine.mfa, rule: '' } }, []),
    ).toEqual([]);
    expect(told(mine, { ...mine, name: 'users', createRule: null }, [])).toEqual([
      `View asks for “@collection.people.role”${MUST}`,
    ]);
  });

  it('says when a name means another field', () => {
    const swapped = renamed(renamed(renamed(posts, 'title', 'x'), 'author', 'title'), 'x', 'author');
    const log = collection('log', [to('post', 'posts_id')], { listRule: 'post.title != ""' });
    const says = ['List and search of “log” asks for “post.title”, which is another field from then on.'];
    expect(told(posts, swapped, [log])).toEqual(says);
    const again = {
      ...without(posts, 'title'),
      fields: [field('title', 'text', { id: '' }), to('author', 'people_id')],
    };
    expect(told(posts, again, [log])).toEqual(says);
    expect(told({ ...posts, listRule: 'title = author' }, { ...swapped, listRule: 'author = title' }, [])).toEqual([]);
  });

  it('names rules of channels, and columns in queries of views', () => {
    const channels = [
      { pattern: 'rooms/*', listenRule: '@request.auth.role = "x"', publishRule: '@collection.people.role = "x"' },
    ];
    const view = (name: string, viewQuery: string) => collection(name, [field('role')], { type: 'view', viewQuery });
    const views = [
      view('ranks', 'SELECT id, "role" FROM People'),
      view('texts', "SELECT id, 'role' AS x FROM people -- role"),
      view('staffers', 'SELECT id, role FROM staff'),
    ];
    expect(told(people, renamed(people, 'role', 'rank'), views, { channels })).toEqual([
      'Listen on channel “rooms/*” asks for “@request.auth.role”, which is no field of “people” from then on: it may refuse everybody, or let in too many.',
      `Publish on channel “rooms/*” asks for “@collection.people.role”${REFUSES}`,
      'The view “ranks” reads “people” and names “role”: if it means this one, nothing is saved.',
    ]);
    expect(told(people, { ...people, name: 'users' }, views)).toEqual([]);
  });

  it('names what asks for a collection that is deleted, and what keeps it', () => {
    const log = collection('log', [field('text')], { viewRule: '@collection.people.role ?= text' });
    const ranks = collection('ranks', [], { type: 'view', viewQuery: 'SELECT id, role FROM people' });
    expect(told(people, undefined, [posts, log, ranks])).toEqual([
      `View of “log” asks for “@collection.people.role”${REFUSES}`,
      '“author” of “posts” leads to it: while it does, it cannot be deleted.',
      'The view “ranks” reads it: while it does, it cannot be deleted.',
    ]);
  });

  it('leads to where each stands', () => {
    const mine = { ...people, listRule: 'role = "x"', mfa: { enabled: true, duration: 1, rule: 'role = "x"' } };
    const around = { collections: [mine, { ...posts, viewRule: 'author.role = "x"' }] } as unknown as Around;
    expect(askingFor(mine, without(mine, 'role'), around).map(({ link }) => link?.href)).toEqual([
      '#/collections/people/edit?tab=rules',
      '#/collections/people/edit?tab=signin',
      '#/collections/posts/edit?tab=rules',
    ]);
  });
});
