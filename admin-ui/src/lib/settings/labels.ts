// What a rate limit can be for. Source of the tags: PocketBase's documentation of rate limits; bakend takes the same.

const TAGS = [
  'list',
  'view',
  'create',
  'update',
  'delete',
  'file',
  'auth',
  'listAuthMethods',
  'authRefresh',
  'authWithPassword',
  'authWithOAuth2',
  'authWithOTP',
  'requestOTP',
  'requestPasswordReset',
  'confirmPasswordReset',
  'requestVerification',
  'confirmVerification',
  'requestEmailChange',
  'confirmEmailChange',
];
const PATHS = ['/api/', '/api/batch', '/api/realtime', 'POST /api/files/token'];

/** The broad ones first, then those of each collection. */
export function suggestedLabels(collections: readonly string[]): string[] {
  return [
    ...PATHS,
    ...TAGS.map((tag) => `*:${tag}`),
    ...collections.flatMap((name) => TAGS.map((tag) => `${name}:${tag}`)),
  ];
}
