// An issuer that lies on demand: what its id token says, who signs it and how is the test's to choose.
import http from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Starts it. `state.token(nonce)` makes the id token, `state.user` is what the user endpoint tells, `state.metadata` is merged over its own. */
export async function startIssuer() {
  const server = http.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const state = { url, user: null, metadata: {}, kid: 'one', reads: {}, stop: () => { server.closeAllConnections(); server.close(); } };
  /** Makes another key the issuer's own. */
  state.rotate = async (kid, algorithm = 'ES256') => {
    const pair = await generateKeyPair(algorithm, { extractable: true });
    Object.assign(state, { kid, algorithm, ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: algorithm, use: 'sig' } });
  };
  await state.rotate('one');
  const now = () => Math.floor(Date.now() / 1000);
  state.claims = (more = {}) => ({ iss: url, aud: 'bakend', sub: 'person', iat: now(), exp: now() + 300, email: 'person@example.com', email_verified: true, name: 'Person', ...more });
  state.sign = (claims, { key = state.privateKey, header = {} } = {}) => new SignJWT(claims).setProtectedHeader({ alg: state.algorithm, kid: state.kid, ...header }).sign(key);
  state.unsigned = (claims) => `${encode({ alg: 'none' })}.${encode(claims)}.`;
  state.token = () => state.sign(state.claims());
  server.on('request', async (request, response) => {
    const json = (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const path = request.url.split('?')[0];
    state.reads[path] = (state.reads[path] ?? 0) + 1;
    if (path === '/.well-known/openid-configuration') {
      const user = state.user ? { userinfo_endpoint: `${url}/user` } : {};
      return json({ issuer: url, authorization_endpoint: `${url}/auth`, token_endpoint: `${url}/token`, jwks_uri: `${url}/keys`, ...user, ...state.metadata });
    }
    if (path === '/keys') return json({ keys: [{ kty: 'unknown', kid: 'odd' }, state.jwk] });
    if (path === '/token') return json({ access_token: 'access', token_type: 'bearer', id_token: await state.token() });
    if (path === '/user') return json(state.user);
    return response.writeHead(404).end();
  });
  return state;
}
