import { describe, expect, it } from 'vitest';
import { partTree, piecesOf, planText, spreadSql, type Part } from './verdict';

const part = (text: string, start: number, kind: Part['kind'], parent: number | null): Part => ({
  text,
  start,
  end: start + text.length,
  kind,
  parent,
  value: true,
  note: '',
});
const RULE = 'a = 1 && (b = 2 || c = 3)';
const parts = [
  part(RULE, 0, 'and', null),
  part('a = 1', 0, 'compare', 0),
  part('(b = 2 || c = 3)', 9, 'or', 0),
  part('b = 2', 10, 'compare', 2),
  part('c = 3', 19, 'compare', 2),
];

describe('verdicts', () => {
  it('puts parts into their groups', () => {
    const [whole] = partTree(parts);
    expect(whole?.inner.map(({ item }) => item.text)).toEqual(['a = 1', '(b = 2 || c = 3)']);
    expect(whole?.inner[1]?.inner).toHaveLength(2);
  });

  it('cuts the text without losing a character', () => {
    const pieces = piecesOf(RULE, parts);
    expect(pieces.map(({ text }) => text).join('')).toBe(RULE);
    expect(pieces.filter(({ part }) => part).map(({ text }) => text)).toEqual(['a = 1', 'b = 2', 'c = 3']);
    expect(piecesOf('x = 1', [])).toEqual([{ text: 'x = 1' }]);
  });

  it('draws plans and spreads SQL', () => {
    const plan = [
      { id: 2, parent: 0, detail: 'SCAN posts' },
      { id: 5, parent: 2, detail: 'SEARCH people' },
      { id: 9, parent: 0, detail: 'USE TEMP B-TREE' },
    ];
    expect(planText(plan)).toBe('├─ SCAN posts\n│  └─ SEARCH people\n└─ USE TEMP B-TREE');
    expect(spreadSql('SELECT a FROM b WHERE c')).toBe('SELECT a\nFROM b\nWHERE c');
    expect(spreadSql("SELECT (SELECT x FROM y), ')' FROM b")).toBe("SELECT (SELECT x FROM y), ')'\nFROM b");
  });
});
