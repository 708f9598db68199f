// The client that `bak sdk ts` writes: made from a real data folder, checked by the compiler, compiled, and run against a server.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import WebSocket from 'ws';
import { BAK_BIN, run, runOk, signIn, start, SUPERUSER, tempFolder } from './harness.mjs';
import { request } from './http.mjs';
import { until } from './realtime/events.mjs';
import { COLLECTIONS } from './sdk-ts/collections.mjs';
import { codeOf, mailServer } from './smtp.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PROGRAMS = path.join(HERE, 'sdk-ts');
const TSC = path.join(HERE, '../node_modules/.bin/tsc');
/** As strict as programs can be. */
const OPTIONS = {
  target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [],
  strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noImplicitOverride: true, noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true, noImplicitReturns: true, noFallthroughCasesInSwitch: true, verbatimModuleSyntax: true, isolatedModules: true,
};

let server;
let root;
let mails;
let project;
let scenarios = {};

const api = async (method, path, json) => {
  const answer = await request(server.url, { method, path, json, token: root });
  assert.ok(answer.status < 300, `${method} ${path} answered ${answer.status}: ${answer.text}`);
  return answer.json;
};

const generate = (out, ...more) => runOk(BAK_BIN, ['sdk', 'ts', '--out', out, '--dir', server.dir, ...more]);

/** All files of a folder, by their names. */
const files = (folder) => Object.fromEntries(fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts')).sort().map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]));

/** Compiles a project; throws what the compiler says. */
function compile(folder, options = {}) {
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...OPTIONS, outDir: 'out', ...options }, include: ['**/*.ts'], exclude: ['out'] }));
  try {
    execFileSync(TSC, ['-p', folder], { encoding: 'utf8' });
  } catch (error) {
    throw new Error(`it does not compile:\n${error.stdout}`);
  }
}

before(async () => {
  mails = await mailServer();
  server = await start({ dir: tempFolder('sdk') });
  root = await signIn(server.url);
  await api('PATCH', '/api/settings', { batch: { enabled: true, maxRequests: 50, timeout: 3 }, ...mails.settings() });
  const ids = new Map();
  for (const make of COLLECTIONS) {
    const made = await api('POST', '/api/collections', make((name) => ids.get(name)));
    ids.set(made.name, made.id);
  }
  project = tempFolder('sdk-program');
  const { stdout } = generate(path.join(project, 'bakend'));
  assert.match(stdout, /Wrote the client into .*bakend: \d+ files, \d+ changed\.[^]*import \{ createClient \} from '\.\/bakend\/index\.js'/);
  for (const name of ['use.ts', 'types.ts', 'mistakes.ts']) fs.copyFileSync(path.join(PROGRAMS, name), path.join(project, name));
  compile(project);
  fs.writeFileSync(path.join(project, 'out/package.json'), '{"type":"module"}');
});
after(async () => {
  await server?.stop();
  await mails?.stop();
});

describe('the compiler', () => {
  it('takes what is right, finds every mistake, and knows every answer by its type', () => {
    // All of it was compiled before; a mistake that is none would have been an error, and so is one more that is not marked.
    const marks = fs.readFileSync(path.join(PROGRAMS, 'mistakes.ts'), 'utf8').match(/@ts-expect-error/g);
    assert.ok(marks.length > 40, `${marks.length} mistakes`);
    const folder = tempFolder('sdk-mistake');
    fs.cpSync(path.join(project, 'bakend'), path.join(folder, 'bakend'), { recursive: true });
    const unmarked = fs.readFileSync(path.join(PROGRAMS, 'mistakes.ts'), 'utf8').replace(/ *\/\/ @ts-expect-error.*\n/g, '');
    fs.writeFileSync(path.join(folder, 'mistakes.ts'), unmarked);
    assert.throws(() => compile(folder), (error) => {
      const lines = new Set(error.message.match(/^mistakes\.ts\(\d+|mistakes\.ts\(\d+/gm));
      assert.equal(lines.size, marks.length, 'each mark stands for a line of its own');
      return true;
    });
  });

  it('needs no node and takes bundlers, and every file can be read without types', () => {
    const folder = tempFolder('sdk-bundled');
    fs.cpSync(path.join(project, 'bakend'), path.join(folder, 'bakend'), { recursive: true });
    compile(folder, { module: 'ES2022', moduleResolution: 'bundler', target: 'ES2022', erasableSyntaxOnly: true });
  });
});

describe('what is written', () => {
  it('is the same each time, and from a folder, a server and a document', async () => {
    const expected = files(path.join(project, 'bakend'));
    const again = tempFolder('sdk-again');
    assert.match(generate(again).stdout, /\d+ changed/);
    assert.match(generate(again).stdout, /nothing changed/);
    assert.deepEqual(files(again), expected);

    const served = tempFolder('sdk-served');
    const env = { BAK_ADMIN_EMAIL: SUPERUSER.email, BAK_ADMIN_PASSWORD: SUPERUSER.password };
    runOk(BAK_BIN, ['sdk', 'ts', '--out', served, '--url', server.url], { env });
    assert.deepEqual(files(served), expected);
    const tokened = tempFolder('sdk-token');
    runOk(BAK_BIN, ['sdk', 'ts', '--out', tokened, '--url', `${server.url}/`], { env: { BAK_TOKEN: root } });
    assert.deepEqual(files(tokened), expected);

    const document = path.join(tempFolder('sdk-document'), 'openapi.json');
    fs.writeFileSync(document, runOk(BAK_BIN, ['openapi', '--dir', server.dir]).stdout);
    assert.deepEqual(JSON.parse(fs.readFileSync(document, 'utf8')), await api('GET', '/api/openapi.json'));
    const printed = tempFolder('sdk-printed');
    runOk(BAK_BIN, ['sdk', 'ts', '--out', printed, '--from', document]);
    assert.deepEqual(files(printed), expected);
  });

  it('tells nothing that clients should not know', () => {
    const { 'schema.ts': schema } = files(path.join(project, 'bakend'));
    for (const secret of ['hiddenNote', 'tokenKey', '@request.auth', 'SELECT']) assert.ok(!schema.includes(secret), secret);
  });

  it('leaves files of others alone unless it is forced', () => {
    const out = tempFolder('sdk-foreign');
    fs.writeFileSync(path.join(out, 'schema.ts'), 'export const mine = 1;\n');
    const refused = run(BAK_BIN, ['sdk', 'ts', '--out', out, '--dir', server.dir]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /schema\.ts was not made by this command; nothing was written\.\n {2}next: .*--force/);
    assert.deepEqual(Object.keys(files(out)), ['schema.ts']);
    generate(out, '--force');
    assert.ok(files(out)['schema.ts'].includes('PostsRecord'));
  });

  it('is refused with the reason where there is nothing to make it from', () => {
    const out = path.join(tempFolder('sdk-nothing'), 'out');
    const empty = path.join(tempFolder('sdk-empty'), 'data');
    const wrong = path.join(tempFolder('sdk-wrong'), 'wrong.json');
    fs.writeFileSync(wrong, '{"openapi":"3.1.0","paths":{}}');
    for (const [args, env, reason] of [
      [['--dir', empty], {}, /There is no data in .*next: /s],
      [['--from', wrong], {}, /There is no collection in this document/],
      [['--from', `${wrong}.nope`], {}, /There is no file/],
      [['--url', server.url], {}, /It takes a superuser.*BAK_TOKEN/s],
      [['--url', server.url], { BAK_TOKEN: 'nonsense' }, /refused: it takes a superuser/],
      [['--url', server.url], { BAK_ADMIN_EMAIL: SUPERUSER.email, BAK_ADMIN_PASSWORD: 'wrong password' }, /refused: it takes a superuser/],
      [['--url', 'http://127.0.0.1:9'], { BAK_TOKEN: root }, /cannot be reached/],
    ]) {
      const refused = run(BAK_BIN, ['sdk', 'ts', '--out', out, ...args], { env });
      assert.equal(refused.code, 1, refused.stdout);
      assert.match(refused.stderr, reason);
      assert.ok(!fs.existsSync(out) && !fs.existsSync(empty), 'nothing was written');
    }
  });

  it('cannot be made to hold code by a document', () => {
    const evil = `"; globalThis.pwned = 1; "*/ globalThis.pwned = 2; /*\${globalThis.pwned = 3}\`'\u2028</script>`;
    const text = { type: 'string' };
    const record = {
      type: 'object', required: ['id'], properties: { id: text, [evil]: { type: 'string', enum: [evil] }, expand: { type: 'object', required: ['id'], properties: { id: text, [evil]: { $ref: '#/components/schemas/xRecord' } } } },
      'x-bakend-collection': { name: evil, id: evil, type: 'base' },
    };
    const document = { openapi: '3.1.0', info: { title: evil, version: evil }, components: { schemas: { xRecord: record, [`${evil}Create`]: { type: evil, properties: { [`${evil}+`]: text } } } } };
    const folder = tempFolder('sdk-evil');
    fs.writeFileSync(path.join(folder, 'openapi.json'), JSON.stringify(document));
    runOk(BAK_BIN, ['sdk', 'ts', '--out', path.join(folder, 'bakend'), '--from', path.join(folder, 'openapi.json')]);
    const use = `import { createClient } from './bakend/index.js';\nconst db = createClient('http://localhost');\nexport const name: string = db[${JSON.stringify(evil)}].fileUrl({ id: 'x' }, 'y');\n`;
    fs.writeFileSync(path.join(folder, 'use.ts'), use);
    compile(folder);
    fs.writeFileSync(path.join(folder, 'out/package.json'), '{"type":"module"}');
    const { stdout } = runOk(process.execPath, ['--input-type=module', '-e', `const { name } = await import(${JSON.stringify(pathToFileURL(path.join(folder, 'out/use.js')).href)}); console.log(globalThis.pwned, name.startsWith('http://localhost/api/files/'));`]);
    assert.equal(stdout.trim(), 'undefined true');
  });
});

describe('a program with the client', async () => {
  // The names of the scenarios stand in the source, which is compiled later.
  const names = [...fs.readFileSync(path.join(PROGRAMS, 'use.ts'), 'utf8').matchAll(/^ {2}async '(.+)'\(tools\)/gm)].map(([, name]) => name);
  assert.ok(names.length > 10, `${names.length} scenarios`);
  before(async () => ({ scenarios } = await import(pathToFileURL(path.join(project, 'out/use.js')).href)));

  for (const name of names) {
    it(name, () =>
      scenarios[name]({
        url: server.url,
        WebSocket,
        equal: (found, expected, words) => assert.deepEqual(plain(found), expected, words),
        until,
        restart: async () => {
          const address = new URL(server.url).host;
          await server.kill();
          server = await start({ dir: server.dir, address, superuser: false });
        },
        mailed: async (to) => codeOf(await mails.take(to)),
      }));
  }
});

/** Values without their `undefined` properties, which JSON does not know. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined).map(([key, one]) => [key, plain(one)]));
}
