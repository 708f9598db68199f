// The endpoints of passkeys and authenticator apps, as far as they are switched on. The official SDK has no methods for them, so it sends plain requests.
import { curl, dartOf, failure, jsOf, type Answer, type Endpoint, type Param, type Preview } from './endpoint';
import { accountTs } from './ts';

const GUESTS = 'Everyone, guests too.';
const OWNER = 'Who is signed in.';
const DONE: Answer = { status: 204, label: 'done', body: undefined };
const CREDENTIAL = { id: 'CREDENTIAL_ID', type: 'public-key', response: {} };
const CEREMONY = { id: 'CEREMONY_ID', publicKey: { challenge: 'CHALLENGE' } };
const PASSKEY = {
  id: 'PASSKEY_ID',
  name: 'Laptop',
  created: '2026-01-01 10:00:00.000Z',
  lastUsed: '',
  synced: false,
};
const refused = (message: string): Answer => ({ status: 400, label: 'refused', body: failure(400, message) });

interface Factor {
  id: string;
  title: string;
  method: Endpoint['method'];
  tail: string;
  text: string;
  access: string;
  /** What is sent, with what each part means. */
  body?: Record<string, [value: unknown, note: string]>;
  ts: string;
  answers: Answer[];
}

export function factorEndpoints(preview: Preview, signedIn: Answer): Endpoint[] {
  const isOn = (name: string) => Boolean((preview.collection[name] as { enabled?: boolean } | undefined)?.enabled);
  const factors = [...(isOn('passkey') ? passkeys(signedIn) : []), ...(isOn('totp') ? totp(signedIn) : [])];
  return factors.map((factor) => endpoint(preview, factor));
}

function passkeys(signedIn: Answer): Factor[] {
  const credential: [unknown, string] = [CREDENTIAL, "The browser's answer: credential.toJSON()."];
  const ceremony: [unknown, string] = ['CEREMONY_ID', 'What begin answered.'];
  return [
    {
      id: 'begin-auth-with-passkey',
      title: 'Begin with a passkey',
      method: 'POST',
      tail: 'auth-with-passkey/begin',
      text: 'What navigator.credentials.get is asked with: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey).',
      access: GUESTS,
      ts: 'beginAuthWithPasskey()',
      answers: [{ status: 200, label: 'what to go on with', body: CEREMONY }],
    },
    {
      id: 'auth-with-passkey',
      title: 'Sign in with a passkey',
      method: 'POST',
      tail: 'auth-with-passkey',
      text: 'Signs in with what the passkey signed.',
      access: GUESTS,
      body: { id: ceremony, credential },
      ts: `authWithPasskey('CEREMONY_ID', ${jsOf(CREDENTIAL)})`,
      answers: [signedIn, refused('Failed to authenticate.')],
    },
    {
      id: 'passkeys',
      title: 'List passkeys',
      method: 'GET',
      tail: 'passkeys',
      text: 'The passkeys of the account.',
      access: OWNER,
      ts: 'passkeys()',
      answers: [{ status: 200, label: 'all of them', body: { items: [PASSKEY] } }],
    },
    {
      id: 'begin-passkey',
      title: 'Begin to add a passkey',
      method: 'POST',
      tail: 'passkeys/begin',
      text: 'What navigator.credentials.create is asked with: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey).',
      access: OWNER,
      ts: 'beginPasskey()',
      answers: [{ status: 200, label: 'what to go on with', body: CEREMONY }],
    },
    {
      id: 'add-passkey',
      title: 'Add a passkey',
      method: 'POST',
      tail: 'passkeys',
      text: 'Keeps the passkey that was made.',
      access: OWNER,
      body: { id: ceremony, credential, name: ['Laptop', 'To tell it from others.'] },
      ts: `addPasskey('CEREMONY_ID', ${jsOf(CREDENTIAL)}, 'Laptop')`,
      answers: [{ status: 200, label: 'the passkey', body: PASSKEY }, refused('Failed to add the passkey.')],
    },
    {
      id: 'rename-passkey',
      title: 'Rename a passkey',
      method: 'PATCH',
      tail: 'passkeys/PASSKEY_ID',
      text: 'Gives it another name.',
      access: OWNER,
      body: { name: ['Old laptop', ''] },
      ts: `renamePasskey('PASSKEY_ID', 'Old laptop')`,
      answers: [DONE],
    },
    {
      id: 'remove-passkey',
      title: 'Remove a passkey',
      method: 'DELETE',
      tail: 'passkeys/PASSKEY_ID',
      text: 'It lets nobody in any more.',
      access: OWNER,
      ts: `removePasskey('PASSKEY_ID')`,
      answers: [DONE],
    },
  ];
}

function totp(signedIn: Answer): Factor[] {
  const code: [unknown, string] = ['123456', 'From the app.'];
  const codes: Answer = { status: 200, label: 'codes, told once', body: { recoveryCodes: ['a1b2c-d3e4f'] } };
  const wrong = refused('Invalid or used code.');
  return [
    {
      id: 'auth-with-totp',
      title: 'Sign in with a code',
      method: 'POST',
      tail: 'auth-with-totp',
      text: 'The second factor: a code of an authenticator app, or a recovery code.',
      access: GUESTS,
      body: { mfaId: ['MFA_ID', 'What the first factor answered.'], code },
      ts: `authWithTotp('MFA_ID', '123456')`,
      answers: [signedIn, wrong],
    },
    {
      id: 'totp',
      title: 'Authenticator app',
      method: 'GET',
      tail: 'totp',
      text: 'Whether one is set up.',
      access: OWNER,
      ts: 'totp()',
      answers: [
        {
          status: 200,
          label: 'how it stands',
          body: { enabled: true, created: '2026-01-01 10:00:00.000Z', lastUsed: '', recoveryCodesLeft: 10 },
        },
      ],
    },
    {
      id: 'enrol-totp',
      title: 'Set up an app',
      method: 'POST',
      tail: 'totp',
      text: 'Makes a secret, also as a picture to scan; it counts once a code has confirmed it.',
      access: OWNER,
      ts: 'enrolTotp()',
      answers: [
        {
          status: 200,
          label: 'the secret',
          body: { secret: 'SECRET', url: 'otpauth://totp/…', qr: '<svg…', digits: 6, period: 30 },
        },
      ],
    },
    {
      id: 'confirm-totp',
      title: 'Confirm the app',
      method: 'POST',
      tail: 'totp/confirm',
      text: 'From now on codes of this app are asked for. Answers recovery codes for when it is lost.',
      access: OWNER,
      body: { code },
      ts: `confirmTotp('123456')`,
      answers: [codes, wrong],
    },
    {
      id: 'recovery-codes',
      title: 'New recovery codes',
      method: 'POST',
      tail: 'totp/recovery-codes',
      text: 'The old ones are no longer good. Takes a code, or the password.',
      access: OWNER,
      body: { code },
      ts: `renewRecoveryCodes({ code: '123456' })`,
      answers: [codes, wrong],
    },
    {
      id: 'remove-totp',
      title: 'Remove the app',
      method: 'DELETE',
      tail: 'totp',
      text: 'No codes are asked for any more. Takes a code, or the password.',
      access: OWNER,
      body: { code },
      ts: `removeTotp({ code: '123456' })`,
      answers: [DONE, wrong],
    },
  ];
}

function endpoint(preview: Preview, factor: Factor): Endpoint {
  const { collection, origin } = preview;
  const path = `/api/collections/${collection.name}/${factor.tail}`;
  const hasResult = factor.answers[0]?.status === 200;
  const body = factor.body && Object.fromEntries(Object.entries(factor.body).map(([name, [value]]) => [name, value]));
  const params = Object.entries(factor.body ?? {}).map(([name, [value, note]]): Param => ({
    name,
    in: 'body',
    type: typeof value === 'object' ? 'object' : 'text',
    isRequired: name !== 'name' || factor.tail !== 'passkeys',
    note,
  }));
  const sent = jsOf({ method: factor.method, ...(body && { body }) });
  const dartBody = body ? `,\n  body: ${dartOf(body)}` : '';
  return {
    id: factor.id,
    title: factor.title,
    group: factor.access === GUESTS ? 'Sign-in' : 'Account',
    method: factor.method,
    path,
    text: factor.text,
    access: factor.access,
    params,
    ts: `${accountTs(preview, factor.ts, hasResult)};`,
    js: `${hasResult ? 'const result = ' : ''}await pb.send('${path}', ${sent});`,
    dart: `${hasResult ? 'final result = ' : ''}await pb.send(\n  '${path}',\n  method: '${factor.method}'${dartBody},\n);`,
    curl: curl(factor.method, origin + path, { ...(body && { body }), isPublic: factor.access === GUESTS }),
    answers: factor.answers,
  };
}
