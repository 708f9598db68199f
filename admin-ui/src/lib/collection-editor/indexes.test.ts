import { describe, expect, it } from 'vitest';
import { indexName, parseIndex, printIndex, usesColumn, withColumn, withTable } from './indexes';

const PLAIN = "CREATE UNIQUE INDEX `idx_a` ON `posts` (`title` COLLATE NOCASE DESC, `views`) WHERE `title` != ''";

describe('parseIndex', () => {
  it('reads and writes back what a form can show', () => {
    const index = parseIndex(PLAIN);
    expect(index).toEqual({
      unique: true,
      optional: false,
      name: 'idx_a',
      table: 'posts',
      columns: [
        { name: 'title', collate: 'NOCASE', sort: 'DESC' },
        { name: 'views', collate: '', sort: '' },
      ],
      where: "`title` != ''",
    });
    expect(index && printIndex(index)).toBe(PLAIN);
  });

  it('reads every way of quoting, expressions and line breaks', () => {
    const index = parseIndex(
      'create index if not exists "a b" on [posts]\n(lower("x, y"), strftime(\'%Y,(\', c) desc);',
    );
    expect(index?.name).toBe('a b');
    expect(index?.optional).toBe(true);
    expect(index?.columns.map(({ name, sort }) => [name, sort])).toEqual([
      ['lower("x, y")', ''],
      ["strftime('%Y,(', c)", 'DESC'],
    ]);
  });

  it('leaves alone what it does not understand', () => {
    for (const sql of ['', 'DROP TABLE x', 'CREATE INDEX a ON b', 'CREATE INDEX a ON b (c', 'CREATE INDEX a ON b ()'])
      expect(parseIndex(sql), sql).toBeUndefined();
  });
});

describe('renames', () => {
  it('follow a field, but never into texts', () => {
    expect(withColumn("CREATE INDEX i ON posts (title, lower(title)) WHERE title != 'title'", 'title', 'name')).toBe(
      "CREATE INDEX `i` ON `posts` (`name`, lower(`name`)) WHERE `name` != 'title'",
    );
    expect(withColumn(PLAIN, 'tit', 'x')).toBe(PLAIN);
    expect(usesColumn(PLAIN, 'views')).toBe(true);
    expect(usesColumn(PLAIN, 'view')).toBe(false);
  });

  it('follow the table', () => {
    expect(withTable('CREATE INDEX i ON posts (a)', 'news')).toBe('CREATE INDEX `i` ON `news` (`a`)');
    expect(withTable('garbage', 'news')).toBe('garbage');
  });
});

it('names indexes after what they are over', () => {
  expect(indexName('posts', ['title', 'lower(x)'], [])).toBe('idx_posts_title_lower_x');
  expect(indexName('posts', ['title'], ['IDX_posts_title'])).toBe('idx_posts_title_2');
});
