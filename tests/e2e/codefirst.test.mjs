// Collections that the code says, with a real program, the chat example: written as a migration, applied, undone; and what would take something
// from records stops the start until somebody agrees.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, runOk, signIn, start, SUPERUSER, tempFolder } from './harness.mjs';
import { request } from './http.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const CHAT_BIN = path.resolve(process.env.CHAT_BIN ?? path.join(HERE, '../../target/debug/chat'));

/** A data folder and a folder of migrations, for the commands of the chat. */
function environment() {
  const [dir, migrations] = [tempFolder('chat'), tempFolder('chat-migrations')];
  const env = { BAK_MIGRATIONS: migrations, BAK_WRITE_MIGRATIONS: 'off' };
  const args = (words) => [...words.split(' '), '--dir', dir];
  return {
    dir,
    env,
    files: () => fs.readdirSync(migrations),
    run: (words) => run(CHAT_BIN, args(words), { env }),
    ok: (words) => runOk(CHAT_BIN, args(words), { env }).stdout,
    /** Serves while `work` sends requests as the superuser. */
    async serve(work) {
      // Once: a pending migration is for `start` to apply.
      if (!fs.existsSync(path.join(dir, 'bak.db'))) {
        runOk(CHAT_BIN, ['admin', 'upsert', SUPERUSER.email, SUPERUSER.password, '--dir', dir], { env });
      }
      const server = await start({ bin: CHAT_BIN, target: 'bak', superuser: false, dir, env });
      try {
        const token = await signIn(server.url);
        return await work(async (method, path_, json) => {
          const answer = await request(server.url, { method, path: path_, json, token });
          assert.ok(answer.status < 300, `${method} ${path_}: ${answer.status} ${answer.text}`);
          return answer.json;
        });
      } finally {
        await server.stop();
      }
    },
  };
}

/** A topic of rooms that only the database knows of, and a room that has one. */
async function addTopic(ask) {
  const rooms = await ask('GET', '/api/collections/rooms');
  await ask('PATCH', '/api/collections/rooms', { fields: [...rooms.fields, { name: 'topic', type: 'text' }] });
  const password = { password: SUPERUSER.password, passwordConfirm: SUPERUSER.password };
  const ana = await ask('POST', '/api/collections/users/records', { email: 'ana@example.com', name: 'Ana', ...password });
  await ask('POST', '/api/collections/rooms/records', { name: 'Kitchen', owner: ana.id, topic: 'Tea' });
}

const topics = async (ask) => (await ask('GET', '/api/collections/rooms/records')).items.map((room) => room.topic);

it('the difference between code and database is written, applied and undone', () => {
  const chat = environment();
  const told = chat.ok('migrate diff');
  assert.match(told, /\+ rooms \(base collection\)\n.*\+ messages \(base collection\)\n/s);
  assert.match(told, /~ users\.name.* name\.max: 255 → 40, /);
  const [file, ...others] = chat.files();
  assert.match(file, /^\d{17}_create_rooms_and_2_more\.json$/);
  assert.deepEqual(others, []);
  const status = () => chat.ok('migrate status').split('\n').find((line) => line.includes(file));
  assert.match(status(), /^pending /);
  assert.equal(chat.ok('migrate up'), `applied  ${file}\n`);
  assert.match(status(), /^applied /);
  assert.equal(chat.ok('migrate diff'), 'There is no difference: nothing was written.\n');
  assert.match(chat.ok('migrate down'), new RegExp(`^undone   ${file}\n`));
  assert.match(status(), /^pending /);
  assert.deepEqual(chat.files(), [file]);
});

it('a new database becomes what the code says at once', () => {
  const chat = environment();
  assert.match(chat.ok('migrate apply'), /\+ rooms \(base collection\)\n.*The collections are what the code says now\.\n$/s);
  assert.deepEqual(chat.files(), []);
});

it('a client is made from the collections of the code', () => {
  const chat = environment();
  chat.ok('migrate apply');
  const out = path.join(chat.dir, 'client');
  assert.match(chat.ok(`sdk ts --out ${out}`), /^Wrote the client into .*client: \d+ files, \d+ changed\./);
  assert.match(fs.readFileSync(path.join(out, 'schema.ts'), 'utf8'), /^ {2}rooms: \{\n {4}kind: 'base';/m);
});

it('what would take something from records stops the start, until somebody agrees', async () => {
  const chat = environment();
  await chat.serve(addTopic);
  const stopped = chat.run('start --http 127.0.0.1:0');
  assert.deepEqual(stopped, {
    code: 1,
    stdout: '',
    stderr:
      'error: The collections of the code differ from those of the database in a way that loses data; nothing was changed:\n' +
      '  - rooms.topic (text): 1 record would lose a value\n' +
      'Run this program with `migrate apply --allow-destructive` to make these changes, or with `migrate diff` to write them as a migration ' +
      'that can be reviewed first.\n',
  });
  const loss = '  - rooms.topic (text)  1 record would lose a value\n';
  assert.deepEqual(chat.run('migrate apply'), {
    code: 1,
    stdout: loss,
    stderr:
      'error: This takes something from records; nothing was changed.\n' +
      `  next: If that is meant: ${CHAT_BIN} migrate apply --allow-destructive --dir ${chat.dir}\n`,
  });
  assert.equal(chat.run('start --http 127.0.0.1:0').code, 1, 'nothing was changed');
  assert.equal(chat.ok('migrate apply --allow-destructive'), `${loss}The collections are what the code says now.\n`);
  assert.deepEqual(await chat.serve(topics), [undefined]);
});

it('a loss that was written as a migration and left there is agreed to', async () => {
  const chat = environment();
  await chat.serve(addTopic);
  assert.match(chat.ok('migrate diff'), /- rooms\.topic \(text\)/);
  assert.deepEqual(await chat.serve(topics), [undefined]);
});
