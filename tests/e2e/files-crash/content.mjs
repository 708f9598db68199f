// Files whose names tell what is in them.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

/** Sizes of files: below and above what is written, read and kept at once. */
const SIZES = [0, 100, 9_000, 140_000, 300_000];
/** Width and height of a picture, in pixels. */
const SIDE = 24;
/** Characters of a hash that stand in a file's name. */
const TAG_CHARS = 20;
const PNG_BEGINS = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export const hash = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
export const one = (list) => list[Math.floor(Math.random() * list.length)];

const tag = (bytes) => hash(bytes).slice(0, TAG_CHARS);
const named = (bytes, extension) => ({ file: bytes, name: `Some File ${tag(bytes)}.${extension}` });

/** A file of any content. */
export const file = () => named(crypto.randomBytes(one(SIZES)), 'bin');

/** A picture that no other is like. */
export const picture = () => named(png(), 'png');

/** Whether the bytes are those that were uploaded under a name; `name`: as given or as stored. */
export const isWhole = (name, bytes) => new RegExp(`some[ _]file[ _]${tag(bytes)}[._]`, 'i').test(name);

/** Whether the bytes are a picture from its begin to its end. */
export const isPicture = (bytes) => bytes.subarray(0, PNG_BEGINS.length).equals(PNG_BEGINS) && bytes.subarray(-8, -4).toString() === 'IEND';

function png() {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(SIDE, 0);
  head.writeUInt32BE(SIDE, 4);
  // Eight bits for each of red, green and blue.
  head.set([8, 2], 8);
  // Each row begins with the number of its filter: none.
  const rows = Buffer.concat(Array.from({ length: SIDE }, () => Buffer.concat([Buffer.alloc(1), crypto.randomBytes(3 * SIDE)])));
  return Buffer.concat([PNG_BEGINS, chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(zlib.crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** Every file below a folder, relative to it. */
export function filesBelow(folder) {
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder, { recursive: true });
  return names.filter((name) => fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile()).sort();
}
