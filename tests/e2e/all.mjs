// Runs every suite one after the other, each within a time of its own, and says at the end how long they took and which of them failed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
/** The panel's suites, one for each area. */
const PANEL = fs.readdirSync(path.join(here, 'panel')).flatMap((name) => name.match(/^(.*)\.test\.mjs$/)?.[1] ?? []).map((area) => `panel/${area}`);
const SUITES = [
  'selftest', 'sdk', 'sdk-ts', 'mail', 'differential', 'oauth2', 'passkeys', 'totp', 'limits', 'import', 'migrate', 'codefirst', 'scaffold', 'signins',
  'encryption', ...PANEL, 'realtime', 'realtime-slow', 'chat', 'crash', 'realtime-crash', 'files-crash',
];
/** How long a suite may take, in milliseconds: some five times what the longest takes on two cores. One that waits for ever fails like any other. */
const SUITE_MAX_MS = 8 * 60_000;

/** What is running: ended with everything that it started, which shares its process group. */
let running;
const end = (signal) => {
  try {
    if (running) process.kill(-running.pid, signal);
  } catch {
    // It has ended.
  }
};
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (end('SIGKILL'), process.exit(130)));

/** Runs one suite. Gives what went wrong, if anything did. */
async function run(suite) {
  running = spawn(process.execPath, ['--test', '--test-reporter=spec', path.join(here, `${suite}.test.mjs`)], { stdio: 'inherit', detached: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end('SIGKILL');
  }, SUITE_MAX_MS);
  const code = await new Promise((done) => running.on('exit', done));
  clearTimeout(timer);
  return isLate ? `ended after ${SUITE_MAX_MS / 60_000} minutes` : code !== 0 && 'failed';
}

const results = [];
for (const suite of SUITES) {
  console.log(`\n== ${suite} ==`);
  const start = Date.now();
  const fault = await run(suite);
  results.push({ suite, fault, seconds: Math.round((Date.now() - start) / 1000) });
}
console.log('');
for (const { suite, fault, seconds } of results) console.log(`${fault ? '✖' : '✔'} ${suite}  ${seconds} s${fault ? `  ${fault}` : ''}`);
const failed = results.filter(({ fault }) => fault).map(({ suite }) => suite);
console.log(failed.length ? `\nfailed: ${failed.join(', ')}` : '\nall suites passed');
process.exit(failed.length ? 1 : 0);
