import { describe, expect, it } from 'vitest';
import { HEIGHT_MAX_PX, Scroller } from './scroller';

function scroller(rows: number): Scroller {
  const made = new Scroller(40);
  made.resize(rows, 800);
  return made;
}

describe('a short list', () => {
  it('moves a pixel for a pixel', () => {
    const list = scroller(1_000);
    expect(list.height).toBe(40_000);
    list.scrolledTo(4_010);
    expect(list.span()).toEqual({ first: 100, end: 121 });
    expect(list.shift).toBe(0);
    expect(list.settle()).toBe(4_010);
  });

  it('draws some rows around those in view, and none that do not exist', () => {
    expect(scroller(1_000).span(5)).toEqual({ first: 0, end: 25 });
    expect(scroller(3).span(5)).toEqual({ first: 0, end: 3 });
    expect(scroller(0).span(5)).toEqual({ first: 0, end: 0 });
  });

  it('stays inside when it gets shorter', () => {
    const list = scroller(1_000);
    list.scrolledTo(39_200);
    list.resize(100, 800);
    expect(list.span().end).toBe(100);
  });
});

describe('a list of a million', () => {
  it('is no higher than browsers can take', () => {
    expect(scroller(1_000_000).height).toBe(HEIGHT_MAX_PX);
  });

  it('reaches its first and its last row', () => {
    const list = scroller(1_000_000);
    list.scrolledTo(HEIGHT_MAX_PX - 800);
    expect(list.span().end).toBe(1_000_000);
    list.scrolledTo(0);
    expect(list.span().first).toBe(0);
  });

  it('stretches a far jump, and goes on pixel by pixel', () => {
    const list = scroller(1_000_000);
    list.scrolledTo((HEIGHT_MAX_PX - 800) / 2);
    const { first } = list.span();
    expect(Math.abs(first - 500_000)).toBeLessThan(30);
    const before = list.top;
    list.scrolledTo((HEIGHT_MAX_PX - 800) / 2 + 40);
    expect(list.top).toBe(before + 40);
  });

  it('keeps what is in view where it is when the bar is put right', () => {
    const list = scroller(1_000_000);
    list.scrolledTo(4_000_000);
    for (let at = 0; at < 100; at++) list.scrolledTo(4_000_000 + at * 100);
    const { top } = list;
    const at = list.settle();
    expect(list.top).toBe(top);
    expect(list.shift).toBe(top - at);
  });

  it('reveals a row wherever it is', () => {
    const list = scroller(1_000_000);
    list.reveal(777_777);
    expect(list.span()).toEqual({ first: 777_758, end: 777_778 });
    list.reveal(777_760);
    expect(list.span().first).toBe(777_758);
    list.reveal(5);
    expect(list.span().first).toBe(5);
  });
});
