// What must not compile: each line below a mark has a mistake that the compiler has to find.
import { and, any, createClient, each, eq, gt, length, like, lower } from './bakend/index.js';

const db = createClient('http://localhost');

export async function mistakes(): Promise<void> {
  // @ts-expect-error there is no such collection
  await db.nothing.list();
  // @ts-expect-error there is no such field in a filter
  await db.posts.list({ filter: (post) => eq(post.nothing, 1) });
  // @ts-expect-error a number is no text
  await db.posts.list({ filter: (post) => eq(post.title, 1) });
  // @ts-expect-error a text is no number
  await db.posts.list({ filter: (post) => gt(post.views, '3') });
  // @ts-expect-error it is none of the values
  await db.posts.list({ filter: (post) => eq(post.state, 'dome') });
  // @ts-expect-error it is none of the values of the list
  await db.posts.list({ filter: (post) => any.eq(each(post.tags), 'olds') });
  // @ts-expect-error several values are compared one by one
  await db.posts.list({ filter: (post) => any.eq(post.tags, 'news') });
  // @ts-expect-error numbers contain no text
  await db.posts.list({ filter: (post) => like(post.views, 'a') });
  // @ts-expect-error one text has no count
  await db.posts.list({ filter: (post) => gt(length(post.title), 1) });
  // @ts-expect-error numbers have no case
  await db.posts.list({ filter: (post) => eq(lower(post.views), 'a') });
  // @ts-expect-error the account has no such field
  await db.posts.list({ filter: (post) => eq(post.author.title, 'a') });
  // @ts-expect-error hidden fields are not known
  await db.posts.list({ filter: (post) => eq(post.hiddenNote, 'a') });
  // @ts-expect-error passwords are in no filter
  await db.people.list({ filter: (person) => eq(person.password, 'a') });
  // @ts-expect-error a text is no filter
  await db.posts.list({ filter: 'title = 1' });
  // @ts-expect-error nor is it a part of one
  await db.posts.list({ filter: () => and('title = 1') });
  // @ts-expect-error there is no such field to sort by
  await db.posts.list({ sort: '-nothing' });
  // @ts-expect-error nor in what the relation leads to
  await db.posts.list({ sort: 'author.title' });
  // @ts-expect-error there is no such field to send
  await db.posts.list({ fields: ['id', 'nothing'] });
  // @ts-expect-error there is no such relation
  await db.posts.list({ expand: { nothing: true } });
  // @ts-expect-error nor beside one that is there
  await db.posts.list({ expand: { author: true, nothing: true } });
  // @ts-expect-error nor below one
  await db.posts.list({ expand: { author: { title: true } } });
  // @ts-expect-error a field that is no relation leads nowhere
  await db.posts.list({ expand: { title: true } });

  const post = await db.posts.view('x', { expand: { author: true }, fields: ['id', 'title'] });
  // @ts-expect-error it was not asked for
  post.views;
  // @ts-expect-error it was not expanded
  post.expand?.comments_via_post;
  // @ts-expect-error it may not be there
  post.expand.author.name;
  const plain = await db.posts.view('x');
  // @ts-expect-error nothing was expanded
  plain.expand;
  // @ts-expect-error accounts may hide their address
  ((await db.people.view('x')).email satisfies string);

  // @ts-expect-error the title is missing
  await db.posts.create({ state: 'done', author: 'x' });
  // @ts-expect-error it is none of the values
  await db.posts.create({ title: 'a', state: 'dome', author: 'x' });
  // @ts-expect-error the server sets it
  await db.posts.create({ title: 'a', state: 'done', author: 'x', created: '' });
  // @ts-expect-error nothing can be added to what is not there yet
  await db.posts.create({ title: 'a', state: 'done', author: 'x', 'views+': 1 });
  // @ts-expect-error a text is no file
  await db.posts.create({ title: 'a', state: 'done', author: 'x', docs: ['a.txt'] });
  // @ts-expect-error the second password is missing
  await db.people.create({ email: 'a@example.com', password: '12345678' });
  // @ts-expect-error nothing is added to a text
  await db.posts.update('x', { 'title+': 'a' });
  // @ts-expect-error a text cannot be added to a number
  await db.posts.update('x', { 'views+': 'a' });
  // @ts-expect-error an id stays
  await db.posts.update('x', { id: 'y' });

  // @ts-expect-error nothing is written into a view
  await db.titles.update('x', {});
  // @ts-expect-error nor deleted from it
  await db.titles.delete('x');
  // @ts-expect-error nor heard of it
  await db.titles.subscribe('*', () => {});
  // @ts-expect-error nor in a batch
  await db.$batch((batch) => [batch.titles.create({})]);
  // @ts-expect-error a batch checks inputs too
  await db.$batch((batch) => [batch.posts.create({ title: 1 })]);

  // @ts-expect-error nobody signs in to posts
  await db.posts.authWithPassword('a', 'b');
  // @ts-expect-error this way to sign in is off
  await db.people.authWithOAuth2({ provider: 'x', code: 'y', codeVerifier: 'z', redirectURL: '' });
  // @ts-expect-error and so is this one
  await db.guarded.requestOtp('a@example.com');
  // @ts-expect-error a second factor may be asked for
  (await db.guarded.authWithPassword('a', 'b')).record.id;
  // @ts-expect-error files have sizes
  db.posts.fileUrl({ id: 'x' }, 'y', { thumb: 'small' });
}
