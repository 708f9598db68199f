// A plain HTTP client over node:http: sends exactly what it is told and never interprets the answer.
import http from 'node:http';

/** Bounds a request that says nothing else, in milliseconds. */
const TIMEOUT_MS = 30_000;

export const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

/** `multipart/form-data` bytes of `[name, value]` pairs; a value is text or `{file, name, type}`. */
export function multipart(parts) {
  const boundary = '----bakend-e2e-boundary';
  const chunks = [];
  for (const [name, value] of parts) {
    const isFile = typeof value === 'object' && value !== null && 'file' in value;
    const extra = isFile ? `; filename="${value.name}"\r\nContent-Type: ${value.type ?? 'application/octet-stream'}` : '';
    chunks.push(Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${extra}\r\n\r\n`));
    chunks.push(Buffer.from(isFile ? value.file : String(value)), Buffer.from('\r\n'));
  }
  chunks.push(Buffer.from(`--${boundary}--\r\n`));
  return { body: Buffer.concat(chunks), type: `multipart/form-data; boundary=${boundary}` };
}

function encodeBody({ json, form, urlencoded, body, type }) {
  if (json !== undefined) return { body: Buffer.from(JSON.stringify(json)), type: type ?? 'application/json' };
  if (form) return multipart(form);
  if (urlencoded) {
    return { body: Buffer.from(new URLSearchParams(urlencoded).toString()), type: 'application/x-www-form-urlencoded' };
  }
  if (body !== undefined) return { body: Buffer.from(body), type: type ?? 'application/json' };
  return {};
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Sends one request; resolves to `{status, headers, bytes, text, json}` (`json` undefined when the body is none).
 *
 * `path` is sent as given, `query` is appended; the body is one of `json`, `form`, `urlencoded`, or `body` with `type`.
 * Rejects when the connection fails or nothing comes back within `timeoutMs`.
 */
export function request(base, options) {
  const { method = 'GET', path, query, token, headers = {}, timeoutMs = TIMEOUT_MS } = options;
  const { hostname, port } = new URL(base);
  const { body, type } = encodeBody(options);
  const search = query ? `?${new URLSearchParams(query)}` : '';
  const all = { ...headers };
  if (type) all['content-type'] ??= type;
  const chunked = 'transfer-encoding' in all;
  if (body && !chunked) all['content-length'] ??= body.length;
  else if (!body && !['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method)) all['content-length'] ??= 0;
  if (token) all.authorization ??= token;

  return new Promise((resolve, reject) => {
    const sent = http.request({ hostname, port, method, path: path + search, headers: all, agent: options.agent ?? agent });
    let answered = false;
    sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`no answer within ${timeoutMs} ms: ${method} ${path}`)));
    // A server may answer and close while a large body is still on its way; the answer counts then.
    sent.on('error', (error) => answered || reject(error));
    sent.on('response', (response) => {
      answered = true;
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString('utf8');
        resolve({ status: response.statusCode, headers: response.headers, bytes, text, json: parse(text) });
      });
    });
    sent.end(body);
  });
}
