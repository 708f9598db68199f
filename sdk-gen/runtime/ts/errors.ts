// What the server said no to, or that it was not reached.

/** What is wrong with one field. */
export interface FieldError {
  /** Stays the same, as `validation_required`. */
  code: string;
  /** For people. */
  message: string;
  params?: Record<string, unknown>;
}

/** Any request that did not succeed. */
export class ApiError extends Error {
  /** Of the answer, as 400; 0: the server was not reached, or the request was aborted. */
  readonly status: number;
  /** What is wrong, by field; deeper where a field is an object itself. */
  readonly data: Record<string, unknown>;
  /** Where the request went. */
  readonly url: string;
  /** Whether it was the request's own signal that ended it. */
  readonly isAborted: boolean;

  constructor(told: { status: number; message: string; data?: Record<string, unknown>; url: string; isAborted?: boolean; cause?: unknown }) {
    super(told.message, { cause: told.cause });
    this.name = 'ApiError';
    this.status = told.status;
    this.data = told.data ?? {};
    this.url = told.url;
    this.isAborted = told.isAborted ?? false;
  }

  /** What is wrong with a field; `undefined`: nothing. */
  field(name: string): FieldError | undefined {
    const found = Object.hasOwn(this.data, name) ? (this.data[name] as Partial<FieldError> | null) : undefined;
    return typeof found?.code === 'string' ? (found as FieldError) : undefined;
  }
}
