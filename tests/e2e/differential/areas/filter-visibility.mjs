// What a client's own filter and sort may learn: locked and ruled joined collections, hidden fields, addresses.
import { OPEN, collection, create, list, login, number, relation, text, id, post } from '../steps.mjs';

const su = { as: 'su' };
const find = (filter, more) => list('posts', { filter, sort: 'id', fields: 'id' }, more);

export default {
  setup: [
    collection({ name: 'locked', fields: [text('a')] }, { save: { locked: 'id' } }),
    collection({ name: 'ruled', ...OPEN, listRule: "a != 'private'", fields: [text('a'), text('h', { hidden: true })] }, { save: { ruled: 'id' } }),
    collection({ name: 'users2', type: 'auth', ...OPEN, fields: [text('name')] }, { save: { users2: 'id' } }),
    collection({ name: 'posts', ...OPEN, fields: [text('t'), relation('l', '{{locked}}'), relation('r', '{{ruled}}'), relation('rm', '{{ruled}}', { maxSelect: 5 }), relation('u', '{{users2}}')] }, { save: { posts: 'id' } }),
    collection({ name: 'back', listRule: "x = 'seen'", viewRule: '', fields: [text('x'), relation('post', '{{posts}}')] }),
    create('locked', { id: id('l1'), a: 'x' }, su), create('ruled', { id: id('r1'), a: 'public', h: 'h' }, su), create('ruled', { id: id('r2'), a: 'private' }),
    create('users2', { id: id('u1'), email: 'open@example.com', emailVisibility: true, password: '12345678', passwordConfirm: '12345678', name: 'Open' }, su), create('users2', { id: id('u2'), email: 'closed@example.com', password: '12345678', passwordConfirm: '12345678', name: 'Closed' }, su),
    create('posts', { id: id('p1'), t: '1', l: id('l1'), r: id('r1'), rm: [id('r1'), id('r2')], u: id('u1') }), create('posts', { id: id('p2'), t: '2', r: id('r2'), rm: [id('r2')], u: id('u2') }), create('posts', { id: id('p3'), t: '3' }),
    create('back', { x: 'seen', post: id('p1') }, su), create('back', { x: 'unseen', post: id('p2') }, su),
    login('u1', 'users2', 'open@example.com', '12345678'),
  ],
  scenarios: {
    'a locked collection': [find("l.a = 'x'"), find("l.a = 'x'", su), find("l.id = 'l10000000000000'"), find("l = 'l10000000000000'"), list('posts', { sort: 'l.a' }), list('posts', { sort: 'l.a', fields: 'id' }, su)],
    'a ruled collection': [find("r.a = 'private'"), find("r.a = 'public'"), find("r.a != 'public'"), find("r.a ~ 'p'"), find("r.a = ''"), find("r.id = 'r20000000000000'"), find("rm.a ?= 'private'"), find("rm.a ?= 'public'"), find("rm.a = 'public'"), find("rm.a ~ 'p'"), find("r.a = 'private'", su), find("rm.a ?= 'private'", su), list('posts', { sort: 'r.a,id', fields: 'id' })],
    'a ruled back-relation': [find("back_via_post.x ?= 'seen'"), find("back_via_post.x ?= 'unseen'"), find("back_via_post.x = 'unseen'"), find("back_via_post.id = ''"), find("back_via_post.x ?= 'unseen'", su)],
    'hidden fields behind relations': [find("r.h = 'h'"), find("r.h = 'h'", su), list('posts', { sort: 'r.h' }), list('ruled', { filter: "h = 'h'" })],
    'addresses': [find("u.email = 'open@example.com'"), find("u.email = 'closed@example.com'"), find("u.email ~ '@'"), find("u.email ~ '@'", su), list('users2', { filter: "email ~ '@'", sort: 'id', fields: 'id' }), list('users2', { filter: "email ~ '@'", sort: 'id', fields: 'id' }, { as: 'u1' }), list('users2', { filter: "email = ''", sort: 'id', fields: 'id' }), list('users2', { sort: 'email', fields: 'id' }), list('users2', { filter: "email != 'closed@example.com'", sort: 'id', fields: 'id' }), list('users2', { filter: "password ~ '$'" }), list('users2', { filter: "tokenKey != ''" }), list('users2', { sort: 'tokenKey' }), list('users2', { filter: 'verified = true' })],
    'superusers and token keys': [list('users2', { filter: "tokenKey != ''", sort: 'id', fields: 'id' }, su)],
    'an empty answer many times': [find("r.a = 'no1'"), find("r.a = 'no2'"), find("r.a = 'no3'"), find("r.a = 'no4'")],
  },
};
