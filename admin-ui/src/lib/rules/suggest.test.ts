import { describe, expect, it } from 'vitest';
import { looksLikeFilter, wordsOf } from './grammar';
import { schemaOf, type Draft } from './paths';
import { filterOf } from './search';
import { suggest, type Purpose } from './suggest';

const people: Draft = {
  id: 'p1',
  name: 'people',
  type: 'auth',
  fields: [
    { name: 'id', type: 'text' },
    { name: 'email', type: 'email' },
    { name: 'password', type: 'password' },
  ],
};
const tags: Draft = { id: 't1', name: 'tags', type: 'base', fields: [{ name: 'name', type: 'text' }] };
const posts: Draft = {
  id: 'o1',
  name: 'posts',
  type: 'base',
  fields: [
    { name: 'title', type: 'text' },
    { name: 'live', type: 'bool' },
    { name: 'kind', type: 'select', values: ['news', 'it\'s "odd"'], maxSelect: 1 },
    { name: 'place', type: 'geoPoint' },
    { name: 'meta', type: 'json' },
    { name: 'author', type: 'relation', collectionId: 'p1', maxSelect: 1 },
    { name: 'tags', type: 'relation', collectionId: 't1', maxSelect: 9 },
  ],
};
const stored = [people, tags, posts];

/** The labels offered at `|`. */
function at(marked: string, collection: Draft = posts, purpose: Purpose = 'rule'): string[] {
  const place = marked.indexOf('|');
  const text = marked.replace('|', '');
  return suggest(schemaOf(collection, stored), text, place, purpose).options.map(({ label }) => label);
}

describe('suggest', () => {
  it('offers fields, roots, macros and functions where an operand begins', () => {
    expect(at('|')).toEqual(expect.arrayContaining(['title', 'id', '@request', '@collection', '@now', 'geoDistance']));
    expect(at('(title = 1 && ti|')).toContain('title');
    expect(at('geoDistance(|')).toContain('place');
  });

  it('walks relations, both ways, and parts of a point', () => {
    expect(at('author.|')).toEqual(expect.arrayContaining(['email', 'id', 'collectionName', 'posts_via_author']));
    expect(at('author.posts_via_author.ta|')).toContain('tags');
    expect(at('place.|')).toEqual(['lon', 'lat']);
    expect(at('title.|')).toEqual([]);
    expect(at('meta.|')).toEqual([]);
  });

  it('never offers passwords', () => {
    expect(at('author.|')).not.toContain('password');
    expect(at('@request.auth.|')).not.toContain('password');
  });

  it('knows who asks and what was sent', () => {
    expect(at('@request.|')).toEqual(['auth', 'body', 'query', 'headers', 'method', 'context']);
    expect(at('@request.auth.|')).toContain('email');
    expect(at('@request.body.|')).toContain('title');
    expect(at('@request.body.author.|')).toContain('email');
    expect(at('@request.headers.|')).toContain('user_agent');
  });

  it('knows other collections, also under another name', () => {
    expect(at('@collection.|')).toEqual(['people', 'tags', 'posts']);
    expect(at('@collection.tags.|')).toContain('name');
    expect(at('@collection.tags:mine.|')).toContain('name');
  });

  it('offers only modifiers that fit', () => {
    expect(at('tags:|')).toEqual(['length', 'each']);
    expect(at('title:|')).toEqual(['lower']);
    expect(at('@request.body.title:|')).toEqual(['isset', 'changed', 'lower']);
    expect(at('@request.query.a:|')).toEqual(['isset', 'length', 'each', 'lower']);
  });

  it('offers operators, values and joins in their places', () => {
    expect(at('title |')).toEqual(expect.arrayContaining(['=', '?!~']));
    expect(at('title = 1 |')).toEqual(['&&', '||']);
    expect(at('live = |').slice(0, 2)).toEqual(['true', 'false']);
    expect(at('kind = |')[0]).toBe('"news"');
    expect(at('kind = "|')).toEqual(['news', 'it\'s "odd"']);
    expect(at('@request.method = |')).toContain('"POST"');
    expect(at('author = |')[0]).toBe('@request.auth.id');
  });

  it('keeps quiet in texts and comments', () => {
    expect(at('title = "ti|"')).toEqual([]);
    expect(at('// ti|')).toEqual([]);
  });

  it('looks at the draft, not at what is stored under its id', () => {
    const draft = { ...posts, fields: [{ name: 'fresh', type: 'text' }] };
    expect(at('|', draft)).toContain('fresh');
    expect(at('@collection.posts.|', draft)).not.toContain('title');
  });
});

describe('wordsOf', () => {
  it('tells the words of a rule apart', () => {
    const kinds = wordsOf('a.b ?!= "x\\"y" && (@now > -1.5 || strftime(\'%Y\', c) = null) // end').map(
      ({ kind, text }) => `${kind} ${text}`,
    );
    expect(kinds).toEqual([
      'path a.b',
      'operator ?!=',
      'text "x\\"y"',
      'join &&',
      'punct (',
      'macro @now',
      'operator >',
      'number -1.5',
      'join ||',
      'call strftime',
      'punct (',
      "text '%Y'",
      'punct ,',
      'path c',
      'punct )',
      'operator =',
      'keyword null',
      'punct )',
      'comment // end',
    ]);
    expect(wordsOf('a = "open').at(-1)?.isOpen).toBe(true);
    expect(wordsOf('a = "open\\"').at(-1)?.isOpen).toBe(true);
  });
});

describe('filterOf', () => {
  it('looks for plain words in every text, and leaves filters alone', () => {
    expect(filterOf('  ', posts)).toBe('');
    expect(filterOf('title = 1', posts)).toBe('title = 1');
    expect(filterOf('a "b"', tags)).toBe('id ~ "a \\"b\\"" || name ~ "a \\"b\\""');
    expect(filterOf('x', posts)).not.toContain('live');
    expect(looksLikeFilter('hello world')).toBe(false);
  });
});
