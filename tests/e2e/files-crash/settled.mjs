// What must be so whenever nobody works: each record with its files, each file with its record.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { sleep } from '../harness.mjs';
import { request } from '../http.mjs';
import { filesBelow, isPicture, isWhole } from './content.mjs';
import { THUMBS } from './house.mjs';
import { namesOf } from './ledger.mjs';

/** Longest time until a server has cleared away what a crash, or a change, left, in milliseconds. */
const CLEARED_MAX_MS = 20_000;

/** Holds a house in which nobody works against what was acknowledged; returns the records, by their keys. */
export async function check(house, uploader, when) {
  const found = await house.readAll();
  house.ledger.compare(found, when);
  const records = [...found.values()].filter(({ id }) => id);
  for (const { id, owner, collectionName } of records.filter((record) => record.owner)) {
    assert.ok(records.some((other) => other.id === owner), `${when}: ${collectionName}/${id} outlived its owner`);
  }
  await uploader.check(when);
  await readFiles(house, records, when);
  await checkFolders(house.dir, records, uploader.staged(), when);
  return found;
}

/** Every file that a record names can be read and is what was uploaded, from the first moment on. */
async function readFiles(house, records, when) {
  const read = async (record, name) => {
    const answer = await request(house.server.url, { path: `/api/files/${record.collectionName}/${record.id}/${name}` });
    assert.equal(answer.status, 200, `${when}: ${record.id} names ${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
    assert.ok(isWhole(name, answer.bytes), `${when}: ${name} is not what was uploaded`);
  };
  await Promise.all(records.flatMap((record) => namesOf(record).map((name) => read(record, name))));
}

/** When the server is done, its folders hold what records name, smaller forms of it, and unfinished uploads. */
async function checkFolders(dir, records, uploads, when) {
  const files = records.flatMap((record) => namesOf(record).map((name) => path.join(record.collectionId, record.id, name))).sort();
  const thumbs = new Set(files.flatMap(thumbsOf));
  const [storage, temporary] = [path.join(dir, 'storage'), path.join(dir, '.tmp')];
  const deadline = Date.now() + CLEARED_MAX_MS;
  let stored;
  let lying;
  do {
    if (stored) await sleep(10);
    stored = filesBelow(storage).filter((file) => !thumbs.has(file));
    lying = filesBelow(temporary).filter((name) => !uploads.maybe.includes(name));
  } while (!(isDeepStrictEqual(stored, files) && isDeepStrictEqual(lying, uploads.there)) && Date.now() < deadline);
  assert.deepEqual(stored, files, `${when}: storage holds other files than records name`);
  assert.deepEqual(lying, uploads.there, `${when}: the staging folder holds other files than unfinished uploads`);
  for (const file of files) assert.ok(isWhole(path.basename(file), fs.readFileSync(path.join(storage, file))), `${when}: ${file} is not what was uploaded`);
  for (const thumb of filesBelow(storage).filter((file) => thumbs.has(file))) {
    assert.ok(isPicture(fs.readFileSync(path.join(storage, thumb))), `${when}: ${thumb} is not a whole picture`);
  }
}

/** Where a file's smaller forms may lie. */
function thumbsOf(file) {
  if (!file.endsWith('.png')) return [];
  const { dir, base } = path.parse(file);
  return THUMBS.map((size) => path.join(dir, `thumbs_${base}`, `${size}_${base}`));
}
