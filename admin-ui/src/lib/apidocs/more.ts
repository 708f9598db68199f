// What goes along with records: realtime, files, batches.
import { accessOf, curl, failure, jsOf, MISSING, type Endpoint, type Preview } from './endpoint';
import { batchTs, filesTs, realtimeTs } from './ts';
import { fileFields, RECORD_ID, sampleBody, sampleOf, sampleRecord } from './values';

export function moreEndpoints(preview: Preview): Endpoint[] {
  const { collection } = preview;
  if (collection.type === 'view') return [];
  return [realtime(preview), ...(fileFields(collection).length ? [files(preview)] : []), batch(preview)];
}

function realtime(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const { name } = collection;
  return {
    id: 'realtime',
    title: 'Realtime',
    group: 'More',
    method: 'GET',
    path: '/api/realtime',
    text: `Tells of every change: topics are ${name}/* and ${name}/${RECORD_ID}. Server-sent events here, a WebSocket at /api/realtime/ws.`,
    access: `All: ${accessOf(collection.listRule)} One: ${accessOf(collection.viewRule)}`,
    params: [
      { name: 'clientId', in: 'body', type: 'text', isRequired: true, note: 'From the first event, PB_CONNECT.' },
      {
        name: 'subscriptions',
        in: 'body',
        type: 'list of text',
        isRequired: true,
        note: 'Topics; replaces what was subscribed.',
      },
    ],
    ts: realtimeTs(preview),
    js: `// All records.\nawait pb.collection('${name}').subscribe('*', ({ action, record }) => {\n  console.log(action, record);\n});\n\n// One of them.\nawait pb.collection('${name}').subscribe('${RECORD_ID}', listener);\n\n// No more.\nawait pb.collection('${name}').unsubscribe();`,
    dart: `// All records.\nawait pb.collection('${name}').subscribe('*', (e) {\n  print(e.action);\n  print(e.record);\n});\n\n// No more.\nawait pb.collection('${name}').unsubscribe();`,
    curl: `# The first event tells the clientId.\ncurl -N '${origin}/api/realtime'\n\n# In another terminal.\n${curl('POST', `${origin}/api/realtime`, { body: { clientId: 'CLIENT_ID', subscriptions: [`${name}/*`] } })}`,
    answers: [
      { status: 200, label: 'the data of an event', body: { action: 'create', record: sampleRecord(collection) } },
    ],
  };
}

function files(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const [field] = fileFields(collection);
  const sample = field ? [sampleOf(field)].flat()[0] : '';
  const isProtected = Boolean(field?.['protected']);
  const path = `/api/files/${collection.name}/:id/:filename`;
  const url = origin + path.replace(':id', RECORD_ID).replace(':filename', String(sample));
  return {
    id: 'files',
    title: 'Files',
    group: 'More',
    method: 'GET',
    path,
    text: 'A file of a record; images also smaller.',
    access: isProtected
      ? `Protected: with a file token. ${accessOf(collection.viewRule)}`
      : 'Everyone who knows the address.',
    params: [
      { name: 'id', in: 'path', type: 'text', isRequired: true, note: "The record's id." },
      {
        name: 'filename',
        in: 'path',
        type: 'text',
        isRequired: true,
        note: `As it stands in ${field?.name ?? 'the field'}.`,
      },
      { name: 'thumb', in: 'query', type: 'text', note: 'Width x height, as in 100x100, 100x100f (fit) or 100x0.' },
      { name: 'token', in: 'query', type: 'text', note: 'For protected files, from /api/files/token.' },
      { name: 'download', in: 'query', type: 'bool', note: 'Saves it rather than showing it.' },
    ],
    ts: filesTs(preview),
    js: `const record = await pb.collection('${collection.name}').getOne('${RECORD_ID}');\nconst name = [record.${field?.name}].flat()[0];\n\nconst url = pb.files.getURL(record, name, { thumb: '100x100' });\n\n// Protected files.\nconst token = await pb.files.getToken();\nconst own = pb.files.getURL(record, name, { token });`,
    dart: `final record = await pb.collection('${collection.name}').getOne('${RECORD_ID}');\nfinal url = pb.files.getURL(record, '${String(sample)}', thumb: '100x100');\n\n// Protected files.\nfinal token = await pb.files.getToken();\nfinal own = pb.files.getURL(record, '${String(sample)}', token: token);`,
    curl: `${curl('GET', `${url}?thumb=100x100`, { isPublic: true })} \\\n  -o thumb.jpg`,
    answers: [
      { status: 200, label: 'the file itself', body: undefined },
      { ...MISSING, label: 'no such file' },
    ],
  };
}

function batch(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const { name } = collection;
  const made = sampleBody(collection, { isNew: true });
  const path = `/api/collections/${name}/records`;
  const requests = [
    { method: 'POST', url: path, body: made },
    { method: 'DELETE', url: `${path}/${RECORD_ID}` },
  ];
  return {
    id: 'batch',
    title: 'Batch',
    group: 'More',
    method: 'POST',
    path: '/api/batch',
    text: 'Several changes in one transaction: all of them, or none. Has to be switched on in the settings.',
    access: 'Each request is subject to its own rule.',
    params: [
      {
        name: 'requests',
        in: 'body',
        type: 'list',
        isRequired: true,
        note: 'Each with method (POST, PATCH, PUT, DELETE), url, body and headers.',
      },
    ],
    ts: batchTs(preview),
    js: `const batch = pb.createBatch();\n\nbatch.collection('${name}').create(${jsOf(made)});\nbatch.collection('${name}').delete('${RECORD_ID}');\n\nconst results = await batch.send();`,
    dart: `final batch = pb.createBatch();\n\nbatch.collection('${name}').delete('${RECORD_ID}');\n\nfinal results = await batch.send();`,
    curl: curl('POST', `${origin}/api/batch`, { body: { requests } }),
    answers: [
      {
        status: 200,
        label: 'one answer for each',
        body: [
          { status: 200, body: sampleRecord(collection) },
          { status: 204, body: null },
        ],
      },
      {
        status: 400,
        label: 'one failed, so nothing changed',
        body: failure(400, 'Batch transaction failed.', {
          requests: {
            0: {
              code: 'batch_request_failed',
              message: 'Batch request failed.',
              response: failure(400, 'Failed to create record.'),
            },
          },
        }),
      },
      { status: 403, label: 'switched off', body: failure(403, 'Batch requests are not allowed.') },
    ],
  };
}
