// Many writes: some at once in batches where the server takes them, else one by one; each has its own outcome.
import { pb } from '$lib/api/client';
import { explain, type Explained } from '$lib/api/errors';
import type { CollectionModel, RecordModel } from '$lib/api/types';
import { settings } from '$lib/state/settings.svelte';

export interface Write {
  method: 'POST' | 'PATCH' | 'DELETE';
  /** Of the record; not needed to create one. */
  id?: string;
  body?: Record<string, unknown>;
}

export interface Outcome {
  /** The record as it is now; nothing for a deleted one. */
  record?: RecordModel;
  fault?: Explained;
}

/** How many writes one batch holds at most, and how many single ones are under way at once. */
const BATCH_MAX = 50;
const AT_ONCE = 4;

interface Running {
  signal?: AbortSignal;
  /** Hears of every outcome, in no special order. */
  onoutcome?: (at: number, outcome: Outcome) => void;
}

/** Does all of them; what was not begun when it is called off has no outcome. */
export async function writeAll(
  collection: CollectionModel,
  writes: readonly Write[],
  { signal, onoutcome }: Running = {},
): Promise<(Outcome | undefined)[]> {
  const outcomes: (Outcome | undefined)[] = writes.map(() => undefined);
  const tell = (at: number, outcome: Outcome) => {
    outcomes[at] = outcome;
    onoutcome?.(at, outcome);
  };
  const size = batchSize();
  let isBatching = size > 1;
  for (let first = 0; first < writes.length && !signal?.aborted; first += size) {
    const some = writes.slice(first, first + size);
    // A batch is all or nothing; when one of it fails, each is tried alone.
    const done = isBatching && some.length > 1 ? await batch(collection, some) : undefined;
    if (done === 'closed') isBatching = false;
    if (Array.isArray(done)) done.forEach((outcome, at) => tell(first + at, outcome));
    else await singly(collection, some, first, signal, tell);
  }
  return outcomes;
}

function batchSize(): number {
  const asked = settings.all?.['batch'] as { enabled?: boolean; maxRequests?: number } | undefined;
  if (!asked?.enabled) return AT_ONCE * 4;
  return Math.max(1, Math.min(asked.maxRequests ?? BATCH_MAX, BATCH_MAX));
}

/** `closed`: the server takes no batches; `failed`: nothing of it was done. */
async function batch(collection: CollectionModel, writes: readonly Write[]): Promise<Outcome[] | 'closed' | 'failed'> {
  const asked = settings.all?.['batch'] as { enabled?: boolean } | undefined;
  if (!asked?.enabled) return 'closed';
  const all = pb.createBatch();
  const records = all.collection(collection.id);
  for (const { method, id = '', body } of writes) {
    if (method === 'POST') records.create(body);
    else if (method === 'PATCH') records.update(id, body);
    else records.delete(id);
  }
  try {
    const answers = await all.send();
    return answers.map(({ body }) => ({ ...(body && { record: body as RecordModel }) }));
  } catch (error) {
    const fault = faultOf(error);
    if (fault.isUnknown) return writes.map(() => ({ fault }));
    return fault.status === 403 ? 'closed' : 'failed';
  }
}

async function singly(
  collection: CollectionModel,
  writes: readonly Write[],
  first: number,
  signal: AbortSignal | undefined,
  tell: (at: number, outcome: Outcome) => void,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < writes.length && !signal?.aborted) {
      const at = next++;
      const write = writes[at];
      if (write) tell(first + at, await single(collection, write));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function single(collection: CollectionModel, { method, id = '', body }: Write): Promise<Outcome> {
  const records = pb.collection(collection.id);
  try {
    if (method === 'POST') return { record: await records.create(body) };
    if (method === 'PATCH') return { record: await records.update(id, body) };
    await records.delete(id);
    return {};
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

/** Only a refusal says that nothing was done: an answer may be lost behind the writing, and to repeat that would do it twice. */
function faultOf(error: unknown): Explained & { isUnknown: boolean } {
  const explained = explain(error);
  const isUnknown = explained.status < 400 || explained.status >= 500;
  const message = isUnknown ? `${explained.message} It is not known whether this was done.` : explained.message;
  return { ...explained, message, isUnknown };
}

/** What to say about a write that failed. */
export function faultText({ message, fields }: Explained): string {
  const said = Object.entries(fields).map(([path, fault]) => `${path}: ${fault}`);
  return said.length ? said.join(' ') : message;
}
