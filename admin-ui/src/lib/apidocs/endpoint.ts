// What the API preview shows of one endpoint.
import type { CollectionModel } from '$lib/api/types';

export interface Param {
  name: string;
  /** Where it goes. */
  in: 'path' | 'query' | 'body';
  type: string;
  isRequired?: boolean;
  note: string;
}

export interface Answer {
  status: number;
  /** What it means, in a word or two. */
  label: string;
  /** `undefined`: no content. */
  body: unknown;
}

export interface Endpoint {
  id: string;
  title: string;
  group: 'Records' | 'Sign-in' | 'Account' | 'More';
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  text: string;
  /** Who may use it. */
  access: string;
  params: Param[];
  /** The body of the lines in each SDK; the client's set-up is put before it. */
  ts: string;
  js: string;
  dart: string;
  curl: string;
  answers: Answer[];
}

export interface Preview {
  collection: CollectionModel;
  all: readonly CollectionModel[];
  /** Where the server is, as in `https://example.com`. */
  origin: string;
}

export function setupJs(origin: string): string {
  return `import PocketBase from 'pocketbase';\n\nconst pb = new PocketBase('${origin}');\n\n`;
}

export function setupDart(origin: string): string {
  return `import 'package:pocketbase/pocketbase.dart';\n\nfinal pb = PocketBase('${origin}');\n\n`;
}

/** Who may do what a rule guards, in words. */
export function accessOf(rule: string | null | undefined): string {
  if (rule === null || rule === undefined) return 'Superusers only.';
  return rule.trim() === '' ? 'Everyone, guests too.' : `Superusers, and who meets the rule: ${rule.trim()}`;
}

/** A command of lines that belong together. */
export function curl(
  method: string,
  url: string,
  { body, form, isPublic = false }: { body?: unknown; form?: string[]; isPublic?: boolean } = {},
): string {
  const lines = [`curl ${method === 'GET' ? '' : `-X ${method} `}'${url}'`];
  if (!isPublic) lines.push(`-H "Authorization: $TOKEN"`);
  if (form) lines.push(...form.map((one) => `-F '${one}'`));
  else if (body !== undefined) {
    lines.push(
      `-H 'Content-Type: application/json'`,
      `-d '${JSON.stringify(body, null, 2).replaceAll("'", String.raw`'\''`)}'`,
    );
  }
  return lines.join(' \\\n  ');
}

export const json = (value: unknown) => JSON.stringify(value, null, 2);

/** A text in single quotes, of the JSON text it comes from. */
const requoted = (quoted: string) => `'${quoted.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

const TEXTS = /"(?:[^"\\]|\\.)*"/g;

/** A value as JavaScript writes it: keys without quotes where they need none. */
export const jsOf = (value: unknown) =>
  json(value)
    .replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:')
    .replace(TEXTS, requoted);

/** A value as Dart writes it. */
export const dartOf = (value: unknown) =>
  json(value)
    .replaceAll('$', String.raw`\$`)
    .replace(TEXTS, requoted);

export function failure(status: number, message: string, data: Record<string, unknown> = {}): unknown {
  return { status, message, data };
}

const blank = { code: 'validation_required', message: 'Cannot be blank.' };

export const invalid = (field: string): Answer => ({
  status: 400,
  label: 'something is wrong with what was sent',
  body: failure(400, 'Failed to process the request.', { [field]: blank }),
});

export const FORBIDDEN: Answer = {
  status: 403,
  label: 'the rule is locked',
  body: failure(403, 'Only superusers can perform this action.'),
};

export const MISSING: Answer = {
  status: 404,
  label: 'no such record, or the rule hides it',
  body: failure(404, "The requested resource wasn't found."),
};
