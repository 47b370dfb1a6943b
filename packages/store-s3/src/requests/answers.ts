import type { S3 } from '@aws-sdk/client-s3';
import { S3Failure } from './failure.ts';

/**
 * What answers need not be S3: a proxy, a gateway or the log-in page of a network answers 200 to everything, and the SDK takes
 * that for an object that was written, or for a list of nothing. So each answer has to hold what S3 never leaves out.
 */
function lacks(what: string): S3Failure {
  return new S3Failure('not-s3', 'NotS3', `the answer has no ${what}`);
}

/** The answer to a write, of an object or of a part of one. */
export function written<T extends { readonly ETag?: string | undefined }>(answer: T): T & { readonly ETag: string } {
  const { ETag } = answer;
  if (ETag === undefined || ETag === '') throw lacks('ETag');
  return { ...answer, ETag };
}

/** The answer to the beginning of an upload: its id. */
export function begun({ UploadId }: { readonly UploadId?: string | undefined }): string {
  if (UploadId === undefined || UploadId === '') throw lacks('id of an upload');
  return UploadId;
}

/** The head of an object. */
export function described<
  T extends { readonly ETag?: string | undefined; readonly ContentLength?: number | undefined },
>(answer: T): T {
  if (answer.ContentLength === undefined) throw lacks('length');
  written(answer);
  return answer;
}

interface Page {
  readonly Name?: string | undefined;
  readonly KeyCount?: number | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
}

/** A page of a list that began at `from`. */
export function listed<T extends Page>(page: T, from: string | undefined): T {
  const { Name, KeyCount, IsTruncated, NextContinuationToken: next } = page;
  if (Name === undefined || (IsTruncated === undefined && KeyCount === undefined)) throw lacks('list of a bucket');
  if (IsTruncated === true && (next === undefined || next === '' || next === from)) {
    throw lacks('place where the list goes on, though there is more');
  }
  return page;
}

/** Lifecycle rules: a bucket without any answers 404. */
export function ruled<T>({ Rules }: { readonly Rules?: readonly T[] | undefined }): readonly T[] {
  if (Rules === undefined) throw lacks('rules');
  return Rules;
}

const NO_CONTENT = 204;

/** The answer to a delete. */
export function deleted<
  T extends { readonly $metadata: { readonly httpStatusCode?: number; readonly requestId?: string | undefined } },
>(answer: T): T {
  const { httpStatusCode, requestId } = answer.$metadata;
  if (httpStatusCode !== NO_CONTENT && requestId === undefined) throw lacks('sign of a delete');
  return answer;
}

interface RawResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const PAGES = /^\s*text\/html\b/i;

/** Refuses pages for people, also where S3 may well leave everything out of an answer. Objects may be such pages. */
export function refuseWebPages(client: S3): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const { statusCode = 0, headers = {} } = result.response as RawResponse;
      const isObject = context.commandName === 'GetObjectCommand' || context.commandName === 'HeadObjectCommand';
      if (!isObject && statusCode < 300 && PAGES.test(headers['content-type'] ?? '')) {
        throw new S3Failure('not-s3', 'NotS3', 'the answer is a web page');
      }
      return result;
    },
    { step: 'deserialize', name: 'varveRefuseWebPages' },
  );
}
