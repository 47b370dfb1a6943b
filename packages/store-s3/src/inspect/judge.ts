import type { LifecycleRule } from '@aws-sdk/client-s3';
import type { StoreFinding } from '@varve/core/contract';

/** What is judged: the store's place, and what the service says of the bucket. */
export interface BucketFacts {
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly rules: Seen<readonly LifecycleRule[]>;
  readonly isVersioned: Seen<boolean>;
}

/** `denied`: a right is missing. `unknown`: the server does not answer such a question. */
export type Seen<T> = { readonly value: T } | 'denied' | 'unknown';

/** Storage classes from which nothing can be read at once. */
const ARCHIVES: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** Judges the rules of a bucket by what a store under a prefix of it needs. */
export function judgeBucket(facts: BucketFacts): StoreFinding[] {
  return [...judgeRules(facts), judgeVersions(facts)];
}

function judgeRules({ bucket, prefix, rules }: BucketFacts): StoreFinding[] {
  const about = 'lifecycle';
  if (rules === 'denied') return [denied(about, 'the lifecycle rules of', bucket, 's3:GetLifecycleConfiguration')];
  if (rules === 'unknown') return [unknown(about, 'lifecycle rules', bucket)];
  const inForce = rules.value.filter((rule) => rule.Status === 'Enabled' && meets(rule, prefix));
  const harmful = inForce.flatMap((rule) => harmOf(rule, bucket));
  if (harmful.length > 0) return harmful;
  if (inForce.some(({ AbortIncompleteMultipartUpload }) => AbortIncompleteMultipartUpload !== undefined)) {
    return [{ about, status: 'ok', message: `No lifecycle rule of the bucket ${bucket} deletes what varve keeps.` }];
  }
  const message = `No lifecycle rule of the bucket ${bucket} deletes what varve keeps, but none aborts incomplete uploads either: those of killed processes stay, invisible and paid for.`;
  return [
    {
      about,
      status: 'warning',
      message,
      mend: 'Add a rule with AbortIncompleteMultipartUpload, DaysAfterInitiation: 1.',
    },
  ];
}

function harmOf(rule: LifecycleRule, bucket: string): StoreFinding[] {
  const about = 'lifecycle';
  const { Expiration, Transitions = [] } = rule;
  const name = `The lifecycle rule ${rule.ID === undefined ? 'without a name' : JSON.stringify(rule.ID)} of the bucket ${bucket}`;
  const only = `prefix of the rule: ${prefixOf(rule) === '' ? 'none' : JSON.stringify(prefixOf(rule))}`;
  const found: StoreFinding[] = [];
  if (Expiration?.Days !== undefined || Expiration?.Date !== undefined) {
    const message = `${name} deletes objects ${when(Expiration)} (${only}), also those that results and runs need.`;
    const mend =
      'Take the rule away, or limit it to a prefix outside of the store. varve gc deletes what is not needed.';
    found.push({ about, status: 'problem', message, mend });
  }
  const archive = Transitions.find(({ StorageClass = '' }) => ARCHIVES.includes(StorageClass));
  if (archive !== undefined) {
    const message = `${name} moves objects to ${archive.StorageClass} ${when(archive)} (${only}), from which nothing can be read at once.`;
    const mend = 'Take the transition away, or choose STANDARD_IA or GLACIER_IR, which are read at once.';
    found.push({ about, status: 'problem', message, mend });
  }
  return found;
}

function judgeVersions({ bucket, prefix, rules, isVersioned }: BucketFacts): StoreFinding {
  const about = 'versioning';
  if (isVersioned === 'denied') return denied(about, 'the versioning of', bucket, 's3:GetBucketVersioning');
  if (isVersioned === 'unknown') return unknown(about, 'versioning', bucket);
  if (!isVersioned.value) return { about, status: 'ok', message: `The bucket ${bucket} keeps no old versions.` };
  const mend = 'Add a lifecycle rule with NoncurrentVersionExpiration, or suspend versioning.';
  if (typeof rules === 'string') {
    const message = `The bucket ${bucket} keeps old versions of what varve gc deletes; whether a rule lets them expire could not be looked at.`;
    return { about, status: 'warning', message, mend };
  }
  const expires = rules.value.some(
    (rule) => rule.Status === 'Enabled' && rule.NoncurrentVersionExpiration !== undefined && covers(rule, prefix),
  );
  if (expires)
    return { about, status: 'ok', message: `The bucket ${bucket} keeps old versions, and lets them expire.` };
  const message = `The bucket ${bucket} keeps every old version: what varve gc deletes stays, and is paid for.`;
  return { about, status: 'warning', message, mend };
}

/** True when a rule may meet an object of the store: a tag never does, as no object of varve has one. */
function meets(rule: LifecycleRule, prefix: string): boolean {
  if (rule.Filter?.Tag !== undefined || (rule.Filter?.And?.Tags?.length ?? 0) > 0) return false;
  const start = prefixOf(rule);
  return start.startsWith(prefix) || prefix.startsWith(start);
}

/** True when a rule meets all objects of the store. */
function covers(rule: LifecycleRule, prefix: string): boolean {
  return meets(rule, prefix) && prefix.startsWith(prefixOf(rule));
}

function prefixOf({ Filter, Prefix }: LifecycleRule): string {
  return Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '';
}

function when({ Days, Date: date }: { readonly Days?: number | undefined; readonly Date?: Date | undefined }): string {
  if (Days !== undefined) return `${Days} ${Days === 1 ? 'day' : 'days'} after they were written`;
  return date === undefined ? 'at once' : `from ${date.toISOString().slice(0, 10)} on`;
}

function denied(about: string, what: string, bucket: string, right: string): StoreFinding {
  const message = `This user may not look at ${what} the bucket ${bucket}.`;
  return { about, status: 'skipped', message, mend: `Grant ${right} on the bucket, or have its owner look.` };
}

function unknown(about: string, what: string, bucket: string): StoreFinding {
  const message = `The server of the bucket ${bucket} does not say anything of ${what}.`;
  return { about, status: 'skipped', message, mend: 'Look at its own settings.' };
}
