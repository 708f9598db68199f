import { expect, it } from 'vitest';
import { suggestedLabels } from './labels';

it('suggests broad labels before those of a collection', () => {
  const labels = suggestedLabels(['posts']);
  expect(labels.indexOf('*:create')).toBeLessThan(labels.indexOf('posts:create'));
  expect(labels).toContain('/api/batch');
  expect(new Set(labels).size).toBe(labels.length);
});
