// Turns whatever was thrown into words: one message, and one for each field.
import { ClientResponseError } from 'pocketbase';

export interface Explained {
  /** What to show above a form or in a toast. */
  message: string;
  /** By the field's path, such as `title` or `fields.2.name`. */
  fields: Record<string, string>;
  /** The same paths with the stable codes. */
  codes: Record<string, string>;
  /** The HTTP status; 0: there was no answer. */
  status: number;
  /** Whether the request was given up on purpose; show nothing. */
  isAborted: boolean;
}

const UNREACHABLE = 'The server cannot be reached. Check that it runs, and your connection.';

export function explain(error: unknown): Explained {
  if (!(error instanceof ClientResponseError)) {
    const message = error instanceof Error && error.message ? error.message : 'Something went wrong.';
    return { message, fields: {}, codes: {}, status: 0, isAborted: false };
  }
  const explained: Explained = { message: '', fields: {}, codes: {}, status: error.status, isAborted: error.isAbort };
  gather(error.response['data'], '', explained);
  const said: unknown = error.response['message'];
  if (typeof said === 'string' && said) explained.message = said;
  else if (error.status === 0) explained.message = UNREACHABLE;
  else explained.message = `The server answered with status ${error.status}.`;
  return explained;
}

/** The message for one field, or what is said about its parts. */
export function faultOf(explained: Explained | undefined, path: string): string | undefined {
  if (!explained) return undefined;
  const within = `${path}.`;
  return explained.fields[path] ?? Object.entries(explained.fields).find(([at]) => at.startsWith(within))?.[1];
}

/** The messages of fields that `known` does not show, for a place above the form. */
export function otherFaults(explained: Explained | undefined, known: readonly string[]): string[] {
  const isKnown = (path: string) => known.some((name) => path === name || path.startsWith(`${name}.`));
  return Object.entries(explained?.fields ?? {})
    .filter(([path]) => !isKnown(path))
    .map(([path, message]) => `${path}: ${message}`);
}

function gather(data: unknown, path: string, into: Explained): void {
  if (typeof data !== 'object' || data === null) return;
  const { code, message } = data as { code?: unknown; message?: unknown };
  if (path && typeof code === 'string' && typeof message === 'string') {
    into.fields[path] = message;
    into.codes[path] = code;
    return;
  }
  for (const [key, inner] of Object.entries(data)) gather(inner, path ? `${path}.${key}` : key, into);
}
