import type { Reply } from '../wire/index.ts';
import { emptyReply, S3Refused, tag, tags, xmlReply } from './answers.ts';
import type { S3Call } from './call.ts';
import type { Payload } from './payload.ts';
import { type Bucket, checkWriteCondition, etagOf, findObject, keptHeaders, type StoredObject } from './state.ts';

/** Largest object that a copy in one request takes. */
const COPY_MAX = 5 * 1024 ** 3;

export function putObject(call: S3Call, bucket: Bucket, { bytes, checksums }: Payload, now: number): Reply {
  checkWriteCondition(call, bucket.objects.get(call.key));
  const object = { bytes, etag: etagOf(bytes), modifiedAt: now, headers: keptHeaders(call), checksums };
  bucket.objects.set(call.key, object);
  return emptyReply(200, { etag: object.etag, ...checksums });
}

export function getObject(call: S3Call, bucket: Bucket): Reply {
  const object = findObject(bucket, call.key);
  if (call.headers['if-none-match'] === object.etag) return emptyReply(304, { etag: object.etag });
  const wanted = call.headers['if-match'];
  if (wanted !== undefined && wanted !== object.etag) {
    throw new S3Refused(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  }
  const range = call.headers.range === undefined ? undefined : readRange(call.headers.range, object.bytes.length);
  if (range === undefined) return { status: 200, headers: headersOf(object, call), body: object.bytes };
  const { start, end } = range;
  const headers = { ...headersOf(object), 'content-range': `bytes ${start}-${end - 1}/${object.bytes.length}` };
  return { status: 206, headers, body: object.bytes.subarray(start, end) };
}

export function headObject(call: S3Call, bucket: Bucket): Reply {
  const object = findObject(bucket, call.key);
  return emptyReply(200, { ...headersOf(object, call), 'content-length': String(object.bytes.length) });
}

export function deleteObject(call: S3Call, bucket: Bucket): Reply {
  bucket.objects.delete(call.key);
  return emptyReply(204);
}

export function copyObject(call: S3Call, bucket: Bucket, now: number, copyMax = COPY_MAX): Reply {
  const source = copySource(call, bucket);
  if (source.bytes.length > copyMax) {
    const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${copyMax}`;
    throw new S3Refused(400, 'InvalidRequest', message);
  }
  bucket.objects.set(call.key, { ...source, headers: { ...source.headers, ...keptHeaders(call) }, modifiedAt: now });
  const fields = { ETag: source.etag, LastModified: new Date(now).toISOString() };
  return xmlReply(tag('CopyObjectResult', tags(fields)));
}

/** The object that `x-amz-copy-source` names. */
export function copySource(call: S3Call, bucket: Bucket): StoredObject {
  const [, name, key = ''] =
    /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(String(call.headers['x-amz-copy-source']))) ?? [];
  if (name === call.bucket) return findObject(bucket, key);
  throw new S3Refused(501, 'NotImplemented', 'the double copies within one bucket only');
}

export function readRange(header: string, size: number): { start: number; end: number } {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size : Math.min(size, Number(to) + 1);
  if (start < end) return { start, end };
  throw new S3Refused(416, 'InvalidRange', 'The requested range is not satisfiable', {
    ActualObjectSize: String(size),
  });
}

/** Checksums come back only for whole objects, and only when they are asked for. */
function headersOf(object: StoredObject, whole?: S3Call): Record<string, string> {
  return {
    ...object.headers,
    etag: object.etag,
    'accept-ranges': 'bytes',
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    ...(whole?.headers['x-amz-checksum-mode'] === 'ENABLED' && object.checksums),
  };
}
