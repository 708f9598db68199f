// Runs every suite, two at a time and each within a time of its own, and says at the end how long they took and which of them failed.
// `node e2e/all.mjs SUITE…` runs some.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
/** The panel's suites, one for each area. */
const PANEL = fs.readdirSync(path.join(here, 'panel')).flatMap((name) => name.match(/^(.*)\.test\.mjs$/)?.[1] ?? []).map((area) => `panel/${area}`);
const OTHERS = [
  'selftest', 'sdk', 'sdk-ts', 'differential', 'scaffold', 'mail', 'oauth2', 'passkeys', 'totp', 'limits', 'import', 'migrate', 'codefirst', 'encryption',
  'realtime', 'realtime-slow', 'chat', 'crash', 'realtime-crash', 'files-crash',
];
/** Compare times with each other: they have the machine to themselves. */
const ALONE = ['signins'];
/** How long a suite may take, in milliseconds: some eight times what the longest takes on two cores. One that waits for ever fails like any other. */
const SUITE_MAX_MS = 15 * 60_000;

/** What is left to a suite that is ended, in milliseconds, to end its browsers; they are in process groups of their own. */
const END_MAX_MS = 5_000;

/** What is running. The servers that a suite starts share its process group, and end with it. */
const running = new Set();
const tell = (suite, signal) => {
  try {
    process.kill(-suite.pid, signal);
  } catch {
    // It has ended.
  }
};
const end = (suite) => {
  tell(suite, 'SIGTERM');
  setTimeout(() => {
    tell(suite, 'SIGKILL');
    // What a browser that is left holds open would be waited for.
    suite.stdout.destroy();
    suite.stderr.destroy();
  }, END_MAX_MS);
};
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const suite of running) end(suite);
    setTimeout(() => process.exit(1), END_MAX_MS + 100);
  });
}

const results = [];

/** Runs one suite and tells what it said once it has ended. */
async function run(name) {
  const start = Date.now();
  const suite = spawn(process.execPath, ['--test', '--test-reporter=spec', path.join(here, `${name}.test.mjs`)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
  });
  running.add(suite);
  const said = [];
  for (const stream of [suite.stdout, suite.stderr]) stream.on('data', (data) => said.push(data));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end(suite);
  }, SUITE_MAX_MS);
  const code = await new Promise((done) => suite.on('close', done));
  clearTimeout(timer);
  running.delete(suite);
  const fault = isLate ? `ended after ${SUITE_MAX_MS / 60_000} minutes` : code !== 0 && 'failed';
  const result = `${fault ? '✖' : '✔'} ${name}  ${Math.round((Date.now() - start) / 1000)} s${fault ? `  ${fault}` : ''}`;
  results.push({ name, fault, result });
  console.log(`\n== ${name} ==\n${Buffer.concat(said)}${result}`);
}

/** Runs what is queued, from the front of the first queue that still has something. */
async function work(...queues) {
  for (let queue; (queue = queues.find(({ length }) => length)); ) await run(queue.shift());
}

const asked = process.argv.slice(2);
const wanted = (suites) => suites.filter((name) => !asked.length || asked.includes(name));
const [panel, others, alone] = [PANEL, OTHERS, ALONE].map(wanted);
// Browsers are busy, most other suites wait: one of each at a time.
await Promise.all([work(panel, others), work(others, panel)]);
await work(alone);

console.log(`\n${results.map(({ result }) => result).join('\n')}`);
const failed = results.filter(({ fault }) => fault).map(({ name }) => name);
console.log(failed.length ? `\nfailed: ${failed.join(', ')}` : '\nall suites passed');
process.exit(failed.length ? 1 : 0);
