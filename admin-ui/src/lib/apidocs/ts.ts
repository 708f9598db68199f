// The requests in TypeScript, with the client that is generated from the schema.
import type { CollectionModel } from '$lib/api/types';
import { jsOf, type Preview } from './endpoint';
import { fileFields, filterField, RECORD_ID, sampleBody, sampleOf, sentFields } from './values';

/** How to get the client that these lines use. */
export const GET_CLIENT = 'bak sdk ts --out src/bakend';

const OPERATORS = ['eq', 'gte', 'ne'];

/** The lines that come before, with what they import. */
export function setupTs(origin: string, code: string): string {
  const used = OPERATORS.filter((name) => new RegExp(String.raw`\b${name}\(`).test(code));
  return `// ${GET_CLIENT}\nimport { ${['createClient', ...used].join(', ')} } from './bakend/index.js';\n\nconst db = createClient('${origin}');\n\n`;
}

/** A property, with a dot where its name is a word. */
export const member = (name: string) => (/^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `['${name}']`);

const of = ({ collection }: Preview) => `db${member(collection.name)}`;

function filterOf(collection: CollectionModel): string {
  const field = filterField(collection);
  const value = field && sampleOf(field);
  if (field?.type === 'date' || field?.type === 'autodate') {
    return `(record) => gte(record${member(field.name)}, new Date('2026-01-01'))`;
  }
  if (field?.type === 'bool') return `(record) => eq(record${member(field.name)}, true)`;
  if (field?.type === 'select') return `(record) => eq(record${member(field.name)}, '${quoted(String(value))}')`;
  if (field?.type === 'number') return `(record) => ne(record${member(field.name)}, 0)`;
  return `(record) => ne(record${member(field?.name ?? 'id')}, '')`;
}

const quoted = (text: string) => text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");

/** A body that the compiler takes: also with the files that a new record cannot be without. */
function bodyOf(collection: CollectionModel, isNew: boolean): string {
  const body = sampleBody(collection, { isNew });
  const FILE = '@file';
  for (const field of isNew ? fileFields(collection).filter((one) => one['required']) : []) {
    body[field.name] = Array.isArray(sampleOf(field)) ? [FILE] : FILE;
  }
  return jsOf(body).replaceAll(`'${FILE}'`, `new File(['…'], 'photo.jpg')`);
}

/** What the relations of a collection are expanded by, as an option. */
function expandOf(collection: CollectionModel): string {
  const names = collection.fields.filter(({ type, hidden }) => type === 'relation' && !hidden).map(({ name }) => name);
  return names.length > 0 ? jsOf({ expand: Object.fromEntries(names.map((name) => [name, true])) }) : '';
}

export function listTs(preview: Preview): string {
  const { collection } = preview;
  const filter = filterOf(collection);
  return [
    `// One page.\nconst page = await ${of(preview)}.list({\n  perPage: 50,\n  filter: ${filter},\n  sort: '-id',\n});`,
    `// All of them, page by page.\nfor await (const record of ${of(preview)}.all({ sort: '-id' })) {\n  console.log(record.id);\n}`,
    `// The first that fits.\nconst first = await ${of(preview)}.first({ filter: ${filter} });`,
  ].join('\n\n');
}

export function viewTs(preview: Preview): string {
  const expand = expandOf(preview.collection);
  return `const record = await ${of(preview)}.view('${RECORD_ID}'${expand && `, ${expand}`});`;
}

export function createTs(preview: Preview): string {
  return `const record = await ${of(preview)}.create(${bodyOf(preview.collection, true)});`;
}

export function updateTs(preview: Preview): string {
  const { collection } = preview;
  const [first] = sentFields(collection).filter(({ system }) => !system);
  const body = first ? { [first.name]: sampleOf(first) } : sampleBody(collection, { isNew: false });
  const [file] = fileFields(collection);
  const isMany = Array.isArray(file && sampleOf(file));
  const key = file && `'${file.name}${isMany ? '+' : ''}'`;
  return `const record = await ${of(preview)}.update('${RECORD_ID}', ${jsOf(body)});${key ? `\n\n// ${isMany ? 'One more file.' : 'Another file.'}\nawait ${of(preview)}.update('${RECORD_ID}', { ${key}: new File(['…'], 'photo.jpg') });` : ''}`;
}

export function deleteTs(preview: Preview): string {
  return `await ${of(preview)}.delete('${RECORD_ID}');`;
}

export function realtimeTs(preview: Preview): string {
  return [
    `// All records. After an interruption it goes on where it was.\nconst end = await ${of(preview)}.subscribe('*', ({ action, record }) => {\n  console.log(action, record.id);\n});`,
    `// One of them.\nawait ${of(preview)}.subscribe('${RECORD_ID}', ({ record }) => console.log(record));`,
    '// No more.\nawait end();',
  ].join('\n\n');
}

export function filesTs(preview: Preview): string {
  const [field] = fileFields(preview.collection);
  const value = `record${member(field?.name ?? '')}`;
  const name = Array.isArray(field && sampleOf(field)) ? `${value}[0] ?? ''` : value;
  return `const record = await ${of(preview)}.view('${RECORD_ID}');\nconst name = ${name};\n\nconst url = ${of(preview)}.fileUrl(record, name, { thumb: '100x100' });\n\n// Protected files.\nconst token = await db.$fileToken();\nconst own = ${of(preview)}.fileUrl(record, name, { token });`;
}

export function batchTs(preview: Preview): string {
  const writes = `batch${member(preview.collection.name)}`;
  const made = bodyOf(preview.collection, true).replaceAll('\n', '\n  ');
  return `const [record] = await db.$batch((batch) => [\n  ${writes}.create(${made}),\n  ${writes}.delete('${RECORD_ID}'),\n]);`;
}

/** A method of accounts: `const result = await db.people.authRefresh();`, and more lines of their own. */
export function accountTs(preview: Preview, call: string, hasResult: boolean): string {
  const [first, ...more] = call.split('\n');
  const line = `${hasResult ? 'const result = ' : ''}await ${of(preview)}.${first}`;
  return [line, ...more].join('\n').replaceAll('DB', of(preview));
}
