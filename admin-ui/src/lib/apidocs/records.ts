// The endpoints that every collection has: its records, batches, realtime, files.
import {
  accessOf,
  curl,
  dartOf,
  failure,
  FORBIDDEN,
  invalid,
  jsOf,
  MISSING,
  type Endpoint,
  type Param,
  type Preview,
} from './endpoint';
import { createTs, deleteTs, listTs, updateTs, viewTs } from './ts';
import {
  expandable,
  fileFields,
  RECORD_ID,
  sampleBody,
  sampleFilter,
  sampleOf,
  sampleRecord,
  sentFields,
} from './values';

const ID: Param = { name: 'id', in: 'path', type: 'text', isRequired: true, note: "The record's id." };

function shaping({ collection }: Preview): Param[] {
  const expand = expandable(collection);
  return [
    ...(expand
      ? [{ name: 'expand', in: 'query' as const, type: 'text', note: `Relations to send along, as in ${expand}.` }]
      : []),
    { name: 'fields', in: 'query', type: 'text', note: 'Only these fields, separated by commas; all without it.' },
  ];
}

function withExpand(preview: Preview): string {
  const expand = expandable(preview.collection);
  return expand ? `, {\n  expand: '${expand}',\n}` : '';
}

function dartExpand(preview: Preview): string {
  const expand = expandable(preview.collection);
  return expand ? `,\n  expand: '${expand}',\n` : '';
}

export function recordEndpoints(preview: Preview): Endpoint[] {
  const readable = [list(preview), view(preview)];
  if (preview.collection.type === 'view') return readable;
  return [...readable, create(preview), update(preview), remove(preview)];
}

function list(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const path = `/api/collections/${collection.name}/records`;
  const filter = sampleFilter(collection);
  return {
    id: 'list',
    title: 'List and search',
    group: 'Records',
    method: 'GET',
    path,
    text: 'A page of records, sorted and filtered.',
    access: accessOf(collection.listRule),
    params: [
      { name: 'page', in: 'query', type: 'number', note: 'Which page; 1 without it.' },
      { name: 'perPage', in: 'query', type: 'number', note: 'How many on a page; 30 without it, 1000 at most.' },
      { name: 'sort', in: 'query', type: 'text', note: 'Fields, separated by commas; - before one turns it round.' },
      { name: 'filter', in: 'query', type: 'text', note: 'Only records for which this is true.' },
      ...shaping(preview),
      { name: 'skipTotal', in: 'query', type: 'bool', note: 'Does not count all records, which is faster.' },
    ],
    ts: listTs(preview),
    js: `// One page.\nconst page = await pb.collection('${collection.name}').getList(1, 50, {\n  filter: '${filter}',\n  sort: '-id',\n});\n\n// All of them.\nconst records = await pb.collection('${collection.name}').getFullList({ sort: '-id' });\n\n// The first that fits.\nconst first = await pb.collection('${collection.name}').getFirstListItem('${filter}');`,
    dart: `// One page.\nfinal page = await pb.collection('${collection.name}').getList(\n  page: 1,\n  perPage: 50,\n  filter: '${filter}',\n  sort: '-id',\n);\n\n// All of them.\nfinal records = await pb.collection('${collection.name}').getFullList(sort: '-id');\n\n// The first that fits.\nfinal first = await pb.collection('${collection.name}').getFirstListItem('${filter}');`,
    curl: `curl -G '${origin}${path}' \\\n  -H "Authorization: $TOKEN" \\\n  --data-urlencode 'perPage=50' \\\n  --data-urlencode 'filter=${filter}'`,
    answers: [
      {
        status: 200,
        label: 'a page of records',
        body: { page: 1, perPage: 50, totalItems: 1, totalPages: 1, items: [sampleRecord(collection)] },
      },
      {
        status: 400,
        label: 'the filter or sort is wrong',
        body: failure(400, 'Something went wrong while processing your request.'),
      },
      FORBIDDEN,
    ],
  };
}

function view(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const path = `/api/collections/${collection.name}/records/:id`;
  return {
    id: 'view',
    title: 'View',
    group: 'Records',
    method: 'GET',
    path,
    text: 'One record.',
    access: accessOf(collection.viewRule),
    params: [ID, ...shaping(preview)],
    ts: viewTs(preview),
    js: `const record = await pb.collection('${collection.name}').getOne('${RECORD_ID}'${withExpand(preview)});`,
    dart: `final record = await pb.collection('${collection.name}').getOne('${RECORD_ID}'${dartExpand(preview)});`,
    curl: curl('GET', origin + path.replace(':id', RECORD_ID)),
    answers: [{ status: 200, label: 'the record', body: sampleRecord(collection) }, FORBIDDEN, MISSING],
  };
}

function bodyParams({ collection }: Preview, isNew: boolean): Param[] {
  const fields = [...sentFields(collection), ...fileFields(collection)];
  const params = fields.map((field): Param => {
    const isMany = Number(field['maxSelect'] ?? 1) > 1;
    const type =
      { relation: 'record id', geoPoint: '{ lon, lat }', json: 'any JSON', file: 'file' }[field.type] ?? field.type;
    return {
      name: field.name,
      in: 'body',
      type: isMany ? `list of ${type}` : type,
      isRequired: isNew && Boolean(field['required']),
      note: noteOf(field, isMany && !isNew),
    };
  });
  if (collection.type !== 'auth') return params;
  const password = (name: string, note: string): Param => ({ name, in: 'body', type: 'text', isRequired: isNew, note });
  const old = password('oldPassword', 'The present one; not needed by superusers and who may manage the account.');
  return [
    ...params,
    password('password', 'At least 8 characters, or as the field says.'),
    password('passwordConfirm', 'The same again.'),
    ...(isNew ? [] : [old]),
  ];
}

function noteOf(field: Preview['collection']['fields'][number], isChanging: boolean): string {
  const values = (field['values'] as string[] | undefined)?.map((one) => `"${one}"`).join(', ');
  const change = isChanging ? ` ${field.name}+ adds, ${field.name}- takes away.` : '';
  if (values) return `Of ${values}.${change}`;
  const { min, max } = field as { min?: number; max?: number };
  const bounds = [min ? `at least ${min}` : '', max ? `at most ${max}` : ''].filter(Boolean).join(', ');
  const what =
    field.type === 'file'
      ? 'Send the form as multipart/form-data.'
      : bounds
        ? `${bounds[0]?.toUpperCase()}${bounds.slice(1)}.`
        : '';
  return (what + change).trim();
}

function create(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const path = `/api/collections/${collection.name}/records`;
  const body = sampleBody(collection, { isNew: true });
  const [file] = fileFields(collection);
  return {
    id: 'create',
    title: 'Create',
    group: 'Records',
    method: 'POST',
    path,
    text: 'Makes a record. The body is JSON, or multipart/form-data where there are files.',
    access: accessOf(collection.createRule),
    params: [
      { name: 'id', in: 'body', type: 'text', note: '15 letters and digits; made up without it.' },
      ...bodyParams(preview, true),
      ...shaping(preview),
    ],
    ts: createTs(preview),
    js: `const record = await pb.collection('${collection.name}').create(${jsOf(body)});${file ? `\n\n// With a file.\nawait pb.collection('${collection.name}').create({ ...data, ${file.name}: new File([bytes], 'photo.jpg') });` : ''}`,
    dart: `final record = await pb.collection('${collection.name}').create(body: ${dartOf(body)});`,
    curl:
      curl('POST', origin + path, { body }) +
      (file
        ? `\n\n# With a file.\n${curl('POST', origin + path, { form: [`@jsonPayload={}`, `${file.name}=@photo.jpg`] })}`
        : ''),
    answers: [
      { status: 200, label: 'the new record', body: sampleRecord(collection) },
      invalid(sentFields(collection).find((field) => field['required'])?.name ?? 'id'),
      FORBIDDEN,
    ],
  };
}

function update(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const path = `/api/collections/${collection.name}/records/:id`;
  const [first] = sentFields(collection).filter(({ system }) => !system);
  const body = first ? { [first.name]: sampleOf(first) } : sampleBody(collection, { isNew: false });
  return {
    id: 'update',
    title: 'Update',
    group: 'Records',
    method: 'PATCH',
    path,
    text: 'Changes a record; what is not sent stays as it is.',
    access: accessOf(collection.updateRule),
    params: [ID, ...bodyParams(preview, false), ...shaping(preview)],
    ts: updateTs(preview),
    js: `const record = await pb.collection('${collection.name}').update('${RECORD_ID}', ${jsOf(body)});`,
    dart: `final record = await pb.collection('${collection.name}').update('${RECORD_ID}', body: ${dartOf(body)});`,
    curl: curl('PATCH', origin + path.replace(':id', RECORD_ID), { body }),
    answers: [
      { status: 200, label: 'the changed record', body: { ...sampleRecord(collection), ...body } },
      invalid(first?.name ?? 'id'),
      FORBIDDEN,
      MISSING,
    ],
  };
}

function remove(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const path = `/api/collections/${collection.name}/records/:id`;
  return {
    id: 'delete',
    title: 'Delete',
    group: 'Records',
    method: 'DELETE',
    path,
    text: 'Deletes a record, its files, and what belongs to it by relations that cascade.',
    access: accessOf(collection.deleteRule),
    params: [ID],
    ts: deleteTs(preview),
    js: `await pb.collection('${collection.name}').delete('${RECORD_ID}');`,
    dart: `await pb.collection('${collection.name}').delete('${RECORD_ID}');`,
    curl: curl('DELETE', origin + path.replace(':id', RECORD_ID)),
    answers: [
      { status: 204, label: 'deleted', body: undefined },
      {
        status: 400,
        label: 'a required relation still points to it',
        body: failure(
          400,
          'Failed to delete record. Make sure that the record is not part of a required relation reference.',
        ),
      },
      FORBIDDEN,
      MISSING,
    ],
  };
}
