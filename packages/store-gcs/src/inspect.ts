import type { StoreFinding } from '@varve/core/contract';

/** What the service says of a bucket, as far as it concerns a store. Numbers of seconds are text. */
export interface BucketResource {
  readonly lifecycle?: { readonly rule?: readonly LifecycleRule[] };
  readonly versioning?: { readonly enabled?: boolean };
  readonly softDeletePolicy?: { readonly retentionDurationSeconds?: string };
  readonly retentionPolicy?: { readonly retentionPeriod?: string };
}

export interface LifecycleRule {
  readonly action?: { readonly type?: string };
  readonly condition?: {
    readonly age?: number;
    readonly createdBefore?: string;
    readonly isLive?: boolean;
    readonly numNewerVersions?: number;
    readonly daysSinceNoncurrentTime?: number;
    readonly noncurrentTimeBefore?: string;
    readonly daysSinceCustomTime?: number;
    readonly customTimeBefore?: string;
    readonly matchesPrefix?: readonly string[];
  };
}

/** Fields of a bucket to ask for. */
export const INSPECTED = 'lifecycle,versioning,softDeletePolicy,retentionPolicy';

const DAY_SECONDS = 86_400;

/** Judges the rules of a bucket by what a store in a folder of it needs. `folder`: empty, or with a slash at its end. */
export function judgeBucket(bucket: string, folder: string, resource: BucketResource): StoreFinding[] {
  const rules = resource.lifecycle?.rule ?? [];
  return [
    ...judgeRules(bucket, folder, rules),
    judgeVersions(bucket, folder, resource, rules),
    ...judgeRetention(bucket, resource),
  ];
}

/** The findings where this account may not see the bucket itself, or what answers knows none. */
export function unseenBucket(bucket: string, isDenied: boolean): StoreFinding[] {
  const [message, mend] = isDenied
    ? [
        `This account may not look at the settings of the bucket ${bucket}.`,
        'Grant storage.buckets.get, e.g. by the role Storage Legacy Bucket Reader (roles/storage.legacyBucketReader).',
      ]
    : [`What answers for the bucket ${bucket} does not say anything of its settings.`, 'Look at its own settings.'];
  return ['lifecycle', 'versioning'].map((about) => ({ about, status: 'skipped', message, mend }));
}

function judgeRules(bucket: string, folder: string, rules: readonly LifecycleRule[]): StoreFinding[] {
  const harmful = rules.filter(
    (rule) => deletesLive(rule) && prefixesOf(rule).some((start) => overlaps(start, folder)),
  );
  const about = 'lifecycle';
  if (harmful.length === 0) {
    return [{ about, status: 'ok', message: `No lifecycle rule of the bucket ${bucket} deletes what varve keeps.` }];
  }
  return harmful.map((rule) => ({
    about,
    status: 'problem',
    message: `A lifecycle rule of the bucket ${bucket} deletes objects ${when(rule)}${within(rule)}, also those that results and runs need.`,
    mend: 'Take the rule away, or limit it by matchesPrefix to what is not the store. varve gc deletes what is not needed.',
  }));
}

function judgeVersions(
  bucket: string,
  folder: string,
  { versioning, softDeletePolicy }: BucketResource,
  rules: readonly LifecycleRule[],
): StoreFinding {
  const about = 'versioning';
  const days = Math.ceil(Number(softDeletePolicy?.retentionDurationSeconds ?? 0) / DAY_SECONDS);
  const soft =
    days > 0
      ? ` Soft delete keeps what varve gc deletes ${days} more ${days === 1 ? 'day' : 'days'}, and bills it.`
      : '';
  if (versioning?.enabled !== true) {
    return { about, status: 'ok', message: `The bucket ${bucket} keeps no old versions.${soft}` };
  }
  const expires = rules.some((rule) => deletesOld(rule) && prefixesOf(rule).some((start) => folder.startsWith(start)));
  if (expires) {
    return { about, status: 'ok', message: `The bucket ${bucket} keeps old versions, and lets them expire.${soft}` };
  }
  return {
    about,
    status: 'warning',
    message: `The bucket ${bucket} keeps every old version: what varve gc deletes stays, and is billed.${soft}`,
    mend: 'Turn versioning off, or add a lifecycle rule that deletes by daysSinceNoncurrentTime.',
  };
}

function judgeRetention(bucket: string, { retentionPolicy }: BucketResource): StoreFinding[] {
  const seconds = Number(retentionPolicy?.retentionPeriod ?? 0);
  if (!(seconds > 0)) return [];
  return [
    {
      about: 'retention',
      status: 'problem',
      message: `The bucket ${bucket} lets no object be replaced or deleted for ${seconds} seconds, but a run replaces its heartbeat, and varve gc deletes.`,
      mend: 'Remove the retention policy, or choose another bucket.',
    },
  ];
}

function deletesLive({ action, condition = {} }: LifecycleRule): boolean {
  return action?.type === 'Delete' && condition.isLive !== false && !waitsForMore(condition) && !isOfOld(condition);
}

function deletesOld({ action, condition = {} }: LifecycleRule): boolean {
  return action?.type === 'Delete' && condition.isLive !== true && !waitsForMore(condition);
}

/** Conditions that only an old version meets. */
function isOfOld({ numNewerVersions = 0, ...condition }: NonNullable<LifecycleRule['condition']>): boolean {
  return (
    numNewerVersions > 0 ||
    condition.daysSinceNoncurrentTime !== undefined ||
    condition.noncurrentTimeBefore !== undefined
  );
}

/** Conditions on a time that varve sets on no object. */
function waitsForMore(condition: NonNullable<LifecycleRule['condition']>): boolean {
  return condition.daysSinceCustomTime !== undefined || condition.customTimeBefore !== undefined;
}

function prefixesOf({ condition }: LifecycleRule): readonly string[] {
  return condition?.matchesPrefix ?? [''];
}

function overlaps(start: string, folder: string): boolean {
  return start.startsWith(folder) || folder.startsWith(start);
}

function when({ condition }: LifecycleRule): string {
  if (condition?.age !== undefined)
    return `${condition.age} ${condition.age === 1 ? 'day' : 'days'} after they were written`;
  return condition?.createdBefore === undefined ? 'by some condition' : `written before ${condition.createdBefore}`;
}

function within({ condition }: LifecycleRule): string {
  return condition?.matchesPrefix === undefined ? '' : ` (only ${condition.matchesPrefix.join(', ')})`;
}
