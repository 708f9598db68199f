// Runs every suite one after the other and says at the end which of them failed.
import { spawnSync } from 'node:child_process';
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

const failed = SUITES.filter((suite) => {
  console.log(`\n== ${suite} ==`);
  return spawnSync(process.execPath, ['--test', path.join(here, `${suite}.test.mjs`)], { stdio: 'inherit' }).status !== 0;
});
console.log(failed.length ? `\nfailed: ${failed.join(', ')}` : '\nall suites passed');
process.exit(failed.length ? 1 : 0);
