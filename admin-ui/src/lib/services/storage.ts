// What is stored: every file the server knows, and how much room it takes.
import { ask, pb } from '$lib/api/client';
import type { Page } from '$lib/api/types';

export interface StoredFile {
  collectionId: string;
  collectionName: string;
  recordId: string;
  fieldId: string;
  fieldName: string;
  name: string;
  /** As it was called where it came from; empty when nobody knows. */
  original: string;
  /** In bytes. */
  size: number;
  type: string;
  created: string;
  protected: boolean;
  state: 'stored' | 'staged' | 'moved' | 'gone';
  place: 'local' | 's3';
  url: string;
}

export interface Amount {
  count: number;
  bytes: number;
}

export interface Usage extends Amount {
  collections: (Amount & { collectionId: string; collectionName: string })[];
  places: { local: Amount; s3: Amount };
  moving: Amount;
  uploads: Amount;
  disk: { freeBytes: number; totalBytes: number } | null;
}

/** What only a walk through the storage can tell. */
export interface Scan extends Usage {
  orphans: { rows: number; files: number; bytes: number; names: string[] };
  thumbs: Amount;
}

export interface Wanted {
  page: number;
  perPage: number;
  collection?: string;
  record?: string;
  search?: string;
  sort?: string;
}

export function listFiles(wanted: Wanted, signal?: AbortSignal): Promise<Page<StoredFile>> {
  const query = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ''));
  return ask('GET', '/api/files', { query, ...(signal && { signal }) });
}

export function usage(signal?: AbortSignal): Promise<Usage> {
  return ask('GET', '/api/files/usage', signal && { signal });
}

/** Compares every stored file with the records; may take a while. */
export function scan(): Promise<Scan> {
  return ask('GET', '/api/files/usage', { query: { scan: 1 } });
}

/** Where a file can be loaded from; for a protected one with a token that is good for a few minutes. */
export async function addressOf(file: StoredFile): Promise<string> {
  return file.protected ? `${file.url}?token=${encodeURIComponent(await pb.files.getToken())}` : file.url;
}

/** The content of a file that is text. */
export async function textOf(address: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(address, { signal });
  if (!answer.ok) throw new Error(`The file cannot be read: status ${answer.status}.`);
  return answer.text();
}

/** Takes a file out of its record, which removes it. */
export async function removeFile(file: StoredFile): Promise<void> {
  await pb.collection(file.collectionId).update(file.recordId, { [`${file.fieldName}-`]: [file.name] });
}
