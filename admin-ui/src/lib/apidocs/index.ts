// Everything that can be asked of a collection, from its live schema and rules.
import { authEndpoints } from './auth';
import type { Endpoint, Preview } from './endpoint';
import { moreEndpoints } from './more';
import { recordEndpoints } from './records';

export function endpointsOf(preview: Preview): Endpoint[] {
  return [...recordEndpoints(preview), ...authEndpoints(preview), ...moreEndpoints(preview)];
}
