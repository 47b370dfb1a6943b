import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { SeenRequest } from '../wire/index.ts';

/** One request to S3, taken apart. */
export interface S3Call extends SeenRequest {
  /** As sent, still encoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly bucket: string;
  readonly query: URLSearchParams;
}

/** Takes a request with its bucket in the path apart. */
export function readCall({ method = 'GET', url = '/', headers }: IncomingMessage): S3Call {
  const [rawPath = '/', rawQuery = ''] = url.split('?');
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(decodeURIComponent(rawPath)) ?? [];
  const query = new URLSearchParams(rawQuery);
  const operation = operationOf(method, key, query, headers);
  const changes = !READS.test(operation);
  return { operation, method, url, headers, rawPath, rawQuery, bucket, key, changes, query };
}

const READS = /^(?:Get|Head|List|Unknown)/;
const OF_OBJECT: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};
const OF_BUCKET: Readonly<Record<string, string>> = { GET: 'ListObjectsV2', HEAD: 'HeadBucket', POST: 'DeleteObjects' };

function operationOf(method: string, key: string, query: URLSearchParams, headers: IncomingHttpHeaders): string {
  if (key === '' && method === 'GET' && query.has('lifecycle')) return 'GetBucketLifecycleConfiguration';
  if (key === '' && method === 'GET' && query.has('versioning')) return 'GetBucketVersioning';
  if (key === '') return OF_BUCKET[method] ?? 'Unknown';
  if (query.has('uploads')) return method === 'POST' ? 'CreateMultipartUpload' : 'Unknown';
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  if (query.has('uploadId')) {
    if (method === 'PUT') return isCopy ? 'UploadPartCopy' : 'UploadPart';
    return { POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload' }[method] ?? 'Unknown';
  }
  return method === 'PUT' && isCopy ? 'CopyObject' : (OF_OBJECT[method] ?? 'Unknown');
}
