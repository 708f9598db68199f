import { describe, expect, it } from 'vitest';
import { holds, readFrame, spellTopic, summaryOf, type Heard } from './wire';

describe('readFrame', () => {
  it('reads events with their number, and what is said about the connection', () => {
    const data = { action: 'create', record: { id: 'a' } };
    const text = JSON.stringify({ type: 'event', seq: 17, topic: 'posts/*?options=%7B%7D', data });
    expect(readFrame(text)).toEqual({ kind: 'event', seq: 17, topic: 'posts/*', action: 'create', data });
    expect(readFrame('{"type":"position","seq":4}')).toEqual({ kind: 'position', seq: 4 });
    expect(readFrame('{"type":"resync","seq":9,"reason":"pruned"}')).toMatchObject({
      kind: 'resync',
      reason: 'pruned',
    });
    expect(readFrame('{"type":"ok"}')).toEqual({ kind: 'other' });
    expect(readFrame('not json')).toEqual({ kind: 'other' });
    expect(readFrame('{"type":"event","topic":"@channel/a","data":5}')).toMatchObject({ seq: undefined, action: '' });
  });
});

describe('topics and events', () => {
  it('are spelled and searched', () => {
    expect(spellTopic('posts/*', { filter: ' ' })).toBe('posts/*');
    expect(decodeURIComponent(spellTopic('posts/*', { filter: 'a = 1' }))).toBe(
      'posts/*?options={"query":{"filter":"a = 1"}}',
    );
    const event: Heard = {
      id: 1,
      at: 0,
      topic: 'posts/*',
      seq: 3,
      action: 'update',
      data: { record: { title: 'Hi' } },
    };
    expect(holds(event, 'HI')).toBe(true);
    expect(holds(event, 'delete')).toBe(false);
    expect(summaryOf(event)).toBe('{"title":"Hi"}');
  });
});
