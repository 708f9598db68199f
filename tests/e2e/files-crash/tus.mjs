// Uploads in pieces, by the TUS protocol.
import assert from 'node:assert/strict';
import { request } from '../http.mjs';

export const TUS = '/api/files/tus';
const VERSION = { 'tus-resumable': '1.0.0' };
const base64 = (text) => Buffer.from(text).toString('base64');

/** The address of a new upload for a field of a collection. */
export async function begin(server, token, { collection, field, name, length }) {
  const about = `collection ${base64(collection)},field ${base64(field)},filename ${base64(name)}`;
  const headers = { ...VERSION, 'upload-length': length, 'upload-metadata': about };
  const begun = await request(server.url, { method: 'POST', path: TUS, token, headers });
  assert.equal(begun.status, 201, begun.text);
  return begun.headers.location;
}

/** Sends the bytes of an upload from an offset on. */
export function append(server, token, path, offset, body) {
  const headers = { ...VERSION, 'upload-offset': offset, 'content-type': 'application/offset+octet-stream' };
  return request(server.url, { method: 'PATCH', path, token, headers, body });
}

/** How far an upload is; `undefined`: there is none. */
export async function offsetOf(server, token, path) {
  const found = await request(server.url, { method: 'HEAD', path, token, headers: VERSION });
  if (found.status === 404) return undefined;
  assert.equal(found.status, 200, `${path} answered ${found.status}`);
  return Number(found.headers['upload-offset']);
}

/** Gives an upload up; returns the answer. */
export const giveUp = (server, token, path) => request(server.url, { method: 'DELETE', path, token, headers: VERSION });

/** What names an upload in a record's body. */
export const reference = (path) => `upload:${path.split('/').pop()}`;
