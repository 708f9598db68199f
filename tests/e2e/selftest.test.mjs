// The comparison itself: it must see every real difference and look through generated values only.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Comparison } from './differential/compare.mjs';
import { multipart } from './http.mjs';

const stamp = (offsetMs = 0) => new Date(Date.now() + offsetMs).toISOString().replace('T', ' ');
const token = (payload) => ['{"alg":"HS256","typ":"JWT"}', JSON.stringify(payload), 'signature'].map((p) => Buffer.from(p).toString('base64url')).join('.');
const ID = { a1: 'aaaaaaaaaaaaaa1', a2: 'aaaaaaaaaaaaaa2', b1: 'bbbbbbbbbbbbbb1', b2: 'bbbbbbbbbbbbbb2' };

const same = (a, b, options) => assert.deepEqual(new Comparison().diff(a, b, options), []);
const differs = (a, b, options) => assert.notDeepEqual(new Comparison().diff(a, b, options), []);

describe('comparison', () => {
  it('sees other values, types, keys and lengths', () => {
    differs({ a: 1 }, { a: 2 });
    differs({ a: 1 }, { a: '1' });
    differs({ a: null }, { a: '' });
    differs({ a: null }, {});
    differs({}, { a: null });
    differs([1], [1, 2]);
    differs([], {});
    differs({ a: 'x' }, { a: 'X' });
    same({ a: [1, { b: null }] }, { a: [1, { b: null }] });
  });

  it('names the path of a difference', () => {
    const [found] = new Comparison().diff({ items: [{ a: 1 }] }, { items: [{ a: 2 }] }, {}, 'body');
    assert.deepEqual(found, { path: 'body.items.0.a', reference: 1, subject: 2 });
  });

  it('maps generated ids one to one', () => {
    same({ id: ID.a1, owner: ID.a1, other: ID.a2 }, { id: ID.b1, owner: ID.b1, other: ID.b2 });
    differs({ id: ID.a1, owner: ID.a1 }, { id: ID.b1, owner: ID.b2 });
    differs({ id: ID.a1, owner: ID.a2 }, { id: ID.b1, owner: ID.b1 });
    differs({ id: ID.a1 }, { id: 'short' });
    same(`Failed for ${ID.a1}.`, `Failed for ${ID.b1}.`);
  });

  it('looks through fresh timestamps only', () => {
    same(stamp(), stamp(-5_000));
    differs(stamp(), '2020-01-01 00:00:00.000Z');
    differs('2020-01-01 00:00:00.000Z', '2020-01-01 00:00:00.001Z');
    differs(stamp(), stamp().replace(' ', 'T'));
  });

  it('compares tokens by their claims', () => {
    const exp = 2_000_000_000;
    same(token({ id: ID.a1, type: 'auth', exp }), token({ id: ID.b1, type: 'auth', exp: exp + 3, session: 'x' }));
    differs(token({ id: ID.a1, type: 'auth', exp }), token({ id: ID.b1, type: 'file', exp }));
    differs(token({ id: ID.a1, type: 'auth', exp }), token({ id: ID.b1, type: 'auth', exp: exp + 999 }));
    differs(token({ id: ID.a1, refreshable: true }), token({ id: ID.b1 }));
  });

  it('looks through random parts of file names', () => {
    same('my_file_aaaaaaaaaa.txt', 'my_file_bbbbbbbbbb.txt');
    differs('my_file_aaaaaaaaaa.txt', 'your_file_bbbbbbbbbb.txt');
    differs('my_file_aaaaaaaaaa.txt', 'my_file_bbbbbbbbbb.png');
    same('xaaaaaaaaaa_aaaaaaaaaa.html', 'xbbbbbbbbbb_bbbbbbbbbb.html');
  });

  it('compares reasons of the database by presence', () => {
    same('Invalid rule. Raw error: one thing.', 'Invalid rule. Raw error: another.');
    differs('Invalid rule. Raw error: one thing.', 'Invalid rule.');
  });

  it('compares lists of fields by name, and their order', () => {
    const [a, b] = [{ name: 'a', type: 'text', min: 1 }, { name: 'b', type: 'text', min: 2 }];
    same([a, b], [a, b]);
    const moved = new Comparison().diff([a, b], [b, a], {}, 'fields');
    assert.deepEqual(moved, [{ path: 'fields(order)', reference: 'a,b', subject: 'b,a' }]);
    differs([a], [a, b]);
    differs([a, b], [a, { ...b, min: 3 }]);
  });

  it('compares key order on demand', () => {
    same({ a: 1, b: 2 }, { b: 2, a: 1 });
    differs({ a: 1, b: 2 }, { b: 2, a: 1 }, { keyOrder: true });
  });
});

describe('multipart', () => {
  it('writes parts with names, file names and types', () => {
    const { body, type } = multipart([['a', '1'], ['f', { file: 'hi', name: 'x.txt', type: 'text/plain' }]]);
    assert.match(type, /^multipart\/form-data; boundary=/);
    assert.match(body.toString(), /name="a"\r\n\r\n1\r\n/);
    assert.match(body.toString(), /name="f"; filename="x.txt"\r\nContent-Type: text\/plain\r\n\r\nhi\r\n/);
  });
});
