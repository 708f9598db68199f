// The accounts of an auth collection: signing in, and what belongs to an account.
import type { Auth, Saved } from './auth.js';
import { ApiError } from './errors.js';
import type { Http, RequestOptions } from './http.js';
import type { Realtime } from './realtime.js';
import { queryOf, Records, type Shape } from './records.js';
import type { CollectionTypes, Expand, FieldPick, Shaped } from './schema.js';

/** Signed in: the client is from now on. */
export interface SignedIn<R> {
  token: string;
  record: R;
  mfaId?: undefined;
}

/** A first factor was right, and a second one is needed: sign in another way with this `mfaId`. */
export interface SecondFactor {
  mfaId: string;
  token?: undefined;
  record?: undefined;
}

/** How a sign-in ends. */
export type SignIn<S, N extends keyof S, E, F> = S[N] extends { mfa: true }
  ? SignedIn<Shaped<S, N, E, F>> | SecondFactor
  : SignedIn<Shaped<S, N, E, F>>;

/** What a sign-in is given. */
export interface SignInOptions<S, N extends keyof S, E, F> extends Shape<S, N, E, F> {
  /** What the first factor answered. */
  mfaId?: string;
}

/** Which ways to sign in are switched on. */
export interface AuthMethods {
  password: { enabled: boolean; identityFields: string[] };
  oauth2: { enabled: boolean; providers: OAuth2Provider[] };
  mfa: { enabled: boolean; duration: number };
  otp: { enabled: boolean; duration: number };
  passkey: { enabled: boolean };
  totp: { enabled: boolean };
}

/** Another service that people can sign in through: send them to `authURL` with the address to come back to at its end. */
export interface OAuth2Provider {
  name: string;
  displayName: string;
  state: string;
  authURL: string;
  codeVerifier: string;
  codeChallenge: string;
  codeChallengeMethod: string;
}

/** What a service sent back. */
export interface OAuth2Code {
  provider: string;
  code: string;
  codeVerifier: string;
  redirectURL: string;
  /** For a new account. */
  createData?: Record<string, unknown>;
}

/** A passkey of an account. */
export interface Passkey {
  id: string;
  name: string;
  created: string;
  lastUsed: string;
  synced: boolean;
}

/** What a browser is asked to make or to use a passkey with: `PublicKeyCredential.parse…OptionsFromJSON(publicKey)`. */
export interface Ceremony {
  id: string;
  publicKey: Record<string, unknown>;
}

/** How an authenticator app stands. */
export interface TotpState {
  enabled: boolean;
  created: string;
  lastUsed: string;
  recoveryCodesLeft: number;
}

/** What an authenticator app is set up with. */
export interface TotpSecret {
  secret: string;
  url: string;
  /** A picture, SVG. */
  qr: string;
  digits: number;
  period: number;
}

/** That it is the owner who asks: a code of the app, or the password. */
export type Proof = { code: string } | { password: string };

/** What every auth collection has. */
export interface Accounts<S, N extends keyof S> {
  authMethods(options?: RequestOptions): Promise<AuthMethods>;
  /** A new token for the one that is there. */
  authRefresh<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(options?: Shape<S, N, E, F>): Promise<SignedIn<Shaped<S, N, E, F>>>;
  /** For superusers: a token of somebody else, which the client does not take for its own. */
  impersonate<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(id: string, seconds?: number, options?: Shape<S, N, E, F>): Promise<SignedIn<Shaped<S, N, E, F>>>;
}

export interface PasswordAuth<S, N extends keyof S> {
  authWithPassword<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(identity: string, password: string, options?: SignInOptions<S, N, E, F>): Promise<SignIn<S, N, E, F>>;
  requestPasswordReset(email: string, options?: RequestOptions): Promise<void>;
  confirmPasswordReset(token: string, password: string, passwordConfirm: string, options?: RequestOptions): Promise<void>;
}

export interface OtpAuth<S, N extends keyof S> {
  /** Mails a one-time password. */
  requestOtp(email: string, options?: RequestOptions): Promise<{ otpId: string }>;
  authWithOtp<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(otpId: string, password: string, options?: SignInOptions<S, N, E, F>): Promise<SignIn<S, N, E, F>>;
}

export interface OAuth2Auth<S, N extends keyof S> {
  authWithOAuth2<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(code: OAuth2Code, options?: SignInOptions<S, N, E, F>): Promise<SignIn<S, N, E, F>>;
}

export interface PasskeyAuth<S, N extends keyof S> {
  beginAuthWithPasskey(options?: RequestOptions): Promise<Ceremony>;
  authWithPasskey<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(id: string, credential: unknown, options?: SignInOptions<S, N, E, F>): Promise<SignIn<S, N, E, F>>;
  passkeys(options?: RequestOptions): Promise<Passkey[]>;
  beginPasskey(options?: RequestOptions): Promise<Ceremony>;
  addPasskey(id: string, credential: unknown, name?: string, options?: RequestOptions): Promise<Passkey>;
  renamePasskey(id: string, name: string, options?: RequestOptions): Promise<void>;
  removePasskey(id: string, options?: RequestOptions): Promise<void>;
}

export interface TotpAuth<S, N extends keyof S> {
  /** The second factor: a code of the app, or a recovery code. */
  authWithTotp<const E extends Expand<S, N> | undefined = undefined, const F extends readonly FieldPick<S, N>[] | undefined = undefined>(mfaId: string, code: string, options?: Shape<S, N, E, F>): Promise<SignedIn<Shaped<S, N, E, F>>>;
  totp(options?: RequestOptions): Promise<TotpState>;
  enrolTotp(options?: RequestOptions): Promise<TotpSecret>;
  confirmTotp(code: string, options?: RequestOptions): Promise<{ recoveryCodes: string[] }>;
  renewRecoveryCodes(proof: Proof, options?: RequestOptions): Promise<{ recoveryCodes: string[] }>;
  removeTotp(proof: Proof, options?: RequestOptions): Promise<void>;
}

export interface MailAuth {
  requestVerification(email: string, options?: RequestOptions): Promise<void>;
  confirmVerification(token: string, options?: RequestOptions): Promise<void>;
  requestEmailChange(newEmail: string, options?: RequestOptions): Promise<void>;
  confirmEmailChange(token: string, password: string, options?: RequestOptions): Promise<void>;
}

/** What the ways to sign in that are switched on add to a collection. */
export type AuthOf<S, N extends keyof S> = S[N] extends CollectionTypes
  ? Accounts<S, N> &
      ('password' extends S[N]['auth'] ? PasswordAuth<S, N> : unknown) &
      ('otp' extends S[N]['auth'] ? OtpAuth<S, N> : unknown) &
      ('oauth2' extends S[N]['auth'] ? OAuth2Auth<S, N> : unknown) &
      ('passkey' extends S[N]['auth'] ? PasskeyAuth<S, N> : unknown) &
      ('totp' extends S[N]['auth'] ? TotpAuth<S, N> : unknown) &
      ('mails' extends S[N]['auth'] ? MailAuth : unknown)
  : never;

interface Loose extends RequestOptions {
  expand?: object;
  fields?: readonly string[];
  mfaId?: string;
}

type Answer = Saved<never> | SecondFactor;

/** All of it, whatever is switched on: the types say what is. */
export class AccountRecords extends Records {
  readonly #auth: Auth<unknown>;

  constructor(name: string, http: Http, realtime: () => Realtime, auth: Auth<unknown>) {
    super(name, http, realtime);
    this.#auth = auth;
  }

  authMethods(options: RequestOptions = {}): Promise<AuthMethods> {
    return this.ask('/auth-methods', options);
  }

  async authRefresh(options: Loose = {}): Promise<Answer> {
    return this.#signIn('/auth-refresh', {}, options);
  }

  impersonate(id: string, seconds = 0, options: Loose = {}): Promise<Answer> {
    return this.ask(`/impersonate/${encodeURIComponent(id)}`, options, queryOf(options), 'POST', { duration: seconds });
  }

  authWithPassword(identity: string, password: string, options: Loose = {}): Promise<Answer> {
    return this.#signIn('/auth-with-password', { identity, password }, options);
  }

  requestPasswordReset(email: string, options: RequestOptions = {}): Promise<void> {
    return this.#post('/request-password-reset', { email }, options);
  }

  confirmPasswordReset(token: string, password: string, passwordConfirm: string, options: RequestOptions = {}): Promise<void> {
    return this.#post('/confirm-password-reset', { token, password, passwordConfirm }, options);
  }

  requestOtp(email: string, options: RequestOptions = {}): Promise<{ otpId: string }> {
    return this.#post('/request-otp', { email }, options);
  }

  authWithOtp(otpId: string, password: string, options: Loose = {}): Promise<Answer> {
    return this.#signIn('/auth-with-otp', { otpId, password }, options);
  }

  authWithOAuth2(code: OAuth2Code, options: Loose = {}): Promise<Answer> {
    return this.#signIn('/auth-with-oauth2', { ...code }, options);
  }

  beginAuthWithPasskey(options: RequestOptions = {}): Promise<Ceremony> {
    return this.#post('/auth-with-passkey/begin', {}, options);
  }

  authWithPasskey(id: string, credential: unknown, options: Loose = {}): Promise<Answer> {
    return this.#signIn('/auth-with-passkey', { id, credential }, options);
  }

  async passkeys(options: RequestOptions = {}): Promise<Passkey[]> {
    return (await this.ask<{ items: Passkey[] }>('/passkeys', options)).items;
  }

  beginPasskey(options: RequestOptions = {}): Promise<Ceremony> {
    return this.#post('/passkeys/begin', {}, options);
  }

  addPasskey(id: string, credential: unknown, name = '', options: RequestOptions = {}): Promise<Passkey> {
    return this.#post('/passkeys', { id, credential, name }, options);
  }

  renamePasskey(id: string, name: string, options: RequestOptions = {}): Promise<void> {
    return this.ask(`/passkeys/${encodeURIComponent(id)}`, options, {}, 'PATCH', { name });
  }

  removePasskey(id: string, options: RequestOptions = {}): Promise<void> {
    return this.ask(`/passkeys/${encodeURIComponent(id)}`, options, {}, 'DELETE');
  }

  authWithTotp(mfaId: string, code: string, options: Loose = {}): Promise<Answer> {
    return this.#signIn('/auth-with-totp', { code }, { ...options, mfaId });
  }

  totp(options: RequestOptions = {}): Promise<TotpState> {
    return this.ask('/totp', options);
  }

  enrolTotp(options: RequestOptions = {}): Promise<TotpSecret> {
    return this.#post('/totp', {}, options);
  }

  confirmTotp(code: string, options: RequestOptions = {}): Promise<{ recoveryCodes: string[] }> {
    return this.#post('/totp/confirm', { code }, options);
  }

  renewRecoveryCodes(proof: Proof, options: RequestOptions = {}): Promise<{ recoveryCodes: string[] }> {
    return this.#post('/totp/recovery-codes', proof, options);
  }

  removeTotp(proof: Proof, options: RequestOptions = {}): Promise<void> {
    return this.ask('/totp', options, {}, 'DELETE', proof);
  }

  requestVerification(email: string, options: RequestOptions = {}): Promise<void> {
    return this.#post('/request-verification', { email }, options);
  }

  confirmVerification(token: string, options: RequestOptions = {}): Promise<void> {
    return this.#post('/confirm-verification', { token }, options);
  }

  requestEmailChange(newEmail: string, options: RequestOptions = {}): Promise<void> {
    return this.#post('/request-email-change', { newEmail }, options);
  }

  confirmEmailChange(token: string, password: string, options: RequestOptions = {}): Promise<void> {
    return this.#post('/confirm-email-change', { token, password }, options);
  }

  #post<T>(tail: string, body: object, options: RequestOptions): Promise<T> {
    return this.ask(tail, options, {}, 'POST', body);
  }

  /** A right first factor is no failure: its answer says how to go on. */
  async #signIn(tail: string, body: object, options: Loose): Promise<Answer> {
    const sent = options.mfaId ? { ...body, mfaId: options.mfaId } : body;
    let answer: Saved<never>;
    try {
      answer = await this.ask(tail, options, tokenToo(queryOf(options)), 'POST', sent);
    } catch (error) {
      const mfaId = error instanceof ApiError && error.status === 401 ? error.data['mfaId'] : undefined;
      if (typeof mfaId === 'string') return { mfaId };
      throw error;
    }
    this.#auth.save(answer);
    return answer;
  }
}

/** Fields are those of the record here, which is a part of the answer. */
function tokenToo(query: Record<string, unknown>): Record<string, string> {
  const { fields, expand } = query as Record<string, string>;
  const record = fields ? fields.split(/,(?![^(]*\))/).map((field) => `record.${field}`).join(',') : '';
  return { ...(expand ? { expand } : {}), ...(record ? { fields: `token,${record}` } : {}) };
}
