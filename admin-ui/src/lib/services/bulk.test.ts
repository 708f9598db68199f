import { ClientResponseError } from 'pocketbase';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { faultText, writeAll } from './bulk';

const { send, create } = vi.hoisted(() => ({ send: vi.fn(), create: vi.fn() }));

vi.mock('$lib/state/settings.svelte', () => ({ settings: { all: { batch: { enabled: true, maxRequests: 50 } } } }));
vi.mock('$lib/api/client', () => {
  const collection = () => ({ create: vi.fn() });
  return { pb: { createBatch: () => ({ collection, send }), collection: () => ({ create }) } };
});

const things = { id: 'c', name: 'things' } as never;
const writes = [{ method: 'POST', body: { a: 1 } } as const, { method: 'POST', body: { a: 2 } } as const];
const failing = (status: number) => new ClientResponseError({ status, response: {} });

describe('a batch', () => {
  beforeEach(() => {
    send.mockReset();
    create.mockReset().mockImplementation((body: object) => Promise.resolve({ id: 'r', ...body }));
  });

  it.each([0, 500, 502, 504])('is not repeated when nobody knows whether it was done: %d', async (status) => {
    send.mockRejectedValue(failing(status));
    const outcomes = await writeAll(things, writes);
    expect(create).not.toHaveBeenCalled();
    for (const outcome of outcomes) expect(outcome?.fault && faultText(outcome.fault)).toContain('not known');
  });

  it.each([400, 403, 413])('is tried one by one when the server refused it: %d', async (status) => {
    send.mockRejectedValue(failing(status));
    const outcomes = await writeAll(things, writes);
    expect(create).toHaveBeenCalledTimes(2);
    expect(outcomes.every((outcome) => outcome?.record)).toBe(true);
  });

  it('says of single writes too what is not known', async () => {
    send.mockRejectedValue(failing(400));
    create.mockRejectedValueOnce(failing(0)).mockRejectedValueOnce(failing(400));
    const [lost, refused] = await writeAll(things, writes);
    expect(lost?.fault?.message).toContain('not known');
    expect(refused?.fault?.message).not.toContain('not known');
  });
});
