import { describe, expect, it } from 'vitest';
import { mayBeRounded, parseExact } from './exact';

const BIG = '{"big":12345678901234567890,"deep":[0.12345678901234567890123],"a":1.50,"b":9007199254740992,"c":1e5}';

describe('exact JSON', () => {
  it.skipIf(!('rawJSON' in JSON))('is written as it was read', () => {
    const read = parseExact(BIG) as Record<string, unknown>;
    expect(JSON.stringify({ ...read, more: 1 })).toBe(
      '{"big":12345678901234567890,"deep":[0.12345678901234567890123],"a":1.5,"b":9007199254740992,"c":100000,"more":1}',
    );
    expect(read['b']).toBe(2 ** 53);
  });

  it('is plain for all other numbers', () => {
    const text = '{"a":[1,-2.5,0.1,1e21,0.30000000000000004],"b":"12345678901234567890"}';
    expect(parseExact(text)).toEqual(JSON.parse(text));
  });

  it('knows where a number may have been rounded before', () => {
    expect(mayBeRounded(JSON.parse(BIG))).toBe(true);
    expect(mayBeRounded({ id: '12345678901234567890', a: [1, 2.5, 1e21, null, { b: 0.1 }] })).toBe(false);
  });
});
