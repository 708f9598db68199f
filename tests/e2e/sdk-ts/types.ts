// What the types of answers are, exactly.
import type { AccountsOfGuarded } from './use.js';
import { createClient, type PeopleRecord, type PostsRecord, type SettingsOfRecord, type TitlesRecord } from './bakend/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ['these types differ']): void {}

const db = createClient('http://localhost');

export async function types(): Promise<void> {
  const plain = await db.posts.view('x');
  same<typeof plain, PostsRecord>();
  same<PostsRecord['state'], 'draft' | 'done'>();
  same<TitlesRecord['state'], 'draft' | 'done' | ''>();
  same<PostsRecord['tags'], ('news' | "it's" | '"quoted"' | 'back\\slash' | 'größe 🚀' | '</script>')[]>();
  same<PostsRecord['docs'], string[]>();
  same<PostsRecord['meta'], unknown>();
  same<PeopleRecord['email'], string | undefined>();
  same<PostsRecord['collectionName'], 'posts'>();

  const few = await db.posts.view('x', { fields: ['id', 'body:excerpt(10,true)'] });
  same<typeof few, { id: string; body: string }>();

  const { items } = await db.posts.list({ expand: { author: { friends: true }, comments_via_post: { by: true }, settings_of_via_post: true } });
  const expand = items[0]!.expand!;
  same<NonNullable<NonNullable<typeof expand.author>['expand']>['friends'], PeopleRecord[] | undefined>();
  same<NonNullable<NonNullable<typeof expand.comments_via_post>[number]['expand']>['by'], PeopleRecord | undefined>();
  same<typeof expand.settings_of_via_post, SettingsOfRecord[] | undefined>();
  same<keyof typeof expand, 'author' | 'comments_via_post' | 'settings_of_via_post'>();

  const owner = await db.people.view('x', { expand: { settings_of_via_owner: true } });
  same<NonNullable<typeof owner.expand>['settings_of_via_owner'], SettingsOfRecord | undefined>();

  const results = await db.$batch((batch) => [batch.comments.create({ post: 'x' }), batch.posts.delete('y')]);
  same<(typeof results)[1], void>();
  same<(typeof results)['length'], 2>();
  same<(typeof results)[0]['post'], string>();

  const record = db.$auth.record;
  if (record?.collectionName === 'people') same<typeof record, PeopleRecord>();
  same<AccountsOfGuarded, 'signed in' | 'second factor'>();
}
