// Expanding relations: single, multiple, nested, backwards, by rule, and things that do not exist.
import { OPEN, collection, create, list, login, number, relation, text, update, view, id, patch } from '../steps.mjs';

const su = { as: 'su' };
const one = (expand, more) => view('posts', id('p1'), { expand }, more);

export default {
  setup: [
    collection({ name: 'people', ...OPEN, fields: [text('name'), text('secret', { hidden: true })] }, { save: { people: 'id', pf0: 'fields.0', pf1: 'fields.1', pf2: 'fields.2' } }),
    patch('/api/collections/people', { fields: ['{{pf0}}', '{{pf1}}', '{{pf2}}', relation('friend', '{{people}}')] }, su),
    collection({ name: 'locked', fields: [text('a')] }, { save: { locked: 'id' } }),
    collection({ name: 'members', type: 'auth', ...OPEN, viewRule: "@request.auth.id != ''", fields: [text('name')] }, { save: { members: 'id' } }),
    collection({ name: 'partly', ...OPEN, viewRule: "a = 'open' && @request.context = 'expand'", fields: [text('a')] }, { save: { partly: 'id' } }),
    collection({ name: 'posts', ...OPEN, fields: [text('t'), relation('owner', '{{people}}'), relation('readers', '{{people}}', { maxSelect: 5 }), relation('l', '{{locked}}'), relation('m', '{{members}}'), relation('part', '{{partly}}', { maxSelect: 5 })] }, { save: { posts: 'id' } }),
    collection({ name: 'comments', ...OPEN, fields: [text('c'), relation('post', '{{posts}}'), relation('by', '{{people}}')] }, { save: { comments: 'id' } }),
    collection({ name: 'extra', ...OPEN, fields: [text('e'), relation('post', '{{posts}}')], indexes: ['CREATE UNIQUE INDEX idx_extra ON extra (post)'] }),
    collection({ name: 'tags', ...OPEN, fields: [text('n'), relation('posts', '{{posts}}', { maxSelect: 9 })] }),
    create('people', { id: id('ann'), name: 'Ann', secret: 's' }, su), create('people', { id: id('bob'), name: 'Bob', friend: id('ann') }), update('people', id('ann'), { friend: id('bob') }),
    create('locked', { id: id('l1'), a: 'x' }, su), create('members', { id: id('m1'), name: 'Mem', email: 'm@example.com', password: '12345678', passwordConfirm: '12345678' }, su), create('partly', { id: id('o1'), a: 'open' }), create('partly', { id: id('c1'), a: 'closed' }),
    create('posts', { id: id('p1'), t: 'one', owner: id('ann'), readers: [id('bob'), id('ann')], l: id('l1'), m: id('m1'), part: [id('c1'), id('o1')] }), create('posts', { id: id('p2'), t: 'two' }),
    create('comments', { id: id('c1'), c: 'first', post: id('p1'), by: id('bob') }), create('comments', { id: id('c2'), c: 'second', post: id('p1'), by: id('ann') }), create('extra', { id: id('e1'), e: 'x', post: id('p1') }), create('tags', { id: id('t1'), n: 'tag', posts: [id('p2'), id('p1')] }),
    login('mem', 'members', 'm@example.com', '12345678'),
  ],
  scenarios: {
    'single and multiple': ['owner', 'readers', 'owner,readers', ' owner , readers ', 'owner,owner', 'owner.friend', 'owner.friend.friend', 'readers.friend', 'owner,owner.friend', 'owner.friend,owner.comments_via_by'].map((e) => one(e)),
    'backwards': ['comments_via_post', 'comments_via_post.by', 'comments_via_post.by.friend', 'extra_via_post', 'tags_via_posts', 'tags_via_posts.posts', 'comments(post)', 'comments_via_post,extra_via_post'].map((e) => one(e)),
    'unknown': ['nope', 'owner.nope', 'nope,owner', 't', 't.x', 'comments_via_nope', 'nope_via_post', 'comments_via_c', '', ',', '.', 'owner.', '.owner', 'owner..friend', '*', 'Owner', 'id', 'expand'].map((e) => one(e)),
    'loops and depth': ['owner.friend.friend.friend.friend.friend', 'owner.friend.friend.friend.friend.friend.friend', 'owner.friend.friend.friend.friend.friend.friend.friend.friend', 'comments_via_post.post.comments_via_post.post.comments_via_post.post'].map((e) => one(e)),
    'by rule': [one('l'), one('l', su), one('m'), one('m', { as: 'mem' }), one('m', su), one('part'), one('part', su), one('l,owner'), one('owner', su)],
    'empty relations': [view('posts', id('p2'), { expand: 'owner' }), view('posts', id('p2'), { expand: 'readers,comments_via_post' }), view('posts', id('p2'), { expand: 'tags_via_posts' })],
    'in lists and writes': [list('posts', { expand: 'owner,comments_via_post', sort: 'id' }, { keyOrder: true }), create('posts', { t: 'new', owner: id('bob') }, { query: { expand: 'owner.friend' } }), update('posts', id('p2'), { owner: id('bob') }, { query: { expand: 'owner,nope', fields: 't,expand.owner.name' } }), list('comments', { expand: 'post.owner,post.readers,by', sort: 'id' })],
  },
};
