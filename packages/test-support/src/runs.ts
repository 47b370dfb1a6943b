import type { Digest, Reference, References, RunEvent, RunRecord } from '@varve/core/contract';
import { hashOf } from './bytes.ts';

export function runRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: '01j9zq0000000000000000000a',
    flow: 'Penguins',
    number: 1,
    tags: [],
    createdAt: 1_700_000_000_000,
    user: 'ada',
    host: 'lab',
    varve: '0.0.0',
    parameters: { folds: '5' },
    bundle: digestOf('bundle'),
    graph: [
      { name: 'clean', after: [] },
      { name: 'train', after: ['clean'], foreach: 'models' },
      { name: 'report', after: [], join: 'train' },
    ],
    ...changes,
  };
}

export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

export function digestOf(text: string): Digest {
  return hashOf(bytesOf(text));
}

export function referenceOf(text: string): Reference {
  return { digest: digestOf(text), size: bytesOf(text).byteLength, codec: 'json/1' };
}

/** A task that wrote these texts, and their bytes. */
export function succeeded(
  task: string,
  texts: Readonly<Record<string, string>>,
  at = 1_700_000_000_000,
): { readonly event: RunEvent; readonly bytes: Map<Digest, Uint8Array> } {
  const writes: Record<string, Reference> = Object.create(null);
  const bytes = new Map<Digest, Uint8Array>();
  for (const [name, text] of Object.entries(texts)) {
    writes[name] = referenceOf(text);
    bytes.set(digestOf(text), bytesOf(text));
  }
  return {
    event: { type: 'task-succeeded', at, task, attempt: 1, via: 'executed', writes: writes as References, ms: 3 },
    bytes,
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
