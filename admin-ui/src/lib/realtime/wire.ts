// What comes over the realtime connection, as the inspector lists it.

/** How many events are kept; older ones are forgotten. */
export const KEPT_MAX = 500;

export interface Heard {
  /** Counts up in this page. */
  id: number;
  /** When it came, in milliseconds since 1970. */
  at: number;
  topic: string;
  /** Its sequence number; messages of channels have none. */
  seq: number | undefined;
  /** `create`, `update`, `delete`, `message` and so on; "" when it says none. */
  action: string;
  data: unknown;
}

/** What one frame of the wire is to the inspector. */
export type Frame =
  | { kind: 'event'; topic: string; seq: number | undefined; action: string; data: unknown }
  | { kind: 'position'; seq: number }
  | { kind: 'resync'; seq: number | undefined; reason: string }
  | { kind: 'other' };

export function readFrame(text: string): Frame {
  let message: Record<string, unknown>;
  try {
    message = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { kind: 'other' };
  }
  const seq = typeof message['seq'] === 'number' ? message['seq'] : undefined;
  switch (message['type']) {
    case 'event':
      return {
        kind: 'event',
        topic: plainTopic(String(message['topic'] ?? '')),
        seq,
        action: actionOf(message['data']),
        data: message['data'],
      };
    case 'position':
      return seq === undefined ? { kind: 'other' } : { kind: 'position', seq };
    case 'resync':
      return { kind: 'resync', seq, reason: String(message['reason'] ?? '') };
  }
  return { kind: 'other' };
}

/** A topic without the options behind it. */
export function plainTopic(topic: string): string {
  return topic.replace(/\?.*$/s, '');
}

function actionOf(data: unknown): string {
  const action = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)['action'] : undefined;
  return typeof action === 'string' ? action : '';
}

/** What an event is about, in one line. */
export function summaryOf({ data }: Pick<Heard, 'data'>): string {
  const inner = (data as { record?: unknown } | null)?.record ?? data;
  return JSON.stringify(inner) ?? '';
}

/** Whether an event has a text anywhere in it. */
export function holds(event: Heard, wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  if (!text) return true;
  return `${event.topic}\n${event.action}\n${event.seq ?? ''}\n${JSON.stringify(event.data)}`
    .toLowerCase()
    .includes(text);
}

/** A topic with its options, as subscriptions are spelled. */
export function spellTopic(topic: string, options: { filter?: string; expand?: string; fields?: string }): string {
  const query = Object.fromEntries(Object.entries(options).filter(([, value]) => value?.trim()));
  if (Object.keys(query).length === 0) return topic;
  return `${topic}?options=${encodeURIComponent(JSON.stringify({ query }))}`;
}
