// Where bakend answers differently from PocketBase on purpose, each with its reason.
//
// `match` (optional) is the beginning of a request's name, `area/scenario/#step` as the suite prints it: `area/scenario`
// covers all steps of a scenario. `path` (optional) is a pattern for the path of the difference as the suite prints it,
// so the rest of the answer is still compared. One of the two must be there. An entry that no request needs any more
// fails the suite: remove it then.

export const INTENDED = [
  {
    path: /^body\.realtime$/,
    reason: 'How long changes are kept for clients that were away, and who may use which channel, are settings of their own.',
  },
  {
    path: /(emailTemplate|Template)\.(subject|body)$/,
    reason: 'The default mails are in our own words; the placeholders and links in them are the same.',
  },
  {
    path: /\.(passkey|totp)$/,
    reason: 'Passkeys and authenticator apps are ours: collections and auth-methods say whether they are on.',
  },
  {
    match: 'oauth2/methods',
    path: /\.logo$/,
    reason: 'The pictures of the providers are our own choice.',
  },
  {
    match: 'auth-mails/asking for another address',
    path: /^(status|body)$/,
    reason: 'Mails leave in the background: a mail server that is not there is no fault of who asks.',
  },
  {
    match: 'filters/password is guessable',
    reason: 'Password fields are never filterable: a hash that can be filtered can be guessed piece by piece.',
  },
  {
    match: 'batch/unknown actions',
    path: /\.response\.status$/,
    reason: 'A write that a batch cannot hold is the mistake of who sent it: 400, not 500.',
  },
  {
    match: 'batch/queries per request/#1',
    reason: 'A bad `fields` is refused before anything is written, for the batch as a whole.',
  },
  {
    match: 'batch/shape of the request/#5',
    reason: 'A null among the requests is the mistake of who sent it: 400, not 500.',
  },
  {
    match: 'bodies/malformed JSON/#4',
    reason: 'Text after the JSON value is refused: what was meant is anybody\'s guess.',
  },
  {
    match: 'bodies/malformed JSON/#5',
    reason: 'Text after the JSON value is refused: what was meant is anybody\'s guess.',
  },
  {
    match: 'bodies/malformed JSON/#16',
    reason: 'Of a doubled key the last value counts, as JSON parsers do.',
  },
  {
    match: 'bodies/malformed JSON/#20',
    reason: 'JSON nested deeper than 128 levels is refused: the depth of a parser\'s stack is not the client\'s to choose.',
  },
  {
    match: 'bodies/content types/#2',
    reason: 'The case of a content type does not count.',
  },
  {
    match: 'bodies/content types/#5',
    path: /^body\.message$/,
    reason: 'XML bodies are not read; the answer says so.',
  },
  {
    match: 'bodies/content types/#11',
    reason: 'A multipart body that is broken is refused.',
  },
  {
    match: 'bodies/urlencoded types/#24',
    reason: 'A semicolon in a form is a character of the value.',
  },
  {
    match: 'bodies/multipart types/#9',
    reason: 'A list in @jsonPayload and a part of the same name make one list.',
  },
  {
    match: 'collections-auth/system fields stay/#2',
    reason: 'A field of another type in the place of a system field is refused, not silently replaced.',
  },
  {
    match: 'collections-base/scaffolds/#2',
    path: /indexes\.\d$/,
    reason: 'The indexes of a scaffold are named after its type, not at random.',
  },
  {
    match: 'collections-validation/names/#16',
    reason: 'Names that the database keeps for itself are refused as names, with the property.',
  },
  {
    match: 'collections-validation/types/#4',
    reason: 'A change of type is refused for what it is; the options of the other type are not looked at.',
  },
  {
    match: 'collections-validation/types/#7',
    reason: 'Another id in the body names a collection that does not exist: 404.',
  },
  {
    match: 'collections-validation/indexes/#7',
    reason: 'Every fault of the list is told at once.',
  },
  {
    match: 'collections-view/joins, aliases and other ids/#8',
    reason: 'A UNION is a SELECT too.',
  },
  {
    match: 'collections-view/joins, aliases and other ids/#9',
    reason: 'A UNION is a SELECT too.',
  },
  {
    match: 'collections-view/joins, aliases and other ids/#15',
    reason: 'Tables and columns are found whatever their case, as the database finds them.',
  },
  {
    match: 'collections-view/queries that are refused',
    path: /^body\.data\.fields/,
    reason: 'A query that is refused has no fields to complain of.',
  },
  {
    match: 'collections-view/changing the source/#5',
    path: /\.id$/,
    reason: 'The ids of cloned fields are drawn at random.',
  },
  {
    match: 'field-values/json/#34',
    reason: 'A NUL in a JSON text is escaped and kept.',
  },
  {
    match: 'field-values/json/#48',
    reason: 'A NUL in a JSON text is escaped and kept.',
  },
  {
    match: 'filters/hostile texts/#17',
    reason: 'Any character may stand in a quoted text: it is bound, never part of the SQL.',
  },
  {
    match: 'filters/hostile texts/#19',
    reason: 'A NUL outside of quotes is no white space.',
  },
  {
    match: 'filters/hostile texts/#22',
    reason: 'Every Unicode white space separates words.',
  },
  {
    match: 'filters/what guests may not touch',
    path: /^body\.data/,
    reason: 'Superusers are told what is wrong with a filter, and where.',
  },
  {
    match: 'collections-validation/select options/#4',
    reason: 'A select of one value may be a list: the enum of a program may have one value so far.',
  },
  {
    match: 'import/faults/#7',
    path: /message$/,
    reason: 'An unknown type is told before other faults are looked for.',
  },
  {
    match: 'protocol/health/#2',
    path: /canBackup$/,
    reason: 'There are no backups yet.',
  },
  {
    match: 'protocol/unknown paths',
    reason: 'A path that is not clean is unknown; nothing redirects.',
  },
  {
    match: 'settings/merge/#8',
    reason: 'Null changes nothing, here as everywhere.',
  },
  {
    match: 'settings/merge/#9',
    reason: 'No body changes nothing; it is no fault of the server.',
  },
  {
    match: 'sort-paging-fields/page/#22',
    reason: 'A page beyond the last is empty, however large its number.',
  },
  {
    match: 'sort-paging-fields/doubled parameters/#5',
    reason: 'A parameter that cannot be decoded is refused, not ignored.',
  },
  {
    match: 'collections-validation/names/#20',
    path: /message$/,
    reason: 'A body that cannot be read has one message, whichever part of it cannot.',
  },
  {
    match: 'collections-validation/types/#3',
    path: /message$/,
    reason: 'A body that cannot be read has one message, whichever part of it cannot.',
  },
  {
    match: 'collections-validation/malformed collection bodies',
    path: /message$/,
    reason: 'A body that cannot be read has one message, whichever part of it cannot.',
  },
  {
    match: 'collections-base/minimal bodies/#7',
    reason: 'The case of a property does not count, for fields too.',
  },
  {
    match: 'collections-auth',
    path: /\(key order\)$/,
    reason: 'Inside of its options a collection has its properties in alphabetical order.',
  },
  {
    match: 'files/several ranges/#2',
    reason: 'A request for several ranges gets the whole file, as the standard allows; one range is honoured.',
  },
  {
    match: 'filter-visibility/a ruled collection/#9',
    reason: 'Related rows that the caller may not list take no part in a comparison of all of them.',
  },
];

const covers = (entry, name, path) =>
  (!entry.match || name === entry.match || name.startsWith(`${entry.match}/`)) && (!entry.path || entry.path.test(path));

/** The entry that allows this difference of this request, if there is one. */
export const intendedFor = (name, path) => INTENDED.find((entry) => covers(entry, name, path));
