// Somebody who uploads in pieces, over several lives of the server: uploads become files of records, are given up, or are left lying.
import assert from 'node:assert/strict';
import path from 'node:path';
import { sql } from '../sqlite.mjs';
import { file, one } from './content.mjs';
import { recordsOf } from './house.mjs';
import { append, begin, giveUp, offsetOf, reference, TUS } from './tus.mjs';

const DOCS = recordsOf('docs');
/** Uploads that are not finished yet, at most. */
const OPEN_MAX = 6;
/** Begins the name of an upload's file in the staging folder. */
const STAGED = 'resumable-';

const isComplete = ({ offset, bytes }) => offset === bytes.length;

export class Uploader {
  /** Uploads that nothing was made of yet: `{path, field, name, bytes, offset, doing}`; `doing`: what was on its way when the server died. */
  #open = [];
  /** A record whose files it replaces, as long as this server lives. */
  #record = undefined;
  #isBeginning = false;
  #house;

  constructor(house) {
    this.#house = house;
  }

  /** The names of their files in the staging folder: of those that have bytes, and of those that need no file. */
  staged() {
    const names = (list) => list.map((upload) => STAGED + upload.path.split('/').pop());
    return { there: names(this.#open.filter(({ offset }) => offset > 0)).sort(), maybe: names(this.#open.filter(({ offset }) => offset === 0)) };
  }

  async act() {
    const { server, token } = this.#house;
    const upload = this.#open.length < OPEN_MAX && Math.random() < 0.3 ? undefined : one(this.#open);
    if (!upload) return this.#begin(server, token);
    if (Math.random() < 0.1) return this.#end(upload);
    if (!isComplete(upload)) return this.#grow(upload);
    return one([this.#create, this.#update, this.#takenBack]).call(this, upload);
  }

  async #begin(server, token) {
    const { name, file: bytes } = file();
    const field = one(['single', 'many']);
    this.#isBeginning = true;
    const path = await begin(server, token, { collection: 'docs', field, name, length: bytes.length });
    this.#isBeginning = false;
    this.#open.push({ path, field, name, bytes, offset: 0 });
  }

  /** The next piece: a third of the whole, or what is left. */
  async #grow(upload) {
    const { server, token } = this.#house;
    const piece = upload.bytes.subarray(upload.offset, upload.offset + Math.ceil(upload.bytes.length / 3));
    upload.doing = 'grow';
    const answer = await append(server, token, upload.path, upload.offset, piece);
    assert.equal(answer.status, 204, answer.text);
    upload.offset = Number(answer.headers['upload-offset']);
    upload.doing = undefined;
  }

  async #end(upload) {
    const { server, token } = this.#house;
    upload.doing = 'end';
    const answer = await giveUp(server, token, upload.path);
    assert.equal(answer.status, 204, answer.text);
    this.#forget(upload);
  }

  async #create(upload) {
    upload.doing = 'use';
    this.#record = await this.#house.send('POST', DOCS, { json: { [upload.field]: reference(upload.path) } });
    this.#house.ledger.add(this.#record);
    this.#forget(upload);
  }

  /** Replaces a file, or adds one. */
  async #update(upload) {
    const key = this.#record && `docs/${this.#record.id}`;
    if (!this.#house.ledger.stored.has(key)) return this.#create(upload);
    upload.doing = 'use';
    const done = this.#house.ledger.begin({ changing: [key] });
    const json = { [upload.field === 'many' ? 'many+' : upload.field]: reference(upload.path) };
    done(await this.#house.send('PATCH', `${DOCS}/${this.#record.id}`, { json }));
    this.#forget(upload);
  }

  /** A later write of the same batch is refused: the upload is as it was. */
  async #takenBack(upload) {
    const requests = [
      { method: 'POST', url: DOCS, body: { [upload.field]: reference(upload.path) } },
      { method: 'POST', url: DOCS, body: { title: 'too long' } },
    ];
    await this.#house.send('POST', '/api/batch', { json: { requests }, status: 400 });
  }

  #forget(upload) {
    this.#open = this.#open.filter((other) => other !== upload);
  }

  /** Looks for its uploads after the server died; each is where it was, or ended as it was about to. */
  async check(when) {
    const { server, token, dir } = this.#house;
    // Others take its record over.
    this.#record = undefined;
    for (const upload of [...this.#open]) {
      const now = await offsetOf(server, token, upload.path);
      if (now === undefined) {
        assert.ok(['use', 'end'].includes(upload.doing), `${when}: ${upload.path} is gone while ${upload.doing} was on its way`);
        this.#forget(upload);
        continue;
      }
      const most = upload.doing === 'grow' ? upload.bytes.length : upload.offset;
      assert.ok(upload.offset <= now && now <= most, `${when}: ${upload.path} is at ${now}, was at ${upload.offset}`);
      upload.offset = now;
      upload.doing = undefined;
    }
    if (!this.#isBeginning) return;
    // One that was begun unheard has nothing to its name yet.
    this.#isBeginning = false;
    const known = new Set(this.#open.map((upload) => upload.path));
    for (const [id] of sql(path.join(dir, 'bak.db'), 'SELECT id FROM _uploads')) {
      if (!known.has(`${TUS}/${id}`)) assert.equal((await giveUp(server, token, `${TUS}/${id}`)).status, 204);
    }
  }
}
