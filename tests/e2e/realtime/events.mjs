// Streams of server-sent events, read plainly: frames as they come, with their ids.
import http from 'node:http';
import { request } from '../http.mjs';

/** Longest wait for something that must come, in milliseconds. */
export const PATIENCE_MS = 60_000;

/** Waits until `done()` is truthy; throws with `what` when it takes too long. */
export async function until(done, what, patienceMs = PATIENCE_MS) {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await done();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Opens a stream; resolves when it has said who the client is. `frames` grows with each event `{id, event, data}`, `position` is the last
 * id of any frame, `ended` resolves when the stream ends. `onFrame` hears each event, `onPosition` each id after it.
 */
export function openStream(base, { lastEventId, onFrame = () => {}, onPosition = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) };
    const sent = http.get(`${base}/api/realtime`, { headers, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const stream = { client: undefined, frames: [], position: undefined, response, close: () => sent.destroy() };
      stream.ended = new Promise((end) => response.on('close', end));
      stream.ended.then(() => reject(new Error('the stream ended before its greeting')));
      let text = '';
      response.setEncoding('utf8');
      response.on('error', () => {});
      response.on('data', (chunk) => {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop();
        for (const block of blocks) {
          const frame = parse(block);
          if (frame.event === 'PB_CONNECT') {
            stream.client = frame.data.clientId;
            resolve(stream);
            continue;
          }
          if (frame.event) {
            stream.frames.push(frame);
            onFrame(frame);
          }
          if (frame.id === undefined) continue;
          stream.position = Number(frame.id);
          onPosition(stream.position);
        }
      });
    });
  });
}

function parse(block) {
  const frame = {};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) frame[line.slice(0, colon)] = line.slice(colon + 1);
  }
  if (frame.data !== undefined) frame.data = JSON.parse(frame.data);
  return frame;
}

/** Makes `topics` the subscriptions of a stream. */
export async function subscribe(base, stream, topics, token) {
  const json = { clientId: stream.client, subscriptions: topics };
  const answer = await request(base, { method: 'POST', path: '/api/realtime', json, token });
  if (answer.status !== 204) throw new Error(`subscribing answered ${answer.status}: ${answer.text}`);
}
