import { ClientResponseError } from 'pocketbase';
import { describe, expect, it } from 'vitest';
import { explain, faultOf, otherFaults } from './errors';

const answered = (status: number, response: Record<string, unknown>) => new ClientResponseError({ status, response });

describe('explain', () => {
  it('finds the message and every field, however deep', () => {
    const explained = explain(
      answered(400, {
        message: 'Failed to save.',
        data: {
          title: { code: 'validation_required', message: 'Cannot be blank.' },
          fields: { 2: { name: { code: 'validation_not_unique', message: 'Taken.' } } },
        },
      }),
    );
    expect(explained.message).toBe('Failed to save.');
    expect(explained.fields).toEqual({ title: 'Cannot be blank.', 'fields.2.name': 'Taken.' });
    expect(explained.codes['fields.2.name']).toBe('validation_not_unique');
    expect(faultOf(explained, 'fields.2')).toBe('Taken.');
    expect(faultOf(explained, 'field')).toBeUndefined();
    expect(otherFaults(explained, ['title'])).toEqual(['fields.2.name: Taken.']);
  });

  it('has words where the server has none', () => {
    expect(explain(answered(502, {})).message).toContain('502');
    expect(explain(new ClientResponseError({ status: 0 })).message).toContain('cannot be reached');
    expect(explain(new Error('Boom')).message).toBe('Boom');
    expect(explain(null).message).not.toBe('');
  });
});
