// An OAuth2 provider that answers what the code it is given says: a test writes the answers into the code.
import http from 'node:http';

/** Longest body that is read, in bytes. */
const BODY_MAX_BYTES = 1 << 20;

/**
 * A code whose exchange and lookups answer as told: `token` is merged into the token's answer, `answers` are bodies by path
 * (`/user` unless it says otherwise); a function of `FAULTS` is named by `fault` for the path in `at`.
 */
export const code = (answers, { token = {}, fault, at = '/user', basic } = {}) =>
  Buffer.from(JSON.stringify({ answers, token, fault, at, basic })).toString('base64url');

/** What a provider may do instead of answering. */
const FAULTS = {
  500: (response) => response.writeHead(500).end('{"error":"server_error"}'),
  401: (response) => response.writeHead(401).end('{"message":"no"}'),
  text: (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('not json'),
  list: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('[1]'),
  // More than any provider sends about one person.
  huge: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const piece = Buffer.alloc(64 << 10, 'x');
    const send = () => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', send);
    };
    response.write('{"sub":"');
    send();
  },
  silent: () => {},
  elsewhere: (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
};

const decode = (text) => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
};

async function body(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_MAX_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Starts it on a free port; `seen` lists the requests it got: `{method, path, headers, body}`. */
export async function startProvider() {
  const seen = [];
  const json = (response, status, value) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof value === 'string' ? value : JSON.stringify(value));
  };
  const server = http.createServer(async (request, response) => {
    const text = await body(request);
    const path = request.url.split('?')[0];
    seen.push({ method: request.method, path, url: request.url, headers: request.headers, body: text });
    if (path === '/token') {
      const sent = request.headers['content-type']?.includes('json') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
      const wanted = decode(sent.code ?? '');
      if (!wanted) return json(response, 400, { error: 'invalid_grant' });
      if (wanted.basic === false && request.headers.authorization) return json(response, 401, { error: 'invalid_client' });
      if (wanted.at === '/token' && wanted.fault) return FAULTS[wanted.fault](response);
      return json(response, 200, { access_token: sent.code, token_type: 'bearer', refresh_token: 'refresh', expires_in: 3600, ...wanted.token });
    }
    const bearer = (request.headers.authorization ?? '').replace(/^Bearer /i, '') || new URL(request.url, 'http://x').searchParams.get('access_token');
    const wanted = decode(bearer ?? '');
    if (!wanted) return json(response, 401, { message: 'who?' });
    if (wanted.fault && wanted.at === path) return FAULTS[wanted.fault](response);
    const answer = wanted.answers[path];
    return answer === undefined ? json(response, 404, { message: 'nothing here' }) : json(response, 200, answer);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, seen, server, stop: () => { server.closeAllConnections(); server.close(); } };
}
