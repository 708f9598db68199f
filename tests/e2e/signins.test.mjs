// Crowds at the door: what a sign-in's time tells, what many at once cost those inside, and when there are too many.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { signIn, start } from './harness.mjs';
import { request } from './http.mjs';
import { sql } from './sqlite.mjs';

const PASSWORD = 'password 1';
/** Accounts that are tried in turn; each stands fewer wrong passwords than are allowed. */
const ACCOUNTS = 25;
/** Wrong passwords for each. */
const TRIES = 8;
/** Sign-ins at once while others read. */
const CROWD = 200;
/** What the slowest percent of reads may take meanwhile, in milliseconds. */
const READ_P99_MAX_MS = 50;
/** Passwords that may wait to be hashed; `HASHING_QUEUE_MAX` in the server. */
const QUEUE_MAX = 256;
/** How often what load can spoil is measured before it counts as wrong: a leak shows every time, a busy machine does not. */
const MEASURES = 3;
/** "1234567890" hashed by bcrypt with cost 10, as PocketBase keeps it. */
const IMPORTED = '$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

let server;
let root;

before(async () => {
  server = await start();
  root = await signIn(server.url);
});
after(() => {
  agent.destroy();
  return server.stop();
});

/** As many connections as a crowd needs. */
const agent = new http.Agent({ keepAlive: true, maxSockets: 1000 });
/** How long the last of a crowd may wait, in milliseconds. */
const CROWD_TIMEOUT_MS = 300_000;

const attempt = (identity, password = 'wrong') =>
  request(server.url, {
    method: 'POST',
    path: '/api/collections/users/auth-with-password',
    json: { identity, password },
    agent,
    timeoutMs: CROWD_TIMEOUT_MS,
  });

async function accounts(kind, count) {
  const names = Array.from({ length: count }, (_, n) => `${kind}${n}@example.com`);
  for (const email of names) {
    const json = { email, password: PASSWORD, passwordConfirm: PASSWORD };
    const headers = { authorization: root };
    const made = await request(server.url, { method: 'POST', path: '/api/collections/users/records', json, headers });
    assert.equal(made.status, 200, made.text);
  }
  return names;
}

const missing = (kind, count) => Array.from({ length: count }, (_, n) => `${kind}${n}@example.com`);

/** How long wrong passwords take for two lists of names, tried in turn; sorted milliseconds of each. */
async function timed(one, two) {
  const times = [[], []];
  for (let round = 0; round < TRIES; round += 1) {
    for (let at = 0; at < one.length; at += 1) {
      // Who comes first changes, so that neither profits from what the other warmed up.
      const order = (round + at) % 2 === 0 ? [0, 1] : [1, 0];
      for (const which of order) {
        const begun = performance.now();
        const answer = await attempt([one, two][which][at]);
        times[which].push(performance.now() - begun);
        assert.equal(answer.status, 400, answer.text);
      }
    }
  }
  return times.map((list) => list.sort((a, b) => a - b));
}

const percentile = (sorted, percent) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];

/**
 * What sets two samples apart, or null. Load only ever adds time, so the quick ends tell most: they differ by less than a
 * quarter, and the medians by less than the spread of the middle half doubled.
 */
function difference([one, two]) {
  const quick = [percentile(one, 10), percentile(two, 10)];
  const middle = [percentile(one, 50), percentile(two, 50)];
  const spread = Math.max(...[one, two].map((list) => percentile(list, 90) - percentile(list, 10)), 1);
  const apart = Math.abs(quick[0] - quick[1]) > Math.max(...quick) / 4 || Math.abs(middle[0] - middle[1]) > spread;
  return apart ? `quick ${quick}, middle ${middle}, spread ${spread} ms` : null;
}

/** Measures until what is wrong, as `measure` says it, is nothing; `null` then, else what was wrong the last time. */
async function wrongEachTime(measure) {
  let wrong = null;
  for (let turn = 0; turn < MEASURES; turn += 1) {
    wrong = await measure(turn);
    if (wrong === null) return null;
    console.log(`measured ${turn + 1} of ${MEASURES} times: ${wrong}`);
  }
  return wrong;
}

test('time does not tell whether an account exists', async () => {
  let times;
  const wrong = await wrongEachTime(async (turn) => {
    times = await timed(await accounts(`here${turn}-`, ACCOUNTS), missing(`gone${turn}-`, ACCOUNTS));
    assert.equal(times[0].length, 200);
    return difference(times);
  });
  assert.equal(wrong, null);
  // The measure sees it when a refusal costs no hash: this one is refused for its form.
  const quick = [];
  for (let n = 0; n < 20; n += 1) {
    const begun = performance.now();
    assert.equal((await attempt('here0-0@example.com', '')).status, 400);
    quick.push(performance.now() - begun);
  }
  assert.notEqual(difference([times[0], quick.sort((a, b) => a - b)]), null);
});

test('time does not tell whose hash was imported', async () => {
  const wrong = await wrongEachTime(async (turn) => {
    const old = await accounts(`old${turn}-`, 11);
    sql(path.join(server.dir, 'bak.db'), `UPDATE users SET password = '${IMPORTED}' WHERE email LIKE 'old%'`);
    // The first one tells the server that there are such hashes; an import does so beforehand.
    await attempt(old[10]);
    return difference(await timed(old.slice(0, 10), missing(`none${turn}-`, 10)));
  });
  assert.equal(wrong, null);
});

test('a crowd that signs in does not slow those who read', async () => {
  const names = await accounts('crowd', 20);
  const reader = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const read = () =>
    new Promise((resolve, reject) => {
      const begun = performance.now();
      http
        .get(`${server.url}/api/collections/users/records?perPage=1`, { agent: reader }, (answer) => {
          answer.resume().on('end', () => resolve(performance.now() - begun));
        })
        .on('error', reject);
    });
  const reads = async (goOn) => {
    const times = [];
    while (times.length < 200 || goOn()) times.push(await read());
    return percentile(times.sort((a, b) => a - b), 99);
  };
  const wrong = await wrongEachTime(async () => {
    const calm = [await reads(() => false)];
    let waiting = CROWD;
    const crowd = Array.from({ length: CROWD }, (_, n) =>
      attempt(names[n % names.length], PASSWORD).finally(() => {
        waiting -= 1;
      }),
    );
    const busy = await reads(() => waiting > 0);
    const answers = await Promise.all(crowd);
    calm.push(await reads(() => false));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200], 'everybody gets in');
    // The bound is what we promise. On a machine that is busy with other things reads are slow without any crowd, and it cannot be
    // measured there: what is held then is only that the crowd costs no more than three times that, and the output says so.
    const calmest = Math.max(...calm);
    const isMeasurable = 3 * calmest <= READ_P99_MAX_MS;
    const allowed = isMeasurable ? READ_P99_MAX_MS : 3 * calmest;
    const held = isMeasurable ? `bound ${READ_P99_MAX_MS} ms` : `the bound of ${READ_P99_MAX_MS} ms is not measurable here, held ${allowed.toFixed(1)} ms`;
    console.log(`p99 of reads: ${calm[0].toFixed(1)} ms before, ${busy.toFixed(1)} ms beside ${CROWD} sign-ins, ${calm[1].toFixed(1)} ms after; ${held}`);
    return busy <= allowed ? null : `p99 of reads ${busy.toFixed(1)} ms, allowed ${allowed.toFixed(1)} ms`;
  });
  reader.destroy();
  assert.equal(wrong, null);
});

test('more than can wait are told to come back', async () => {
  const crowd = QUEUE_MAX + 200;
  const answers = await Promise.all(Array.from({ length: crowd }, (_, n) => attempt(`nobody${n}@example.com`)));
  const of = (status) => answers.filter((answer) => answer.status === status);
  assert.equal(of(400).length + of(429).length, crowd);
  assert.ok(of(400).length >= QUEUE_MAX, `${of(400).length} were served`);
  assert.ok(of(429).length > 0, 'some were refused');
  assert.ok(Number(of(429)[0].headers['retry-after']) >= 1);
  assert.deepEqual(of(429)[0].json, { data: {}, message: 'Too Many Requests.', status: 429 });
  assert.equal((await attempt('here0-0@example.com', PASSWORD)).status, 200, 'and afterwards all is well');
});
