import { describe, expect, it } from 'vitest';
import type { CollectionModel } from '$lib/api/types';
import { layout } from './layout';
import { boundsOf, curveOf, modelOf, type Placed } from './model';

const collection = (id: string, relations: Record<string, string>, others = 1): CollectionModel =>
  ({
    id,
    name: `${id}s`,
    type: 'base',
    fields: [
      ...Array.from({ length: others }, (_, at) => ({ name: `f${at}`, type: 'text' })),
      ...Object.entries(relations).map(([name, to]) => ({ name, type: 'relation', collectionId: to, maxSelect: 5 })),
    ],
  }) as unknown as CollectionModel;

const all = [
  collection('post', { author: 'user', parent: 'post', gone: 'nothing' }),
  collection('user', {}),
  collection('note', {}, 40),
];

describe('the diagram', () => {
  it('draws relations between collections that are shown', () => {
    const { boxes, lines } = modelOf(all);
    expect(lines.map(({ id, isMany }) => [id, isMany])).toEqual([
      ['post.author', true],
      ['post.parent', true],
    ]);
    expect(boxes.find(({ id }) => id === 'note')).toMatchObject({ hidden: 26 });
  });

  it('keeps relations when there is no room for all fields', () => {
    const { boxes, lines } = modelOf([collection('big', { self: 'big' }, 30)]);
    expect(boxes[0]?.rows[0]).toMatchObject({ name: 'self', isRelation: true });
    expect(lines[0]?.row).toBe(0);
  });

  it('places boxes without overlap', () => {
    const { boxes, lines } = modelOf(all);
    const placed = layout(boxes, lines);
    expect(placed).toHaveLength(3);
    const apart = (a: Placed, b: Placed) =>
      a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
    for (const a of placed) for (const b of placed) expect(a === b || apart(a, b)).toBe(true);
    const bounds = boundsOf(placed);
    expect(placed.every((box) => box.x >= bounds.x && box.y + box.height <= bounds.y + bounds.height)).toBe(true);
  });

  it('leads a line from the field to the head of its target', () => {
    const { boxes, lines } = modelOf(all);
    const [post, user] = layout(boxes, lines);
    const [author, parent] = lines;
    if (!post || !user || !author || !parent) throw new Error('nothing was placed');
    const curve = curveOf(author, post, user);
    expect(curve.start.x).toBe(post.x + post.width);
    expect(curve.end.x).toBe(user.x);
    expect(curveOf(parent, post, post).end.x).toBe(post.x + post.width);
  });
});
