import type { IncomingMessage } from 'node:http';
import type { SeenRequest } from '../wire/index.ts';

/** A request, taken apart. */
export interface Call extends SeenRequest {
  readonly bucket: string;
  /** Of a rewrite. */
  readonly targetBucket: string;
  readonly targetName: string;
  readonly query: URLSearchParams;
  readonly uploadId: string;
  readonly authorization: string | undefined;
  readonly hash: string | undefined;
  /** Empty when there is none. */
  header(name: string): string;
}

const CHANGES = ['insert', 'start', 'put', 'cancel', 'delete', 'rewrite', 'make-bucket'];
const OBJECT = /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)(?:\/rewriteTo\/b\/([^/]+)\/o\/([^/]+))?$/;
const OBJECTS = /^\/storage\/v1\/b\/([^/]+)\/o$/;
const BUCKET = /^\/storage\/v1\/b(?:\/([^/]+))?$/;
const UPLOAD = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/;

export function readCall(request: IncomingMessage): Call {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://server');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const method = request.method ?? 'GET';
  const places = [OBJECT, OBJECTS, UPLOAD, BUCKET].map((pattern) => pattern.exec(pathname));
  const [bucket = '', name = '', targetBucket = '', targetName = ''] = (places.find((found) => found !== null) ?? [])
    .slice(1)
    .map((part) => decodeURIComponent(part ?? ''));
  const operation = operationOf(method, pathname, query, header('content-range'));
  return {
    operation,
    method,
    url: request.url ?? '/',
    bucket,
    key: UPLOAD.test(pathname) ? (query.get('name') ?? '') : name,
    changes: CHANGES.includes(operation),
    headers: request.headers,
    targetBucket,
    targetName,
    query,
    uploadId: query.get('upload_id') ?? '',
    authorization: request.headers.authorization,
    hash: request.headers['x-goog-hash'] === undefined ? undefined : header('x-goog-hash'),
    header,
  };
}

function operationOf(method: string, path: string, query: URLSearchParams, range: string): string {
  if (path === '/token' || /^\/computeMetadata\/v1\/instance\/service-accounts\/[^/]+\/token$/.test(path))
    return 'token';
  if (path.startsWith('/computeMetadata')) return 'metadata';
  if (UPLOAD.test(path)) {
    if (query.has('upload_id')) return uploadStep(method, range);
    return query.get('uploadType') === 'resumable' ? 'start' : 'insert';
  }
  if (OBJECT.test(path)) {
    if (path.includes('/rewriteTo/')) return 'rewrite';
    if (method === 'DELETE') return 'delete';
    return query.get('alt') === 'media' ? 'media' : 'get';
  }
  if (OBJECTS.test(path)) return 'list';
  if (BUCKET.test(path)) return method === 'POST' ? 'make-bucket' : 'bucket';
  return 'unknown';
}

function uploadStep(method: string, range: string): string {
  if (method === 'DELETE') return 'cancel';
  return range.startsWith('bytes */') ? 'status' : 'put';
}
