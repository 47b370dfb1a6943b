import { createHash } from 'node:crypto';
import { S3Refused } from './answers.ts';
import type { S3Call } from './call.ts';

export interface StoredObject {
  readonly bytes: Buffer;
  /** With its quotes. */
  readonly etag: string;
  /** Ms since the Unix epoch. */
  readonly modifiedAt: number;
  /** Headers that come back with it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksums: Readonly<Record<string, string>>;
}

export interface Part {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface Upload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The algorithm that was asked for; every part has to come with it. */
  readonly checksum: string | undefined;
  readonly parts: Map<number, Part>;
}

export interface Bucket {
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, Upload>;
}

export function copyOf({ objects, uploads }: Bucket): Bucket {
  const copies = [...uploads].map(([id, upload]) => [id, { ...upload, parts: new Map(upload.parts) }] as const);
  return { objects: new Map(objects), uploads: new Map(copies) };
}

export function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

const KEPT =
  /^(?:content-type|content-encoding|cache-control|x-amz-(?:meta-.+|storage-class|server-side-encryption.*))$/;

/** The headers of a request that S3 keeps with an object. */
export function keptHeaders(call: S3Call): Record<string, string> {
  const kept = Object.entries(call.headers).filter(([name]) => KEPT.test(name));
  return Object.fromEntries(
    kept
      .map(([name, value]) => [name, String(value)] as const)
      .map(([name, value]) => [name, name === 'content-encoding' ? withoutFraming(value) : value] as const)
      .filter(([, value]) => value !== ''),
  );
}

/** `aws-chunked` belongs to the transfer, not to the object. */
function withoutFraming(encoding: string): string {
  return encoding
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== 'aws-chunked')
    .join(',');
}

export function findObject({ objects }: Bucket, key: string): StoredObject {
  const found = objects.get(key);
  if (found) return found;
  throw new S3Refused(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });
}

/** Checks `If-None-Match: *` and `If-Match` of a write. */
export function checkWriteCondition(call: S3Call, now: StoredObject | undefined): void {
  const wanted = call.headers['if-match'];
  if (wanted !== undefined && now === undefined) {
    throw new S3Refused(404, 'NoSuchKey', 'The specified key does not exist.', { Key: call.key });
  }
  const clash = call.headers['if-none-match'] === '*' && now !== undefined;
  if (!clash && (wanted === undefined || wanted === now?.etag)) return;
  const message = 'At least one of the pre-conditions you specified did not hold';
  throw new S3Refused(412, 'PreconditionFailed', message, { Condition: clash ? 'If-None-Match' : 'If-Match' });
}
