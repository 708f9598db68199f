// Sends the same requests to a real PocketBase and to bak, and compares every answer.
//
// DIFF_ONLY=text      only areas whose name, or scenarios whose `area/scenario` name, contains the text
// DIFF_VERBOSE=1      both answers in full (cut) beside each difference
// DIFF_PRINT=1        every request with PocketBase's answer, for writing scenarios
// DIFF_SUBJECT=…      the server looked at: `bak` (default) or `pocketbase` (the suite against itself: no difference)
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { INTENDED, intendedFor } from './differential/intended.mjs';
import { loadAreas, Pair, seed } from './differential/runner.mjs';

/** The suite promises several hundred requests; fewer means a file was lost. */
const REQUESTS_MIN = 500;

const ONLY = process.env.DIFF_ONLY ?? '';
const SUBJECT = process.env.DIFF_SUBJECT ?? 'bak';
const AGAINST_ITSELF = SUBJECT === 'pocketbase';

const here = path.dirname(fileURLToPath(import.meta.url));
const areas = await loadAreas(path.join(here, 'differential/areas'));

const met = new Set();
const tally = [];
let seeds;

/** Keeps the differences nobody listed, and remembers which list entries were needed. */
function unexpected(outcomes) {
  return outcomes.filter((outcome) => {
    const rest = outcome.differences.filter(({ path: where }) => {
      const entry = AGAINST_ITSELF ? undefined : intendedFor(outcome.name, where);
      if (entry) met.add(entry);
      return !entry;
    });
    outcome.shown = rest;
    return rest.length > 0;
  });
}

const report = (outcomes) => `${outcomes.length} request(s) differ\n${outcomes.join('\n')}\n`;

/** Fails with this text alone: where in the suite it was thrown says nothing. */
function fail(message) {
  const error = new Error(message);
  error.stack = message;
  throw error;
}

function scenariosOf(area) {
  const all = Object.entries(area.scenarios);
  return area.name.includes(ONLY) ? all : all.filter(([name]) => `${area.name}/${name}`.includes(ONLY));
}

before(async () => {
  seeds = await Promise.all(['pocketbase', SUBJECT].map(seed));
});

for (const area of areas) {
  const scenarios = scenariosOf(area);
  if (!scenarios.length) continue;
  describe(area.name, () => {
    let pair;
    const count = { area: area.name, differing: 0 };

    before(async () => {
      pair = await Pair.start(seeds);
      tally.push(count);
    });
    after(async () => {
      count.requests = pair?.count ?? 0;
      await pair?.stop();
    });

    const check = (outcomes) => {
      const wrong = unexpected(outcomes);
      count.differing += wrong.length;
      if (wrong.length) fail(report(wrong));
    };

    it('setup', async () => {
      const outcomes = await pair.run(`${area.name}/setup`, area.setup ?? [], { isolated: false });
      const broken = outcomes.filter((o) => !(o.referenceStatus >= 200 && o.referenceStatus < 300));
      if (broken.length) fail(`the setup itself is wrong, PocketBase refuses it:\n${broken.join('\n')}`);
      check(outcomes);
    });
    for (const [name, steps] of scenarios) {
      it(name, async () => check(await pair.run(`${area.name}/${name}`, steps)));
    }
  });
}

describe('the suite itself', () => {
  it('prints what differs by area', () => {
    const requests = tally.reduce((sum, t) => sum + t.requests, 0);
    const differing = tally.reduce((sum, t) => sum + t.differing, 0);
    for (const t of tally.filter((x) => x.differing)) console.log(`${t.area}: ${t.differing} of ${t.requests} differ`);
    console.log(`${requests} requests, ${differing} unexpected differences, ${met.size} of ${INTENDED.length} intended ones met`);
    if (!ONLY) assert.ok(requests >= REQUESTS_MIN, `only ${requests} requests were sent`);
  });

  it('lists no intended difference that no longer differs', { skip: ONLY || AGAINST_ITSELF ? 'needs the whole suite' : false }, () => {
    const stale = INTENDED.filter((entry) => !met.has(entry));
    assert.deepEqual(stale, [], 'remove these entries from differential/intended.mjs');
  });
});
