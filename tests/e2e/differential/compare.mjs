// Compares two servers' answers to the same request, and looks through what must differ: ids, times, tokens.
//
// Generated values are compared as a one-to-one mapping: whatever id the first server gave where the second gave
// another, the pair has to meet again everywhere else. So a relation that points to the wrong record is a difference
// although no two ids are ever equal.

/** How far from now a timestamp may lie and still count as "just generated", in milliseconds. */
const GENERATED_WITHIN_MS = 60 * 60 * 1000;
/** How far the expiry times of two tokens may lie apart, in seconds. */
const EXPIRY_SLACK_SECONDS = 60;

const TIMESTAMP = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z/;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Parts of texts that a server makes up. The name stays visible in the text, the value goes into the mapping. */
const GENERATED = [
  { name: 'clone', pattern: /(?<=_clone_)[A-Za-z0-9]{4}(?![A-Za-z0-9])/ },
  { name: 'tempView', pattern: /(?<=temp_view_)[A-Za-z0-9]{5}(?![A-Za-z0-9])/ },
  { name: 'indexSuffix', pattern: /(?<=idx_(?:tokenKey|email)_)[a-z0-9]{10}(?![A-Za-z0-9])/ },
  { name: 'shortFileName', pattern: /(?<=^|\W)\w{0,2}[a-z0-9]{10}_[a-z0-9]{10}(?=\.)/ },
  { name: 'fileSuffix', pattern: /(?<=_)[a-z0-9]{10}(?=\.)/ },
  { name: 'time', pattern: TIMESTAMP },
  { name: 'verifier', pattern: /(?<![\w-])[\w-]{43}(?![\w-])/ },
  { name: 'state', pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{30}(?![A-Za-z0-9])/ },
  { name: 'id', pattern: /(?<![A-Za-z0-9])[a-z0-9]{15}(?![A-Za-z0-9])/ },
];
const ANY_GENERATED = new RegExp(GENERATED.map(({ name, pattern }) => `(?<${name}>${pattern.source})`).join('|'), 'g');

/** The database's or parser's own words, and drawn examples; only that there are some is compared. */
const REASONS = [
  /(?<=Raw error: ?\n?)\S[\s\S]*$/,
  /(?<=Failed to create index \w+ - )\S[\s\S]*$/,
  /(?<=Error parsing regexp: )\S[\s\S]*$/,
  /(?<=Invalid query - )\S[\s\S]*$/,
  /(?<=Data validations failed for collection "[^"]*" \([^)]*\):\n)\S[\s\S]*$/,
  /(?<=ex\.: ")[^"]*(?=")/,
];

function skeleton(text) {
  const pieces = [];
  let shape = text;
  for (const reason of REASONS) shape = shape.replace(reason, '<reason>');
  shape = shape.replace(ANY_GENERATED, (value, ...rest) => {
    const groups = rest.at(-1);
    const name = Object.keys(groups).find((key) => groups[key] !== undefined);
    pieces.push({ name, value });
    return `<${name}>`;
  });
  return { shape, pieces };
}

function isRecent(timestamp) {
  return Math.abs(Date.parse(timestamp.replace(' ', 'T')) - Date.now()) < GENERATED_WITHIN_MS;
}

function claims(token) {
  try {
    const [header, payload] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
    return typeof payload === 'object' && payload !== null && header.alg ? { header, payload } : null;
  } catch {
    return null;
  }
}

/** Whether every item is an object with a name of its own. */
function areNamed(list) {
  const names = list.map((item) => kindOf(item) === 'object' && typeof item.name === 'string' && item.name);
  return list.length > 0 && names.every(Boolean) && new Set(names).size === list.length && list.every((item) => 'type' in item);
}

const kindOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

export class Comparison {
  #there = new Map();
  #back = new Map();

  /** Whether `a` and `b` stand for the same generated value; remembers a pair seen for the first time. */
  #mapped(a, b) {
    if (this.#there.has(a) || this.#back.has(b)) return this.#there.get(a) === b && this.#back.get(b) === a;
    this.#there.set(a, b);
    this.#back.set(b, a);
    return true;
  }

  #sameToken(a, b) {
    const [left, right] = [claims(a), claims(b)];
    if (!left || !right) return false;
    // A token may carry more than the other server's: clients read only what they know.
    return Object.entries(left.payload).every(([key, value]) => {
      const other = right.payload[key];
      if (key === 'exp') return Math.abs(other - value) <= EXPIRY_SLACK_SECONDS;
      return typeof value === 'string' && typeof other === 'string' ? this.sameText(value, other) : value === other;
    });
  }

  sameText(a, b) {
    if (a === b) return true;
    if (JWT.test(a) && JWT.test(b) && claims(a)) return this.#sameToken(a, b);
    const [left, right] = [skeleton(a), skeleton(b)];
    if (left.shape !== right.shape) return false;
    return left.pieces.every(({ name, value }, i) => {
      const other = right.pieces[i].value;
      if (value === other) return true;
      return name === 'time' ? isRecent(value) && isRecent(other) : this.#mapped(value, other);
    });
  }

  /**
   * The differences between two JSON values as `{path, reference, subject}`; none means they agree.
   *
   * `keyOrder` also compares the order of object keys.
   */
  diff(reference, subject, { keyOrder = false } = {}, path = '') {
    const kind = kindOf(reference);
    if (kind !== kindOf(subject)) return [{ path, reference, subject }];
    if (kind === 'string') return this.sameText(reference, subject) ? [] : [{ path, reference, subject }];
    if (kind === 'array') return this.#diffArrays(reference, subject, { keyOrder }, path);
    if (kind === 'object') return this.#diffObjects(reference, subject, { keyOrder }, path);
    return Object.is(reference, subject) ? [] : [{ path, reference, subject }];
  }

  /** Lists of named things, such as fields, are compared by name: one that moved does not make all others differ. */
  #diffNamed(reference, subject, options, path) {
    const byName = (list) => Object.fromEntries(list.map((item) => [item.name, item]));
    const found = this.#diffObjects(byName(reference), byName(subject), { ...options, keyOrder: false }, path);
    const order = (list) => list.map((item) => item.name).join();
    if (order(reference) !== order(subject)) found.unshift({ path: `${path}(order)`, reference: order(reference), subject: order(subject) });
    return found;
  }

  #diffArrays(reference, subject, options, path) {
    if (areNamed(reference) && areNamed(subject)) return this.#diffNamed(reference, subject, options, path);
    if (reference.length !== subject.length) {
      return [{ path: `${path}.length`, reference: reference.length, subject: subject.length }];
    }
    return reference.flatMap((value, i) => this.diff(value, subject[i], options, `${path}.${i}`));
  }

  #diffObjects(reference, subject, options, path) {
    const found = [];
    const [left, right] = [Object.keys(reference), Object.keys(subject)];
    for (const key of left.filter((k) => !(k in subject))) {
      found.push({ path: `${path}.${key}`, reference: reference[key], subject: '(missing)' });
    }
    for (const key of right.filter((k) => !(k in reference))) {
      found.push({ path: `${path}.${key}`, reference: '(missing)', subject: subject[key] });
    }
    if (options.keyOrder && !found.length && left.join() !== right.join()) {
      found.push({ path: `${path}(key order)`, reference: left.join(), subject: right.join() });
    }
    for (const key of left.filter((k) => k in subject)) {
      found.push(...this.diff(reference[key], subject[key], options, `${path}.${key}`));
    }
    return found;
  }
}
