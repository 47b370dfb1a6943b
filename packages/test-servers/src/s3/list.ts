import type { Reply } from '../wire/index.ts';
import { S3Refused, tag, tags, texts, xmlReply } from './answers.ts';
import type { S3Call } from './call.ts';
import type { Payload } from './payload.ts';
import type { Bucket } from './state.ts';

const PAGE_MAX = 1000;

/** A page of keys in the order of their bytes, with common prefixes when a delimiter is given. */
export function listObjects(call: S3Call, { objects }: Bucket): Reply {
  if (call.query.get('list-type') !== '2') throw new S3Refused(501, 'NotImplemented', 'the double lists by version 2');
  const prefix = call.query.get('prefix') ?? '';
  const delimiter = call.query.get('delimiter') ?? '';
  const token = call.query.get('continuation-token');
  const after = token === null ? (call.query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString();
  const most = Math.min(PAGE_MAX, Number(call.query.get('max-keys') ?? PAGE_MAX));
  const entries = entriesOf([...objects.keys()], prefix, delimiter).filter((entry) => byBytes(entry, after) > 0);
  const page = entries.slice(0, most);
  const isTruncated = entries.length > page.length;
  const last = page.at(-1);
  const next = isTruncated && last !== undefined ? { NextContinuationToken: Buffer.from(last).toString('base64') } : {};
  const head = { Name: call.bucket, Prefix: prefix, KeyCount: page.length, MaxKeys: most, IsTruncated: isTruncated };
  const body = page.map((entry) => describe(entry, objects)).join('');
  return xmlReply(tag('ListBucketResult', tags({ ...head, ...next }) + body));
}

export function deleteObjects({ objects }: Bucket, { bytes }: Payload): Reply {
  const keys = texts(bytes.toString(), 'Key');
  if (keys.length > PAGE_MAX) throw new S3Refused(400, 'MalformedXML', 'The XML you provided was not well-formed');
  for (const key of keys) objects.delete(key);
  return xmlReply(tag('DeleteResult', keys.map((key) => tag('Deleted', tags({ Key: key }))).join('')));
}

function describe(entry: string, objects: Bucket['objects']): string {
  const object = objects.get(entry);
  if (object === undefined) return tag('CommonPrefixes', tags({ Prefix: entry }));
  const at = new Date(object.modifiedAt).toISOString();
  const fields = {
    Key: entry,
    LastModified: at,
    ETag: object.etag,
    Size: object.bytes.length,
    StorageClass: 'STANDARD',
  };
  return tag('Contents', tags(fields));
}

function entriesOf(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const found = new Set<string>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    found.add(end < 0 ? key : key.slice(0, end + delimiter.length));
  }
  return [...found].sort(byBytes);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
