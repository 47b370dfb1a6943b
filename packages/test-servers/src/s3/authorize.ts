import { createHash, createHmac } from 'node:crypto';
import { S3Refused } from './answers.ts';
import type { S3Call } from './call.ts';

export interface S3Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

/** Ms by which the clock of a client may be off. */
const SKEW_MAX = 15 * 60 * 1000;
const CREDENTIAL =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Checks the signature (version 4, in the header) of a request as S3 does. `now` in ms since the Unix epoch. */
export function authorize(call: S3Call, account: S3Account, now: number): void {
  const header = call.headers.authorization;
  if (header === undefined) throw new S3Refused(403, 'AccessDenied', 'Access Denied');
  const [, keyId, day = '', region = '', signed = '', signature] = CREDENTIAL.exec(String(header)) ?? [];
  if (keyId === undefined) throw malformed('The authorization header is malformed.', account.region);
  if (keyId !== account.accessKeyId) {
    const message = 'The AWS Access Key Id you provided does not exist in our records.';
    throw new S3Refused(403, 'InvalidAccessKeyId', message, { AWSAccessKeyId: keyId });
  }
  if (account.sessionToken !== undefined && call.headers['x-amz-security-token'] !== account.sessionToken) {
    throw new S3Refused(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
  }
  checkTime(String(call.headers['x-amz-date']), day, now);
  if (region !== account.region) {
    const message = `The authorization header is malformed; the region '${region}' is wrong; expecting '${account.region}'`;
    throw malformed(message, account.region);
  }
  if (signature === sign(call, account, signed.split(';'), day)) return;
  const message = 'The request signature we calculated does not match the signature you provided.';
  throw new S3Refused(403, 'SignatureDoesNotMatch', message, { SignatureProvided: String(signature) });
}

function malformed(message: string, region: string): S3Refused {
  return new S3Refused(400, 'AuthorizationHeaderMalformed', message, { Region: region });
}

function checkTime(stamp: string, day: string, now: number): void {
  const iso = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  if (!stamp.startsWith(day) || !(Math.abs(Date.parse(iso) - now) <= SKEW_MAX)) {
    const message = 'The difference between the request time and the current time is too large.';
    throw new S3Refused(403, 'RequestTimeTooSkewed', message);
  }
}

function sign(call: S3Call, account: S3Account, signed: readonly string[], day: string): string {
  const headers = signed.map((name) => `${name}:${String(call.headers[name] ?? '').trim()}\n`).join('');
  const payload = String(call.headers['x-amz-content-sha256']);
  const canonical = [call.method, call.rawPath, canonicalQuery(call.rawQuery), headers, signed.join(';'), payload];
  const scope = `${day}/${account.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', call.headers['x-amz-date'], scope, sha256(canonical.join('\n'))].join('\n');
  const key = ['s3', 'aws4_request'].reduce(
    (from, part) => hmac(from, part),
    hmac(hmac(`AWS4${account.secretAccessKey}`, day), account.region),
  );
  return hmac(key, text).toString('hex');
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '');
  return pairs
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
