// Somebody who looks at pictures in smaller forms, while others replace and remove them.
import assert from 'node:assert/strict';
import { request } from '../http.mjs';
import { isPicture, one } from './content.mjs';
import { THUMBS } from './house.mjs';

/** Pause of somebody for whom there is no picture yet, in milliseconds. */
const PAUSE_MS = 5;

export class Viewer {
  #house;

  constructor(house) {
    this.#house = house;
  }

  async act() {
    const pictures = [...this.#house.ledger.stored].flatMap(([key, names]) => names.filter((name) => name.endsWith('.png')).map((name) => `${key}/${name}`));
    if (pictures.length === 0) return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const path = `/api/files/${one(pictures)}`;
    const answer = await request(this.#house.server.url, { path, query: { thumb: one(THUMBS) } });
    // It may be gone by now.
    if (answer.status === 404) return;
    assert.equal(answer.status, 200, `${path} answered ${answer.status}: ${answer.text.slice(0, 200)}`);
    assert.ok(isPicture(answer.bytes), `what came for ${path} is no picture`);
  }
}
