// The endpoints of auth collections, as far as their way of signing in is switched on.
import { curl, failure, type Answer, type Endpoint, type Param, type Preview } from './endpoint';
import { factorEndpoints } from './factors';
import { accountTs } from './ts';
import { RECORD_ID, sampleRecord } from './values';

interface Options {
  enabled?: boolean;
  identityFields?: string[];
  providers?: { name: string }[];
}

const NO_CONTENT: Answer = { status: 204, label: 'done', body: undefined };
const GUESTS = 'Everyone, guests too.';

const text = (name: string, note: string): Param => ({ name, in: 'body', type: 'text', isRequired: true, note });

/** What most of them are made of. */
interface Plan {
  id: string;
  title: string;
  group?: Endpoint['group'];
  words: string;
  access?: string;
  body?: Record<string, unknown>;
  params?: Param[];
  /** The SDK's method with its arguments. */
  call: string;
  dartCall?: string;
  /** The generated client's, where it is called otherwise; `DB` stands for the collection. */
  tsCall?: string;
  answers: Answer[];
}

export function authEndpoints(preview: Preview): Endpoint[] {
  const { collection, origin } = preview;
  if (collection.type !== 'auth') return [];
  const options = (name: string) => (collection[name] ?? {}) as Options;
  const signedIn: Answer = {
    status: 200,
    label: 'a token and the account',
    body: { token: 'TOKEN', record: sampleRecord(collection) },
  };
  const refused: Answer = { status: 400, label: 'refused', body: failure(400, 'Failed to authenticate.') };
  const second: Answer = { status: 401, label: 'a second factor is needed', body: { mfaId: 'MFA_ID' } };
  const answers = options('mfa').enabled ? [signedIn, refused, second] : [signedIn, refused];
  const identity = options('passwordAuth').identityFields ?? ['email'];
  const provider = options('oauth2').providers?.[0]?.name ?? 'google';

  const plans: (Plan | false | undefined)[] = [
    options('passwordAuth').enabled && {
      id: 'auth-with-password',
      title: 'Sign in with a password',
      words: `Signs in with ${identity.join(' or ')} and password.`,
      body: { identity: identity[0] === 'email' ? 'someone@example.com' : 'someone', password: '12345678' },
      params: [text('identity', `The ${identity.join(' or ')}.`), text('password', '')],
      call: `authWithPassword('${identity[0] === 'email' ? 'someone@example.com' : 'someone'}', '12345678')`,
      answers,
    },
    options('oauth2').enabled && {
      id: 'auth-with-oauth2',
      title: 'Sign in with OAuth2',
      words: "Signs in at another service. The SDK opens that service's page and does the rest.",
      body: { provider, code: 'CODE', codeVerifier: 'VERIFIER', redirectURL: `${origin}/api/oauth2-redirect` },
      params: [
        text('provider', 'Its name.'),
        text('code', 'What the service sent back.'),
        text('codeVerifier', ''),
        text('redirectURL', ''),
      ],
      call: `authWithOAuth2({ provider: '${provider}' })`,
      tsCall: `authWithOAuth2({\n  provider: '${provider}',\n  code: 'CODE',\n  codeVerifier: 'VERIFIER',\n  redirectURL: '${origin}/api/oauth2-redirect',\n})`,
      dartCall: `authWithOAuth2('${provider}', (url) async {\n  await launchUrl(url);\n})`,
      answers,
    },
    options('otp').enabled && {
      id: 'request-otp',
      title: 'Request a one-time password',
      words: 'Mails a one-time password. Answers the same whether there is such an account or not.',
      body: { email: 'someone@example.com' },
      params: [text('email', '')],
      call: `requestOTP('someone@example.com')`,
      tsCall: `requestOtp('someone@example.com')`,
      answers: [{ status: 200, label: 'sent', body: { otpId: 'OTP_ID' } }],
    },
    options('otp').enabled && {
      id: 'auth-with-otp',
      title: 'Sign in with a one-time password',
      words: 'Signs in with the password from the mail.',
      body: { otpId: 'OTP_ID', password: '123456' },
      params: [text('otpId', 'What the request answered.'), text('password', 'From the mail.')],
      call: `authWithOTP('OTP_ID', '123456')`,
      tsCall: `authWithOtp('OTP_ID', '123456')`,
      answers,
    },
    {
      id: 'auth-refresh',
      title: 'Refresh',
      words: 'Gives a new token for the one that is sent.',
      access: 'Who is signed in.',
      call: 'authRefresh()',
      answers: [
        signedIn,
        {
          status: 401,
          label: 'not signed in',
          body: failure(401, 'The request requires valid record authorization token.'),
        },
      ],
    },
    mail('verification', 'Verify the email', [text('token', 'From the mail.')], `confirmVerification('TOKEN')`),
    mail(
      'password-reset',
      'Reset the password',
      [text('token', 'From the mail.'), text('password', 'The new one.'), text('passwordConfirm', 'The same again.')],
      `confirmPasswordReset('TOKEN', '12345678', '12345678')`,
    ),
    {
      id: 'email-change',
      title: 'Change the email',
      group: 'Account',
      words: 'Mails a link to the new address; confirm-email-change with its token and the password then changes it.',
      access: 'Who is signed in.',
      body: { newEmail: 'new@example.com' },
      params: [text('newEmail', '')],
      call: `requestEmailChange('new@example.com')`,
      answers: [NO_CONTENT],
    },
    {
      id: 'impersonate',
      title: 'Impersonate',
      group: 'Account',
      words: 'Gives a token of another account, which cannot be refreshed.',
      access: 'Superusers only.',
      body: { duration: 3600 },
      params: [
        { name: 'duration', in: 'body', type: 'number', note: "Seconds; 0: as long as the collection's tokens last." },
      ],
      call: `impersonate('${RECORD_ID}', 3600)`,
      answers: [signedIn],
    },
  ];
  return [
    methods(preview),
    ...plans.filter((plan) => !!plan).map((plan) => endpoint(preview, plan)),
    ...factorEndpoints(preview, signedIn),
  ];
}

function mail(what: string, title: string, params: Param[], confirm: string): Plan {
  const method = `request${what.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}`;
  return {
    id: `request-${what}`,
    title,
    group: 'Account',
    words: `Mails a link. confirm-${what} then takes ${params.map(({ name }) => name).join(', ')}.`,
    body: { email: 'someone@example.com' },
    params: [text('email', 'Where the mail goes.')],
    call: `${method}('someone@example.com');\n\n// With the token of the mail.\nawait pb.collection('NAME').${confirm}`,
    tsCall: `${method}('someone@example.com');\n\n// With the token of the mail.\nawait DB.${confirm}`,
    answers: [NO_CONTENT],
  };
}

function endpoint(preview: Preview, plan: Plan): Endpoint {
  const { collection, origin } = preview;
  const tail = { 'email-change': 'request-email-change', impersonate: 'impersonate/:id' }[plan.id] ?? plan.id;
  const path = `/api/collections/${collection.name}/${tail}`;
  const named = (call: string) => call.replaceAll("'NAME'", `'${collection.name}'`);
  const isResult = plan.answers[0]?.status === 200;
  return {
    id: plan.id,
    title: plan.title,
    group: plan.group ?? 'Sign-in',
    method: 'POST',
    path,
    text: plan.words,
    access: plan.access ?? GUESTS,
    params: plan.params ?? [],
    ts: `${accountTs(preview, plan.tsCall ?? plan.call, isResult)};${/^auth[WR]/.test(plan.call) ? '\n\n// From now on the client is signed in.\nconsole.log(db.$auth.isValid, db.$auth.record?.id);' : ''}`,
    js: `${isResult ? 'const result = ' : ''}await pb.collection('${collection.name}').${named(plan.call)};${/^auth[WR]/.test(plan.call) ? '\n\n// From now on the client is signed in.\nconsole.log(pb.authStore.isValid, pb.authStore.record.id);' : ''}`,
    dart: `${isResult ? 'final result = ' : ''}await pb.collection('${collection.name}').${named(plan.dartCall ?? plan.call)};`,
    curl: curl('POST', origin + path.replace(':id', RECORD_ID), {
      ...(plan.body && { body: plan.body }),
      isPublic: (plan.access ?? GUESTS) === GUESTS,
    }),
    answers: plan.answers,
  };
}

function methods(preview: Preview): Endpoint {
  const { collection, origin } = preview;
  const path = `/api/collections/${collection.name}/auth-methods`;
  const options = (name: string) => (collection[name] ?? {}) as Options;
  return {
    id: 'auth-methods',
    title: 'Ways to sign in',
    group: 'Sign-in',
    method: 'GET',
    path,
    text: 'Which ways to sign in are switched on.',
    access: GUESTS,
    params: [],
    ts: accountTs(preview, 'authMethods();', true).replace('result', 'methods'),
    js: `const methods = await pb.collection('${collection.name}').listAuthMethods();`,
    dart: `final methods = await pb.collection('${collection.name}').listAuthMethods();`,
    curl: curl('GET', origin + path, { isPublic: true }),
    answers: [
      {
        status: 200,
        label: 'what is switched on',
        body: {
          password: {
            enabled: Boolean(options('passwordAuth').enabled),
            identityFields: options('passwordAuth').identityFields ?? [],
          },
          oauth2: {
            enabled: Boolean(options('oauth2').enabled),
            providers: (options('oauth2').providers ?? []).map(({ name }) => ({ name })),
          },
          mfa: { enabled: Boolean(options('mfa').enabled) },
          otp: { enabled: Boolean(options('otp').enabled) },
          passkey: { enabled: Boolean(options('passkey').enabled) },
          totp: { enabled: Boolean(options('totp').enabled) },
        },
      },
    ],
  };
}
