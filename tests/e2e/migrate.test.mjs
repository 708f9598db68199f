// Migrations with real processes: what the admin API changes in one environment is written, replayed in another, undone and repaired.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { BAK_BIN, run, runOk, signIn, start, tempFolder } from './harness.mjs';
import { request } from './http.mjs';

/** An environment: a data folder and a folder of migrations. */
class Environment {
  constructor(label) {
    this.dir = tempFolder(label);
    this.migrations = tempFolder(`${label}-migrations`);
  }

  env(write = 'on') {
    return { BAK_MIGRATIONS: this.migrations, BAK_WRITE_MIGRATIONS: write };
  }

  migrate(...args) {
    return run(BAK_BIN, ['migrate', ...args, '--dir', this.dir], { env: { BAK_MIGRATIONS: this.migrations } });
  }

  migrated(...args) {
    return runOk(BAK_BIN, ['migrate', ...args, '--dir', this.dir], { env: { BAK_MIGRATIONS: this.migrations } }).stdout;
  }

  files() {
    return fs.readdirSync(this.migrations).sort();
  }

  pull(other) {
    for (const file of other.files()) fs.copyFileSync(path.join(other.migrations, file), path.join(this.migrations, file));
  }

  /** Serves while `work` sends requests as the superuser. */
  async serve(work, write) {
    const server = await start({ target: 'bak', dir: this.dir, env: this.env(write) });
    try {
      const token = await signIn(server.url);
      return await work(async (method, path_, body) => {
        const answer = await request(server.url, { method, path: path_, json: body, token });
        assert.ok(answer.status < 300, `${method} ${path_}: ${answer.status} ${answer.text}`);
        return answer.json;
      });
    } finally {
      await server.stop();
    }
  }

  /** All collections as answers show them, without what each environment has for itself. */
  collections(write) {
    return this.serve(async (ask) => {
      const { items } = await ask('GET', '/api/collections?perPage=200&sort=name');
      return items.map(({ created, updated, ...rest }) => rest);
    }, write);
  }
}

const POSTS = { name: 'posts', type: 'base', listRule: '', fields: [{ name: 'title', type: 'text' }] };

describe('migrations', () => {
  it('two environments converge, and come back', async () => {
    const dev = new Environment('dev');
    const prod = new Environment('prod');
    await dev.serve(async (ask) => {
      const posts = await ask('POST', '/api/collections', POSTS);
      await ask('POST', '/api/collections', {
        name: 'tags',
        type: 'base',
        fields: [{ name: 'posts', type: 'relation', collectionId: posts.id, maxSelect: 9 }],
      });
      posts.fields.push({ name: 'body', type: 'editor' });
      posts.fields[1].name = 'headline';
      await ask('PATCH', '/api/collections/posts', { fields: posts.fields, viewRule: "headline != ''" });
      await ask('PATCH', '/api/collections/posts', { name: 'articles' });
      await ask('POST', '/api/collections/articles/records', { headline: 'not a change of a collection' });
    });
    assert.deepEqual(
      dev.files().map((name) => name.replace(/^\d{17}_/, '')),
      ['create_posts.json', 'create_tags.json', 'update_posts.json', 'update_posts.json'],
    );
    assert.doesNotMatch(dev.migrated('status'), /pending|changed|gone|in no migration/);

    prod.pull(dev);
    assert.match(prod.migrated('status'), /pending .*create_posts/);
    const made = await dev.collections();
    assert.deepEqual(await prod.collections('auto'), made, 'a start applies what is to come');
    assert.deepEqual(prod.files(), dev.files(), 'and writes nothing of it again');

    assert.match(prod.migrated('down', '2'), /undone .*update_posts/);
    assert.match(prod.migrated('status'), /pending .*update_posts/);
    assert.match(prod.migrated('up', '1'), /applied .*update_posts/);
    prod.migrated();
    assert.match(prod.migrated('up'), /Everything is up to date/);
    assert.deepEqual(await prod.collections(), made);
  });

  it('a conflict stops the start, changes nothing and says where', async () => {
    const dev = new Environment('dev');
    const prod = new Environment('prod');
    await dev.serve((ask) => ask('POST', '/api/collections', POSTS));
    prod.pull(dev);
    await prod.serve((ask) => ask('PATCH', '/api/collections/posts', { listRule: 'title = 1' }), 'off');
    await dev.serve((ask) => ask('PATCH', '/api/collections/posts', { listRule: 'title = 2' }));
    prod.pull(dev);
    const before = prod.migrate('status').stdout;
    const refused = run(BAK_BIN, ['start', '--http', '127.0.0.1:0', '--dir', prod.dir], { env: prod.env() });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /posts\.listRule is "title = 1" here, the migration goes from "" to "title = 2"/);
    assert.equal(prod.migrate('status').stdout, before);
    await prod.serve((ask) => ask('PATCH', '/api/collections/posts', { listRule: '' }), 'off').then(
      () => assert.fail('it cannot start'),
      () => {},
    );
    const server = await start({ target: 'bak', dir: prod.dir, env: { ...prod.env('off'), BAK_APPLY_MIGRATIONS: 'off' } });
    await server.stop();
  });

  it('what nobody wrote down is seen, written and replayed', async () => {
    const dev = new Environment('dev');
    const other = new Environment('other');
    await dev.serve((ask) => ask('POST', '/api/collections', POSTS), 'off');
    assert.deepEqual(dev.files(), []);
    assert.match(dev.migrated('status'), /In the database, and in no migration:\n {2}\+ posts \(base collection\)/);
    assert.match(dev.migrated('diff', 'Catch up'), /_catch_up\.json/);
    assert.doesNotMatch(dev.migrated('status'), /in no migration/);
    other.pull(dev);
    other.migrated('up');
    assert.deepEqual(await other.collections(), await dev.collections());

    dev.migrated('snapshot', 'base');
    fs.rmSync(path.join(dev.migrations, dev.files()[0]));
    assert.match(dev.migrated('status'), /gone .*_catch_up\.json/);
    assert.match(dev.migrated('forget'), /forgot .*_catch_up\.json/);
    const fresh = new Environment('fresh');
    fresh.pull(dev);
    fresh.migrated('up');
    assert.deepEqual(await fresh.collections(), await dev.collections());
  });

  it('SQL by hand runs up and down, within its bounds', async () => {
    const dev = new Environment('dev');
    await dev.serve(async (ask) => {
      await ask('POST', '/api/collections', POSTS);
      await ask('POST', '/api/collections/posts/records', { title: 'LOUD' });
    });
    dev.migrated('create', 'Lower the titles');
    const file = path.join(dev.migrations, dev.files().find((name) => name.endsWith('_lower_the_titles.sql')));
    const fill = (up, down) => fs.writeFileSync(file, `-- up\n${up}\n-- down\n${down}\n`);
    for (const [sql, reason] of [
      ['COMMIT;', /runs in a transaction already/],
      ['ALTER TABLE posts ADD COLUMN x;', /belongs to a collection/],
      ['UPDATE posts SET title = lower(title); SELECT nope;', /no such column: nope/],
    ]) {
      fill(sql, '');
      const refused = dev.migrate('up');
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, reason);
    }
    const title = () => dev.serve(async (ask) => (await ask('GET', '/api/collections/posts/records')).items[0].title);
    fill('UPDATE posts SET title = lower(title);', 'UPDATE posts SET title = upper(title);');
    dev.migrated('up');
    assert.equal(await title(), 'loud');
    fs.appendFileSync(file, '-- a remark\n');
    assert.match(dev.migrated('status'), /changed .*_lower_the_titles\.sql/);
    assert.match(dev.migrated('accept', path.basename(file)), /accepted/);
    dev.migrated('down');
    fs.rmSync(file);
    assert.equal(await title(), 'LOUD');
  });
});
