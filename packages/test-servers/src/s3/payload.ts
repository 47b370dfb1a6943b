import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { S3Refused } from './answers.ts';
import type { S3Call } from './call.ts';

const CHECKSUMS: Readonly<Record<string, (bytes: Buffer) => string>> = {
  'x-amz-checksum-crc32': (bytes) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum.toString('base64');
  },
  'x-amz-checksum-sha1': (bytes) => createHash('sha1').update(bytes).digest('base64'),
  'x-amz-checksum-sha256': (bytes) => createHash('sha256').update(bytes).digest('base64'),
};

/** The bytes of a request once its framing is gone and its checksums have been found right. */
export interface Payload {
  readonly bytes: Buffer;
  /** Checksum headers that came with it. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** Undoes `aws-chunked` and checks every checksum that came with the bytes. */
export function readPayload(call: S3Call, raw: Buffer): Payload {
  const declared = String(call.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD');
  const { bytes, trailers } = declared.startsWith('STREAMING-') ? decodeChunks(call, declared, raw) : plain(raw);
  if (/^[0-9a-f]{64}$/.test(declared) && createHash('sha256').update(bytes).digest('hex') !== declared) {
    const message = 'The provided x-amz-content-sha256 header does not match what was computed.';
    throw new S3Refused(400, 'XAmzContentSHA256Mismatch', message);
  }
  const md5 = call.headers['content-md5'];
  if (md5 !== undefined && createHash('md5').update(bytes).digest('base64') !== md5) {
    throw new S3Refused(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  return { bytes, checksums: checkSums(bytes, { ...headersOf(call), ...trailers }) };
}

function headersOf(call: S3Call): Record<string, string> {
  const found = Object.entries(call.headers).filter(([name]) => name.startsWith('x-amz-checksum-'));
  return Object.fromEntries(found.map(([name, value]) => [name, String(value)]));
}

function checkSums(bytes: Buffer, given: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === 'x-amz-checksum-algorithm' || name === 'x-amz-checksum-type' || name === 'x-amz-checksum-mode')
      continue;
    const sum = CHECKSUMS[name]?.(bytes);
    if (sum === undefined) throw new S3Refused(501, 'NotImplemented', `the double does not know ${name}`);
    if (sum !== value) throw new S3Refused(400, 'BadDigest', `The ${name} you specified did not match.`);
    checked[name] = value;
  }
  return checked;
}

function plain(bytes: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  return { bytes, trailers: {} };
}

function decodeChunks(call: S3Call, declared: string, raw: Buffer): ReturnType<typeof plain> {
  if (declared !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    throw new S3Refused(501, 'NotImplemented', `the double does not know ${declared}`);
  }
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', at);
    const size = end < 0 ? Number.NaN : Number.parseInt(raw.toString('latin1', at, end), 16);
    if (Number.isNaN(size)) throw new S3Refused(400, 'IncompleteBody', 'The request body ended early.');
    at = end + 2;
    if (size === 0) break;
    chunks.push(raw.subarray(at, at + size));
    at += size + 2;
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== Number(call.headers['x-amz-decoded-content-length'])) {
    throw new S3Refused(400, 'IncompleteBody', 'You did not provide the number of bytes specified.');
  }
  const lines = raw.toString('latin1', at).split('\r\n');
  const trailers = lines.filter((line) => line.includes(':')).map((line) => line.split(/:\s*/, 2));
  return { bytes, trailers: Object.fromEntries(trailers) };
}
