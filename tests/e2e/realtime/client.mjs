// The TypeScript client, checked, compiled and loaded.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tempFolder } from '../harness.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PROJECT = path.join(HERE, '../../../sdk-gen/runtime/ts');
const TSC = path.join(HERE, '../../node_modules/.bin/tsc');

/** Compiles the client into a folder; throws what the compiler says. */
export function compile(into = tempFolder('client')) {
  try {
    execFileSync(TSC, ['-p', PROJECT, '--outDir', into], { encoding: 'utf8' });
  } catch (error) {
    throw new Error(`the client does not compile:\n${error.stdout}`);
  }
  return into;
}

/** The compiled client's exports. */
export function load() {
  const folder = compile();
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  return import(pathToFileURL(path.join(folder, 'realtime.js')).href);
}
