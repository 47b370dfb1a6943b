import type { LifecycleRule, S3 } from '@aws-sdk/client-s3';
import { ruled } from '../requests/answers.ts';
import { RequestFailed, type Requests } from '../requests/requests.ts';
import type { Target } from '../requests/target.ts';
import type { BucketFacts, Seen } from './judge.ts';

type Ask<T> = (s3: S3, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** Asks the service for the lifecycle rules and the versioning of a bucket. */
export async function lookAtBucket(
  requests: Requests,
  { bucket, prefix }: Target,
  signal: AbortSignal | undefined,
): Promise<BucketFacts> {
  const see = async <T>(what: string, ask: Ask<T>, absent: T): Promise<Seen<T>> => {
    try {
      return { value: await requests.attempt({ verb: `look at the ${what} of`, signal }, ask) };
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      const { reason, status } = error.explained;
      if (reason === 'not-found') return { value: absent };
      if (reason === 'access-denied') return 'denied';
      if (status === 405 || status === 501) return 'unknown';
      throw error.explained.error;
    }
  };
  const Bucket = bucket;
  const rules = await see<readonly LifecycleRule[]>(
    'lifecycle rules',
    async (s3, o) => ruled(await s3.getBucketLifecycleConfiguration({ Bucket }, o)),
    [],
  );
  const isVersioned = await see(
    'versioning',
    async (s3, o) => (await s3.getBucketVersioning({ Bucket }, o)).Status === 'Enabled',
    false,
  );
  return { bucket, prefix, rules, isVersioned };
}
