// Sends an area's scenarios to two servers step by step and collects where their answers differ.
import fs from 'node:fs';
import path from 'node:path';
import { request } from '../http.mjs';
import { signIn, start, tempFolder } from '../harness.mjs';
import { Comparison } from './compare.mjs';

/** How much of a body is shown for a difference, in characters. */
const SHOWN_CHARS = 700;
/** How much of each side of one difference is shown, in characters. */
const SIDE_CHARS = 220;

const VERBOSE = process.env.DIFF_VERBOSE === '1';
const PRINT_ALL = process.env.DIFF_PRINT === '1';

/** A data folder of this target with one superuser and that superuser's token, to be copied for each area. */
export async function seed(target) {
  const server = await start({ target, dir: tempFolder(`seed-${target}`) });
  const token = await signIn(server.url);
  await server.stop();
  return { target, dir: server.dir, token };
}

/** Starts a server on a copy of a seed; `vars` are what its scenarios have saved so far. */
export async function startFrom({ target, dir, token }) {
  const copy = tempFolder(target);
  fs.cpSync(dir, copy, { recursive: true });
  const server = await start({ target, dir: copy, superuser: null });
  server.ownsDir = true;
  server.vars = { 'token:su': token };
  return server;
}

/** Puts saved values into `{{name}}`; a text that is nothing else becomes the value itself, whatever its type. */
function fill(value, vars) {
  if (typeof value === 'string') {
    const whole = value.match(/^\{\{([^{}]+)\}\}$/);
    const get = (name) => (name in vars ? vars[name] : `unsaved-${name}`);
    return whole ? get(whole[1]) : value.replace(/\{\{([^{}]+)\}\}/g, (_, name) => get(name));
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, vars));
  if (value && typeof value === 'object' && !Buffer.isBuffer(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [fill(key, vars), fill(item, vars)]));
  }
  return value;
}

const pick = (json, dotted) => dotted.split('.').reduce((at, key) => at?.[key], json);

async function send(server, step) {
  const { as = 'guest', save = {}, label, headersToCompare, keyOrder, ...rest } = step;
  const options = fill(rest, server.vars);
  if (as !== 'guest') options.token = server.vars[`token:${as}`] ?? `no-token-for-${as}`;
  let answer;
  try {
    answer = await request(server.url, options);
  } catch (error) {
    return { status: `no answer: ${error.message}`, headers: {}, text: '', bytes: Buffer.alloc(0) };
  }
  for (const [name, where] of Object.entries(save)) {
    const value = pick(answer.json, where);
    if (value !== undefined) server.vars[name] = value;
  }
  return answer;
}

function compareAnswers(comparison, step, reference, subject) {
  const found = [];
  const note = (what, a, b) => found.push({ path: what, reference: a, subject: b });
  if (reference.status !== subject.status) {
    // An answer and a refusal have no key in common: both in short say more than every key that is missing.
    note('status', reference.status, subject.status);
    note('body', reference.text, subject.text);
    return found;
  }
  const mediaType = (answer) => (answer.headers['content-type'] ?? '').split(';')[0];
  if (mediaType(reference) !== mediaType(subject)) note('content-type', mediaType(reference), mediaType(subject));
  for (const name of step.headersToCompare ?? []) {
    const [a, b] = [reference.headers[name] ?? null, subject.headers[name] ?? null];
    const same = a !== null && b !== null ? comparison.sameText(a, b) : a === b;
    if (!same) note(`header ${name}`, a, b);
  }
  if (reference.json !== undefined && subject.json !== undefined) {
    found.push(...comparison.diff(reference.json, subject.json, { keyOrder: step.keyOrder }, 'body'));
  } else if (!reference.bytes.equals(subject.bytes) && !comparison.sameText(reference.text, subject.text)) {
    note('body', reference.text.slice(0, SHOWN_CHARS), subject.text.slice(0, SHOWN_CHARS));
  }
  return found;
}

function cut(value, chars = SHOWN_CHARS) {
  const text = typeof value === 'string' ? value : JSON.stringify(value) ?? String(value);
  return text.length > chars ? `${text.slice(0, chars)}…` : text;
}

/** One side of a difference on one line; texts in quotes, whole bodies as they came. */
function side(value) {
  const asItIs = typeof value === 'string' && (value === '(missing)' || /^[[{]/.test(value));
  return cut(asItIs ? value : JSON.stringify(value) ?? String(value), SIDE_CHARS);
}

function describeRequest(step, server) {
  const { method = 'GET', path: where, query, json, form, urlencoded, body, as = 'guest' } = step;
  const search = Object.entries(fill(query ?? {}, server.vars)).map(([key, value]) => `${key}=${value}`);
  const sent = json ?? form ?? urlencoded ?? body;
  const shown = sent === undefined ? '' : ` ${cut(fill(sent, server.vars))}`;
  return `${method} ${fill(where, server.vars)}${search.length ? `?${search.join('&')}` : ''} [${as}]${shown}`;
}

/** One request's outcome on both servers, printable and matched against the intended differences by `name`. */
class Outcome {
  constructor({ name, step, servers, answers, differences }) {
    Object.assign(this, { name, differences });
    const [reference, subject] = answers;
    this.referenceStatus = reference.status;
    const asked = describeRequest(step, servers[0]);
    this.lines = (shown) => [
      `${name}: ${asked.replace(/\n/g, '⏎')}`,
      ...shown.slice(0, 12).map((d) => `    ${d.path}: ${side(d.reference)}  ≠  ${side(d.subject)}`),
    ];
    const full = [
      `    ${servers[0].target}: ${reference.status} ${cut(reference.text)}`,
      `    ${servers[1].target}: ${subject.status} ${cut(subject.text)}`,
    ];
    this.full = VERBOSE ? full : [];
    this.shown = differences;
    if (PRINT_ALL) console.log([`${name}: ${asked}`, full[0]].join('\n'));
  }

  toString() {
    return [...this.lines(this.shown), ...this.full].join('\n');
  }
}

/** Two servers under comparison, for the length of one area. `reference` is right, `subject` is looked at. */
export class Pair {
  static async start(seeds) {
    const servers = await Promise.all(seeds.map(startFrom));
    return new Pair(servers);
  }

  constructor(servers) {
    this.servers = servers;
    this.comparison = new Comparison();
    this.count = 0;
  }

  async stop() {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  /** Runs steps in order; returns their outcomes. `isolated` forgets what they saved. */
  async run(prefix, steps, { isolated = true } = {}) {
    const kept = this.servers.map((server) => ({ ...server.vars }));
    const outcomes = [];
    for (const [i, step] of steps.entries()) {
      const answers = await Promise.all(this.servers.map((server) => send(server, step)));
      this.count += 1;
      const differences = compareAnswers(this.comparison, step, ...answers);
      const name = `${prefix}/${step.label ?? `#${i + 1}`}`;
      outcomes.push(new Outcome({ name, step, servers: this.servers, answers, differences }));
    }
    if (isolated) this.servers.forEach((server, i) => (server.vars = kept[i]));
    return outcomes;
  }
}

/** Loads every area file of the folder, in name order. */
export async function loadAreas(folder) {
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.mjs')).sort();
  const areas = [];
  for (const file of files) {
    const { default: area } = await import(path.join(folder, file));
    areas.push({ ...area, name: area.name ?? path.basename(file, '.mjs') });
  }
  return areas;
}
