// A real OpenID provider that agrees to everything at once, and a browser small enough to go through it.
import http from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

/** Redirects that a way through a provider may take. */
const STEPS_MAX = 20;

/** Who signs in, by the name that the test puts into `login_hint`. */
const account = (name) => ({
  accountId: `id-of-${name}`,
  claims: async () => ({ sub: `id-of-${name}`, name: `${name} Example`, preferred_username: name, picture: `https://img.example.com/${name}`, email: `${name}@example.com`, email_verified: !name.startsWith('unproved') }),
});

/** Starts a provider for one client that comes back to `redirectUris`; `who` says who is signing in. */
export async function startOidc({ redirectUris, tokenAuth = 'client_secret_basic' }) {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'first' };
  const server = http.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const state = { url, who: 'ann', stop: () => { server.closeAllConnections(); server.close(); } };
  const provider = new Provider(url, {
    clients: [{ client_id: 'bakend', client_secret: 'a secret with : and %', redirect_uris: redirectUris, grant_types: ['authorization_code'], response_types: ['code'], token_endpoint_auth_method: tokenAuth }],
    jwks: { keys: [key] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username', 'picture'] },
    findAccount: (_, id) => account(id.replace(/^id-of-/, '')),
    interactions: { url: (_, interaction) => `/agree/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => true },
  });
  const callback = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/agree/')) return callback(request, response);
    const { prompt, params, grantId } = await provider.interactionDetails(request, response);
    const accountId = `id-of-${state.who}`;
    if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId } });
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope('openid email profile');
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  });
  return state;
}

/** Follows a URL as a browser with its own cookies would, until it leaves for `until`; resolves to that URL and the last answer. */
export async function browse(start, until) {
  const jar = new Map();
  let url = new URL(start);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      jar.set(name, value);
    }
    const next = answer.headers.get('location');
    if (!next) throw new Error(`${url} answers ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    url = new URL(next, url);
    if (url.href.startsWith(until)) return url;
  }
  throw new Error(`more than ${STEPS_MAX} redirects from ${start}`);
}
