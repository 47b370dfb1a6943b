import { createHash, randomUUID } from 'node:crypto';
import type { Reply } from '../wire/index.ts';
import { emptyReply, S3Refused, tag, tags, texts, xmlReply } from './answers.ts';
import type { S3Call } from './call.ts';
import { copySource, readRange } from './objects.ts';
import type { Payload } from './payload.ts';
import { type Bucket, checkWriteCondition, etagOf, keptHeaders, type Part, type Upload } from './state.ts';

/** Bytes. Every part but the last has at least as many. */
const PART_MIN = 5 * 1024 * 1024;
const PARTS_MAX = 10_000;

export function createUpload(call: S3Call, bucket: Bucket): Reply {
  const id = randomUUID();
  const checksum = call.headers['x-amz-checksum-algorithm']?.toString().toLowerCase();
  bucket.uploads.set(id, { key: call.key, headers: keptHeaders(call), checksum, parts: new Map() });
  const fields = { Bucket: call.bucket, Key: call.key, UploadId: id };
  return xmlReply(tag('InitiateMultipartUploadResult', tags(fields)));
}

export function uploadPart(call: S3Call, bucket: Bucket, { bytes, checksums }: Payload): Reply {
  const { checksum } = findUpload(call, bucket);
  const given = Object.keys(checksums)[0]?.replace('x-amz-checksum-', '');
  if (given !== checksum) {
    const message = `Checksum Type mismatch occurred, expected checksum Type: ${checksum}, actual checksum Type: ${given}`;
    throw new S3Refused(400, 'InvalidRequest', message);
  }
  const etag = addPart(call, bucket, bytes);
  return emptyReply(200, { etag, ...checksums });
}

export function uploadPartCopy(call: S3Call, bucket: Bucket, now: number): Reply {
  const source = copySource(call, bucket).bytes;
  const header = call.headers['x-amz-copy-source-range'];
  const { start, end } =
    header === undefined ? { start: 0, end: source.length } : readRange(String(header), source.length);
  const etag = addPart(call, bucket, source.subarray(start, end));
  return xmlReply(tag('CopyPartResult', tags({ ETag: etag, LastModified: new Date(now).toISOString() })));
}

export function completeUpload(call: S3Call, bucket: Bucket, { bytes: document }: Payload, now: number): Reply {
  const upload = findUpload(call, bucket);
  checkWriteCondition(call, bucket.objects.get(call.key));
  const parts = chosenParts(upload, document.toString());
  const etag = `"${md5(Buffer.concat(parts.map((part) => Buffer.from(part.etag.slice(1, -1), 'hex'))))}-${parts.length}"`;
  const bytes = Buffer.concat(parts.map((part) => part.bytes));
  bucket.objects.set(call.key, { bytes, etag, modifiedAt: now, headers: upload.headers, checksums: {} });
  bucket.uploads.delete(call.query.get('uploadId') ?? '');
  const fields = { Location: call.url, Bucket: call.bucket, Key: call.key, ETag: etag };
  return xmlReply(tag('CompleteMultipartUploadResult', tags(fields)));
}

export function abortUpload(call: S3Call, bucket: Bucket): Reply {
  findUpload(call, bucket);
  bucket.uploads.delete(call.query.get('uploadId') ?? '');
  return emptyReply(204);
}

function addPart(call: S3Call, bucket: Bucket, bytes: Buffer): string {
  const number = Number(call.query.get('partNumber'));
  if (!(Number.isInteger(number) && number >= 1 && number <= PARTS_MAX)) {
    throw new S3Refused(400, 'InvalidArgument', `Part number must be an integer between 1 and ${PARTS_MAX}, inclusive`);
  }
  const etag = etagOf(bytes);
  findUpload(call, bucket).parts.set(number, { bytes, etag });
  return etag;
}

function findUpload(call: S3Call, bucket: Bucket): Upload {
  const upload = bucket.uploads.get(call.query.get('uploadId') ?? '');
  if (upload?.key === call.key) return upload;
  throw new S3Refused(404, 'NoSuchUpload', 'The specified upload does not exist.');
}

function chosenParts(upload: Upload, document: string): Part[] {
  const numbers = texts(document, 'PartNumber').map(Number);
  const etags = texts(document, 'ETag');
  if (numbers.length === 0) throw new S3Refused(400, 'MalformedXML', 'The XML you provided was not well-formed');
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new S3Refused(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  return numbers.map((number, index) => {
    const part = upload.parts.get(number);
    if (part === undefined || part.etag.replaceAll('"', '') !== etags[index]?.replaceAll('"', '')) {
      throw new S3Refused(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
    }
    if (index < numbers.length - 1 && part.bytes.length < PART_MIN) {
      throw new S3Refused(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
    }
    return part;
  });
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
