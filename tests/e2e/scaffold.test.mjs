// `bak init --rust`: the program that it makes builds against this workspace, passes its own tests, and runs.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BAK_BIN, run, runOk, tempFolder } from './harness.mjs';
import { request } from './http.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** How long the program may take to build, in milliseconds: in the worst case it builds everything. */
const BUILD_MAX_MS = 1_800_000;
/** How long the program may take to serve, in milliseconds. */
const START_MAX_MS = 30_000;

it('a new program builds, passes its tests and serves', { timeout: BUILD_MAX_MS }, async () => {
  const folder = path.join(tempFolder('scaffold'), 'my-app');
  const made = runOk(BAK_BIN, ['init', '--rust', folder, '--bakend', path.join(ROOT, 'bakend')]);
  assert.match(made.stdout, /cargo test/);
  assert.equal(run(BAK_BIN, ['init', '--rust', folder]).code, 1, 'what is there stays');
  assert.equal(run(BAK_BIN, ['init', '--rust', path.join(folder, 'fn')]).code, 1, 'no crate can be called that');

  // The same versions and the same target folder as the workspace, so that only the program itself is built.
  fs.copyFileSync(path.join(ROOT, 'Cargo.lock'), path.join(folder, 'Cargo.lock'));
  const target = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target');
  const cargo = (...args) => {
    const env = { ...process.env, CARGO_TARGET_DIR: target };
    const done = spawnSync('cargo', args, { cwd: folder, env, encoding: 'utf8', timeout: BUILD_MAX_MS });
    assert.equal(done.status, 0, `cargo ${args.join(' ')}\n${done.stdout}\n${done.stderr}`);
    return done.stdout;
  };
  assert.match(cargo('test'), /test result: ok\. [1-9]\d* passed; 0 failed/);
  cargo('build');

  const server = spawn(path.join(target, 'debug', 'my-app'), ['start', '--http', '127.0.0.1:0'], { cwd: folder });
  try {
    let text = '';
    const url = await new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`it did not start:\n${text}`));
      const timer = setTimeout(fail, START_MAX_MS);
      server.on('exit', fail);
      for (const stream of [server.stdout, server.stderr]) {
        stream.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
          const found = text.match(/http:\/\/127\.0\.0\.1:[1-9]\d*/);
          if (!found) return;
          clearTimeout(timer);
          resolve(found[0]);
        });
      }
    });
    const notes = await request(url, { path: '/api/collections/notes/records' });
    assert.equal(notes.status, 200);
    assert.deepEqual(notes.json.items, []);
  } finally {
    server.removeAllListeners('exit');
    const ended = new Promise((resolve) => server.on('exit', resolve));
    server.kill('SIGTERM');
    await ended;
  }
});
