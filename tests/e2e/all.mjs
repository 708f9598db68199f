// Runs every suite one after the other and says at the end which of them failed.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SUITES = [
  'selftest', 'sdk', 'mail', 'differential', 'oauth2', 'passkeys', 'totp', 'limits', 'import', 'migrate', 'scaffold', 'signins',
  'encryption', 'realtime', 'crash', 'realtime-crash', 'files-crash',
];

const here = path.dirname(fileURLToPath(import.meta.url));
const failed = SUITES.filter((suite) => {
  console.log(`\n== ${suite} ==`);
  return spawnSync(process.execPath, ['--test', path.join(here, `${suite}.test.mjs`)], { stdio: 'inherit' }).status !== 0;
});
console.log(failed.length ? `\nfailed: ${failed.join(', ')}` : '\nall suites passed');
process.exit(failed.length ? 1 : 0);
