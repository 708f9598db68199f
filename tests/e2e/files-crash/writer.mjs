// Somebody who changes documents with files, and the pages that go with them, in every way.
import crypto from 'node:crypto';
import { file, one, picture } from './content.mjs';
import { recordsOf } from './house.mjs';

const DOCS = recordsOf('docs');
const PAGES = recordsOf('pages');
/** Documents of one writer; with more it rather removes some. */
const MINE_MAX = 8;
const TOO_LONG = 'too long';

const newId = () => crypto.randomBytes(8).toString('hex').slice(1);
const batch = (requests, ...files) => ({ form: [['@jsonPayload', JSON.stringify({ requests })], ...files] });

export class Writer {
  /** Its documents: their files in `many`, and the keys of their pages. */
  #mine = new Map();
  #house;

  /** `records`: what it takes over from one before it. */
  constructor(house, records) {
    this.#house = house;
    for (const record of records.filter(({ collectionName }) => collectionName === 'docs')) this.#own(record);
    for (const { id, owner } of records.filter(({ collectionName }) => collectionName === 'pages')) this.#mine.get(owner)?.pages.push(`pages/${id}`);
  }

  async act() {
    const ids = [...this.#mine.keys()];
    if (ids.length < 2) return this.create();
    if (ids.length > MINE_MAX) return this.remove(one(ids));
    const acts = [this.create, this.append, this.replace, this.clear, this.addPage, this.remove, this.swap, this.refused, this.rolledBack];
    return one(acts).call(this, one(ids));
  }

  #own(record) {
    this.#mine.set(record.id, { many: record.many, pages: this.#mine.get(record.id)?.pages ?? [] });
  }

  async create() {
    const made = await this.#house.send('POST', DOCS, { form: [['single', file()], ['many', file()], ['many', file()], ['picture', picture()]] });
    this.#house.ledger.add(made);
    this.#own(made);
  }

  async #change(id, body) {
    const done = this.#house.ledger.begin({ changing: [`docs/${id}`] });
    const changed = await this.#house.send('PATCH', `${DOCS}/${id}`, body);
    done(changed);
    this.#own(changed);
  }

  append(id) {
    return this.#change(id, { form: [['many+', file()]] });
  }

  replace(id) {
    return this.#change(id, { form: [['single', file()], ['many', file()], ['picture', picture()]] });
  }

  clear(id) {
    return this.#change(id, { json: { 'many-': this.#mine.get(id).many.slice(0, 1), single: '', picture: '' } });
  }

  async addPage(id) {
    const made = await this.#house.send('POST', PAGES, { form: [['owner', id], ['scans', file()], ['scans', file()]] });
    this.#house.ledger.add(made);
    this.#mine.get(id).pages.push(`pages/${made.id}`);
  }

  /** The keys of a document and of all that goes with it. */
  #all(id) {
    return [`docs/${id}`, ...this.#mine.get(id).pages];
  }

  async remove(id) {
    const done = this.#house.ledger.begin({ leaving: this.#all(id) });
    this.#mine.delete(id);
    await this.#house.send('DELETE', `${DOCS}/${id}`);
    done();
  }

  /** One document in place of another. */
  async swap(id) {
    const fresh = newId();
    const done = this.#house.ledger.begin({ leaving: this.#all(id), coming: [`docs/${fresh}`] });
    this.#mine.delete(id);
    const requests = [{ method: 'POST', url: DOCS, body: { id: fresh } }, { method: 'DELETE', url: `${DOCS}/${id}` }];
    const [made] = await this.#house.send('POST', '/api/batch', batch(requests, ['requests.0.single', file()], ['requests.0.many', file()]));
    done(made.body);
    this.#own(made.body);
  }

  /** Everything but the length of the title is fine: the files must not stay. */
  async refused() {
    await this.#house.send('POST', DOCS, { form: [['title', TOO_LONG], ['single', file()]], status: 400 });
  }

  /** The last of several writes is refused: nothing of the others must stay, nor go. */
  async rolledBack(id) {
    const other = one([...this.#mine.keys()].filter((own) => own !== id));
    const requests = [
      { method: 'POST', url: DOCS, body: {} },
      { method: 'PATCH', url: `${DOCS}/${other}`, body: { picture: '' } },
      { method: 'DELETE', url: `${DOCS}/${id}` },
      { method: 'POST', url: DOCS, body: { title: TOO_LONG } },
    ];
    const files = [['requests.0.single', file()], ['requests.0.many', file()], ['requests.1.single', file()], ['requests.3.single', file()]];
    await this.#house.send('POST', '/api/batch', { ...batch(requests, ...files), status: 400 });
  }
}
