// What the generated client is made from: a blog with every field type, a view, and names that other languages would trip over.
const OPEN = { listRule: '', viewRule: '', createRule: '', updateRule: '', deleteRule: '' };
const MINE = '@request.auth.id != "" && author = @request.auth.id';

/** Collections in the order they can be made; `idOf` gives the id of one that was made. */
export const COLLECTIONS = [
  () => ({
    name: 'people', type: 'auth', ...OPEN,
    fields: [{ name: 'name', type: 'text', max: 50 }, { name: 'avatar', type: 'file', maxSelect: 1, thumbs: ['100x100'] }, { name: 'friends', type: 'relation', collectionId: 'people_collect0', maxSelect: 9 }],
    id: 'people_collect0', otp: { enabled: true }, passkey: { enabled: true },
  }),
  () => ({ name: 'guarded', type: 'auth', ...OPEN, fields: [], totp: { enabled: true } }),
  () => ({
    name: 'posts', type: 'base', listRule: '', viewRule: '', createRule: MINE, updateRule: MINE, deleteRule: MINE,
    fields: [
      { name: 'title', type: 'text', required: true, max: 100 },
      { name: 'slug', type: 'text', autogeneratePattern: '[a-z]{8}' },
      { name: 'views', type: 'number' },
      { name: 'published', type: 'bool' },
      { name: 'state', type: 'select', values: ['draft', 'done'], required: true },
      { name: 'tags', type: 'select', values: ['news', 'it\'s', '"quoted"', 'back\\slash', 'größe 🚀', '</script>'], maxSelect: 4 },
      { name: 'due', type: 'date' },
      { name: 'contact', type: 'email' },
      { name: 'link', type: 'url' },
      { name: 'body', type: 'editor' },
      { name: 'meta', type: 'json' },
      { name: 'place', type: 'geoPoint' },
      { name: 'docs', type: 'file', maxSelect: 5 },
      { name: 'hiddenNote', type: 'text', hidden: true },
      { name: 'author', type: 'relation', collectionId: 'people_collect0', required: true, maxSelect: 1 },
      { name: 'created', type: 'autodate', onCreate: true },
    ],
  }),
  (idOf) => ({
    name: 'comments', type: 'base', ...OPEN,
    fields: [
      { name: 'text', type: 'text' },
      { name: 'post', type: 'relation', collectionId: idOf('posts'), required: true, cascadeDelete: true },
      { name: 'by', type: 'relation', collectionId: 'people_collect0' },
    ],
  }),
  (idOf) => ({
    name: 'settings_of', type: 'base', ...OPEN, indexes: ['CREATE UNIQUE INDEX one_each ON settings_of (owner)'],
    fields: [{ name: 'owner', type: 'relation', collectionId: 'people_collect0' }, { name: 'theme', type: 'text' }, { name: 'post', type: 'relation', collectionId: idOf('posts') }],
  }),
  () => ({ name: 'titles', type: 'view', listRule: '', viewRule: '', viewQuery: 'SELECT id, title, state, author FROM posts' }),
  () => ({
    name: 'class', type: 'base', ...OPEN,
    fields: ['new', 'constructor', '__proto__', 'then', 'toString', '1st', 'default'].map((name) => ({ name, type: 'text' })),
  }),
  ...['then', 'constructor', '1st', 'toString', 'superusers', 'Schema', 'auth', 'hasOwnProperty'].map((name) => () => ({ name, type: 'base', ...OPEN, fields: [{ name: 'text', type: 'text' }] })),
];
