// Somebody who fills a shelf and a box, empties them at once, and takes the box down.
import { file, one, picture } from './content.mjs';
import { recordsOf } from './house.mjs';

/** Records on one shelf; with more it is emptied. */
const SHELF_MAX = 12;

export class Keeper {
  #house;
  #shelf;
  #box;

  constructor(house, number) {
    this.#house = house;
    this.#shelf = `shelf${number}`;
    this.#box = `box${number}`;
  }

  async act() {
    if (!this.#house.ledger.stored.has(this.#box)) return this.#house.make(this.#box);
    const shelved = this.#house.ledger.of(this.#shelf).length;
    if (shelved < 2) return this.fill();
    if (shelved > SHELF_MAX) return this.empty();
    return one([this.fill, this.fill, this.fill, this.fill, this.empty, this.emptyBox, this.takeDown]).call(this);
  }

  /** One record on the shelf, one in the box that goes with it. */
  async fill() {
    const owner = await this.#house.send('POST', recordsOf(this.#shelf), { form: [['single', file()], ['picture', picture()]] });
    this.#house.ledger.add(owner);
    const owned = await this.#house.send('POST', recordsOf(this.#box), { form: [['owner', owner.id], ['scans', file()], ['scans', file()]] });
    this.#house.ledger.add(owned);
  }

  /** Everything on the shelf, and what goes with it from the box. */
  async empty() {
    await this.#remove(`/api/collections/${this.#shelf}/truncate`, [this.#shelf, this.#box].flatMap((name) => this.#house.ledger.of(name)));
  }

  async emptyBox() {
    await this.#remove(`/api/collections/${this.#box}/truncate`, this.#house.ledger.of(this.#box));
  }

  /** The collection itself; the next act makes it anew, under the same name. */
  async takeDown() {
    await this.#remove(`/api/collections/${this.#box}`, [this.#box, ...this.#house.ledger.of(this.#box)]);
  }

  async #remove(path, leaving) {
    const done = this.#house.ledger.begin({ leaving });
    await this.#house.send('DELETE', path);
    done();
  }
}
