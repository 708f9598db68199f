// Requests: addresses, bodies and answers.
import { ApiError } from './errors.js';

/** What every request can be given. */
export interface RequestOptions {
  /** Ends the request. */
  signal?: AbortSignal | undefined;
  headers?: Record<string, string> | undefined;
}

/** A request to any route. */
export interface SendOptions extends RequestOptions {
  /** GET without a body, else POST. */
  method?: string | undefined;
  query?: Query | undefined;
  /** Sent as JSON; forms, files and texts as they are. */
  body?: unknown;
}

/** Parameters; what is empty or `undefined` is left out. */
export type Query = Record<string, string | number | boolean | null | undefined>;

/** As much of `fetch` as is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Sends requests to one server. */
export class Http {
  readonly url: string;
  readonly #fetch: Fetch;
  readonly #token: () => string | null;

  constructor(url: string, token: () => string | null, given?: Fetch) {
    this.url = url.replace(/\/+$/, '');
    this.#token = token;
    this.#fetch = given ?? ((address, init) => fetch(address, init));
  }

  /** The whole address of a path. */
  address(path: string, query: Query = {}): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null && value !== '') params.append(name, String(value));
    }
    const text = params.toString();
    return this.url + (path.startsWith('/') ? path : `/${path}`) + (text && (path.includes('?') ? '&' : '?') + text);
  }

  /** Sends a request and reads its answer: JSON as what it says, nothing as `undefined`, anything else as text. */
  async send<T>(path: string, options: SendOptions = {}): Promise<T> {
    const url = this.address(path, options.query);
    const headers = new Headers(options.headers);
    const token = this.#token();
    if (token && !headers.has('Authorization')) headers.set('Authorization', token);
    const init: RequestInit = { method: options.method ?? (options.body === undefined ? 'GET' : 'POST'), headers };
    if (options.signal) init.signal = options.signal;
    if (options.body !== undefined) {
      const isReady = typeof options.body === 'string' || options.body instanceof Blob || options.body instanceof FormData || options.body instanceof URLSearchParams;
      if (!isReady && !headers.has('Content-Type')) headers.set('Content-Type', 'application/json');
      init.body = isReady ? (options.body as BodyInit) : JSON.stringify(options.body);
    }
    let status = 0;
    let text = '';
    let isJson = false;
    try {
      const response = await this.#fetch(url, init);
      status = response.status;
      isJson = (response.headers.get('Content-Type') ?? '').includes('json');
      text = await response.text();
    } catch (cause) {
      const isAborted = options.signal?.aborted ?? false;
      const message = isAborted ? 'The request was aborted.' : 'The server could not be reached.';
      throw new ApiError({ status: 0, message, url, isAborted, cause });
    }
    const answer = isJson && text ? parsed(text) : text === '' ? undefined : text;
    if (status >= 200 && status < 300) return answer as T;
    const told = (typeof answer === 'object' && answer !== null ? answer : {}) as { message?: unknown; data?: unknown };
    const message = typeof told.message === 'string' && told.message ? told.message : `The server answered with ${status}.`;
    throw new ApiError({ status, message, url, data: objectOf(told.data) ?? objectOf(answer) ?? {} });
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** What a proxy on the way cut off or called JSON without reason stays text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A part of a path. */
export const segment = encodeURIComponent;

/** A body, taken apart: what JSON can say, and files by the keys of a form. */
export interface Parts {
  json: Record<string, unknown>;
  files: [key: string, file: Blob][];
}

/** Takes files out of a body. Where some of a field's files stay, new ones are added to them. */
export function partsOf(body: object): Parts {
  const parts: Parts = { json: {}, files: [] };
  for (const [key, value] of Object.entries(body)) {
    if (value === undefined) continue;
    const values: unknown[] = Array.isArray(value) ? value : [value];
    const files = values.filter((one): one is Blob => one instanceof Blob);
    const rest = values.filter((one) => !(one instanceof Blob));
    if (files.length === 0) {
      set(parts.json, key, value);
      continue;
    }
    const isModified = /^\+|[+-]$/.test(key);
    if (rest.length > 0) set(parts.json, key, rest);
    for (const file of files) parts.files.push([rest.length > 0 && !isModified ? `${key}+` : key, file]);
  }
  return parts;
}

/** Also `__proto__` is a name like others. */
function set(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A body as it is sent: JSON, or a form where there are files. */
export function bodyOf(body: object): unknown {
  if (body instanceof FormData) return body;
  const { json, files } = partsOf(body);
  return files.length === 0 ? json : formOf(json, files);
}

/** A form with what JSON can say in one part. */
export function formOf(json: unknown, files: [key: string, file: Blob][]): FormData {
  const form = new FormData();
  form.append('@jsonPayload', JSON.stringify(json));
  for (const [key, file] of files) form.append(key, file);
  return form;
}
