// What the query of a view gives, without making the view.
import { ask } from '$lib/api/client';
import type { AnyField } from '$lib/collection-editor/model';

export interface QueryAnswer {
  fields: AnyField[];
  /** Its first rows. */
  sample: Record<string, unknown>[];
}

/** Throws what the server says of a query that cannot be run. */
export function tryQuery(query: string, signal?: AbortSignal): Promise<QueryAnswer> {
  return ask('POST', '/api/collections/meta/dry-run-view', { body: { query }, ...(signal && { signal }) });
}
