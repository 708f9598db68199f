// Starts, watches and stops the server a suite talks to: a `bak` process or a real PocketBase.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from './http.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** How long a server may take to answer its first health check, in milliseconds. */
const START_MAX_MS = 20_000;
/** How long a server may take to end after SIGTERM before it is killed, in milliseconds. */
const STOP_MAX_MS = 10_000;
/** How much of a server's output is kept for failure messages, in characters. */
const OUTPUT_KEPT_CHARS = 16_384;

export const SUPERUSER = { email: 'root@example.com', password: 'correct horse 1' };

export const BAK_BIN = path.resolve(process.env.BAK_BIN ?? path.join(HERE, '../../target/debug/bak'));
export const POCKETBASE_BIN = process.env.POCKETBASE_BIN ?? 'pocketbase';

/** Which server the single-server suites talk to: `bak` (default) or `pocketbase`. */
export const TARGET = process.env.TARGET ?? 'bak';

const running = new Set();
const folders = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** A fresh folder that is removed when this process ends. */
export function tempFolder(label = 'data') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `bakend-e2e-${label}-`));
  folders.add(folder);
  return folder;
}

/** Removes a folder made by `tempFolder` now instead of at exit. */
export function removeFolder(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** A TCP port that was free a moment ago; only for servers that cannot choose one themselves. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The environment of a started program: ours, without settings meant for another `bak`. */
function cleanEnv(extra = {}) {
  const env = { ...process.env, ...extra };
  for (const key of Object.keys(env)) {
    const ours = key === 'BAK_BIN' || key in extra;
    if (key.startsWith('BAK_') && !ours) delete env[key];
  }
  return env;
}

/** Runs a program to its end; returns `{code, stdout, stderr}`. Throws only when it cannot be started. */
export function run(bin, args, { env, timeoutMs = 60_000 } = {}) {
  const done = spawnSync(bin, args, { env: cleanEnv(env), encoding: 'utf8', timeout: timeoutMs });
  if (done.error) throw new Error(`cannot run ${bin}: ${done.error.message}`);
  return { code: done.status ?? `signal ${done.signal}`, stdout: done.stdout, stderr: done.stderr };
}

/** Runs a program that must succeed. */
export function runOk(bin, args, options) {
  const done = run(bin, args, options);
  if (done.code !== 0) {
    throw new Error(`${bin} ${args.join(' ')} ended with ${done.code}\n${done.stdout}\n${done.stderr}`);
  }
  return done;
}

const TARGETS = {
  bak: {
    bin: BAK_BIN,
    superuser: (dir, email, password) => ['admin', 'upsert', email, password, '--dir', dir],
    start: async (dir, address = '127.0.0.1:0') => ({ args: ['start', '--http', address, '--dir', dir] }),
  },
  pocketbase: {
    bin: POCKETBASE_BIN,
    superuser: (dir, email, password) => ['superuser', 'upsert', email, password, '--dir', dir],
    start: async (dir) => {
      const port = await freePort();
      const args = ['serve', '--http', `127.0.0.1:${port}`, '--dir', dir, '--automigrate=0'];
      for (const kind of ['hooks', 'migrations', 'public']) args.push(`--${kind}Dir`, path.join(dir, `pb_${kind}`));
      return { args, url: `http://127.0.0.1:${port}` };
    },
  },
};

/** Creates or updates a superuser in a data folder no server is using. */
export function upsertSuperuser(target, dir, { email, password } = SUPERUSER) {
  const { bin, superuser } = TARGETS[target];
  return runOk(bin, superuser(dir, email, password));
}

/**
 * A started server: `url`, `dir`, `pid`, `output()`; end it with `stop()` or `kill()`.
 *
 * Options: `target` (`bak` or `pocketbase`), `dir` (a fresh temporary folder unless given), `superuser` (false leaves the folder as it is),
 * `bin` (another program with the commands of `bak`), `address` (of `bak`, to come back where it was), `env`, `extraArgs`, `wrap` (a program and
 * arguments put in front, such as `['prlimit', '--fsize=…']`).
 */
export async function start(options = {}) {
  const { target = TARGET, superuser = SUPERUSER, env, extraArgs = [], wrap = [] } = options;
  const kind = TARGETS[target];
  if (!kind) throw new Error(`unknown target ${target}: use bak or pocketbase`);
  const dir = options.dir ?? tempFolder(target);
  if (superuser) upsertSuperuser(target, dir, superuser);

  const { args, url } = await kind.start(dir, options.address);
  const [program, ...programArgs] = [...wrap, options.bin ?? kind.bin, ...args, ...extraArgs];
  const child = spawn(program, programArgs, { env: cleanEnv(env), stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const server = new Server({ target, dir, child, ownsDir: !options.dir, command: [program, ...programArgs].join(' ') });
  await server.becomeReady(url);
  return server;
}

export class Server {
  constructor({ target, dir, child, ownsDir, command }) {
    Object.assign(this, { target, dir, child, ownsDir, command, pid: child.pid, url: null, text: '' });
    const keep = (chunk) => {
      this.text = (this.text + chunk).slice(-OUTPUT_KEPT_CHARS);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => {
        keep(`\n${error.message}`);
        running.delete(child);
        resolve({ code: null, signal: null, error });
      });
      child.on('exit', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
    this.ended.then((end) => {
      this.end = end;
    });
  }

  /** What the process printed so far (the last part of it). */
  output() {
    return this.text;
  }

  async becomeReady(knownUrl) {
    const deadline = Date.now() + START_MAX_MS;
    while (Date.now() < deadline && !this.end) {
      this.url = knownUrl ?? this.text.match(/http:\/\/(?:127\.0\.0\.1|localhost):[1-9]\d*/)?.[0] ?? null;
      if (this.url && (await this.isHealthy())) return;
      await sleep(15);
    }
    const why = this.end ? `ended with ${JSON.stringify(this.end)}` : `did not get healthy in ${START_MAX_MS} ms`;
    this.child.kill('SIGKILL');
    throw new Error(`${this.command}\n${why}; its output:\n${this.text}`);
  }

  async isHealthy() {
    try {
      return (await request(this.url, { path: '/api/health', timeoutMs: 2_000 })).status === 200;
    } catch {
      return false;
    }
  }

  /** Asks the process to end (SIGTERM), waits, and returns `{code, signal}`; removes its own temporary folder. */
  async stop() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MAX_MS);
    const end = await this.ended;
    clearTimeout(timer);
    if (this.ownsDir) removeFolder(this.dir);
    return end;
  }

  /** Ends the process at once (SIGKILL); the folder stays. */
  async kill() {
    this.child.kill('SIGKILL');
    return this.ended;
  }
}

/** Signs in with a password; returns the token. */
export async function signIn(url, { email, password } = SUPERUSER, collection = '_superusers') {
  const answer = await request(url, {
    method: 'POST',
    path: `/api/collections/${collection}/auth-with-password`,
    json: { identity: email, password },
  });
  if (answer.status !== 200) throw new Error(`sign-in of ${email} answered ${answer.status}: ${answer.text}`);
  return answer.json.token;
}
