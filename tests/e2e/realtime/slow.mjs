// Readers that take what comes as slowly as they are told: a plain socket, as no client library lets the bytes wait.
import crypto from 'node:crypto';
import net from 'node:net';
import { subscribe, until } from './events.mjs';

/** Bytes that a reader holds without having been asked for them. */
const AHEAD_BYTES = 1024;
/** How much of what was read is kept, in bytes. */
const KEPT_BYTES = 1 << 20;

class Reader {
  text = '';
  isEnded = false;
  #socket;
  #drip;

  constructor(base, head) {
    const { hostname, port } = new URL(base);
    this.#socket = net.connect({ host: hostname, port: Number(port), highWaterMark: AHEAD_BYTES });
    this.#socket.setEncoding('latin1');
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => (this.isEnded = true));
    this.write([`GET ${head[0]} HTTP/1.1`, `Host: ${hostname}`, ...head.slice(1), '', ''].join('\r\n'));
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  #take(bytes) {
    this.text = (this.text + (bytes ?? '')).slice(-KEPT_BYTES);
  }

  /** Reads until the pattern is found, and no more than that by much. */
  async find(pattern, what) {
    return until(() => {
      this.#take(this.#socket.read());
      return pattern.exec(this.text);
    }, what);
  }

  /** From here on it takes so many bytes a second; 0: none. */
  slowDown(bytes) {
    if (bytes > 0) this.#drip = setInterval(() => this.#take(this.#socket.read(bytes)), 1000);
  }

  /** From here on it reads all there is. */
  readAll() {
    clearInterval(this.#drip);
    this.#socket.on('data', (chunk) => this.#take(chunk));
  }

  close() {
    clearInterval(this.#drip);
    this.#socket.destroy();
  }
}

/** What a client that fell behind is told. */
export const BEHIND = /event:resync\ndata:{"reason":"behind"|"reason":"behind","seq":\d+,"type":"resync"/;

/** A stream of server-sent events. */
export async function slowStream(base, topic) {
  const reader = new Reader(base, ['/api/realtime']);
  const [, client] = await reader.find(/"clientId":"(\w+)"}\n\n/, 'a greeting');
  await subscribe(base, { client }, [topic]);
  return reader;
}

/** A stream on a connection that served another request before. */
export async function slowKeptStream(base, topic) {
  const reader = new Reader(base, ['/api/health']);
  await reader.find(/\r\n\r\n{.*}$/s, 'an answer');
  reader.write('GET /api/realtime HTTP/1.1\r\nHost: kept\r\n\r\n');
  const [, client] = await reader.find(/"clientId":"(\w+)"}\n\n/, 'a greeting');
  await subscribe(base, { client }, [topic]);
  return reader;
}

/** A WebSocket; what it is sent can be read as it comes, as servers neither mask nor compress it. */
export async function slowSocket(base, topic) {
  const key = crypto.randomBytes(16).toString('base64');
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`];
  const reader = new Reader(base, ['/api/realtime/ws', ...upgrade]);
  await reader.find(/"type":"hello"/, 'a greeting');
  reader.write(frame(JSON.stringify({ type: 'subscribe', topics: [topic], id: 1 })));
  await reader.find(/{"id":1,"type":"ok"}/, 'an answer');
  return reader;
}

/** A text as a client has to send it: masked. Source: RFC 6455, section 5.2. */
function frame(text) {
  const payload = Buffer.from(text);
  const mask = crypto.randomBytes(4);
  const head = Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ mask[at % 4])]);
}
