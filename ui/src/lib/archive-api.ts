import { createSend } from './api';
import type { components } from './api-types.gen';

/** Archived is an interview in the archive, as its sidecar describes it. */
export type Archived = components['schemas']['Archived'];

interface Place {
  id: string;
  token: string;
}

const send = createSend();

/** archived reads what is known of an archived interview. The token may have expired. */
export async function archived({ id, token }: Place): Promise<Archived> {
  const input = { path: { id }, token };
  return (await (await send({ method: 'GET', path: '/api/v1/archive/{id}', input })).json()) as Archived;
}

/** archivedBundle downloads an archived interview. It may take as long as it is large. */
export async function archivedBundle({ id, token }: Place): Promise<Blob> {
  const input = { path: { id }, token };
  const accept = 'application/zip, application/problem+json';
  const call = { method: 'GET', path: '/api/v1/archive/{id}/bundle', input } as const;
  return (await send(call, { endless: true, accept })).blob();
}
