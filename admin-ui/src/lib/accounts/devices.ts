// Words for where somebody signed in from, and how.

const BROWSERS: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bVersion\/.*Safari\//, 'Safari'],
];

const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** A browser's introduction in two words, such as "Firefox on Windows"; programs by their own name. */
export function deviceName(userAgent: string): string {
  const browser = BROWSERS.find(([sign]) => sign.test(userAgent))?.[1];
  const system = SYSTEMS.find(([sign]) => sign.test(userAgent))?.[1];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? userAgent.split(/[/\s;]/)[0] ?? '';
}

const METHODS: Record<string, string> = {
  password: 'password',
  oauth2: 'OAuth2',
  otp: 'code by mail',
  passkey: 'passkey',
  totp: 'authenticator app',
  mfa: 'two factors',
  impersonate: 'impersonated',
  imported: 'taken over',
};

export function methodName(method: string): string {
  return METHODS[method] ?? method;
}
