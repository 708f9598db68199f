import { expect, it } from 'vitest';
import { withField } from './rules';

it("follows a field's new name where the rule means this field", () => {
  const rule = "owner = @request.auth.id && owner.name != 'owner' && @request.body.owner:isset = false // owner";
  expect(withField(rule, 'owner', 'author')).toBe(
    "author = @request.auth.id && author.name != 'owner' && @request.body.author:isset = false // owner",
  );
});

it('leaves alone what only looks like it', () => {
  const rule = '@request.auth.owner = x.owner && @collection.posts.owner = owners && owner2 = "owner"';
  expect(withField(rule, 'owner', 'author')).toBe(rule);
  expect(withField(null, 'a', 'b')).toBeNull();
  expect(withField('', 'a', 'b')).toBe('');
});
