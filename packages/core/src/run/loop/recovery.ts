import type { Digest, Reference, References, TaskSpec } from '../../contract/index.ts';
import { mapTaskReferences, referencesOfTask } from '../../store/index.ts';
import type { Job } from '../plan/job.ts';

/** Most times that one artifact is made again. */
const TRIES_MAX = 2;
/** Characters of a digest in messages. */
const SHOWN = 19;

/** One of the two is called: when a lost artifact is there again, or when it cannot be made again. */
export interface Recovery {
  again(): void;
  failed(): void;
}

/** The artifacts that a reader was given: the inputs of a task, or one artifact of the plan. */
type Inputs = TaskSpec | Reference;

interface Made {
  readonly job: Job;
  readonly writes: References;
}

interface Recreation {
  readonly made: Made;
  readonly lost: Digest;
  readonly waiting: Recovery[];
}

/**
 * Executes a task again when bytes of its result are missing or damaged, then lets the readers of the result try again.
 * The idea is the rewinding of Bazel.
 */
export class Rewind {
  private readonly made: Made[] = [];
  /** Artifacts that were made again, by the digest of the lost one. */
  private readonly replaced = new Map<Digest, Reference>();
  private readonly tries = new Map<Digest, number>();
  private readonly open = new Map<Digest, Recreation>();

  constructor(
    /** Executes a task again; a call of `finished` or `failed` follows. */
    private readonly execute: (job: Job) => void,
  ) {}

  /** Notes the task that made these artifacts. */
  remember(job: Job, writes: References): void {
    this.made.push({ job, writes });
  }

  /**
   * Has a lost artifact made again. False when no task can; else one of `then` is called later. `inputs`: what the reader
   * was given. The result of a step with an effect is not made again: the effect would come about twice.
   */
  recover(lost: Digest, inputs: Inputs, then: Recovery): boolean {
    if (this.isOutdated(lost, inputs)) {
      then.again();
      return true;
    }
    const underWay = this.open.get(lost);
    if (underWay) {
      underWay.waiting.push(then);
      return true;
    }
    const tries = this.tries.get(lost) ?? 0;
    const made = this.made.findLast(({ job, writes }) => !job.step.effect && leaves(writes, lost));
    if (!made || made.job.step.name === 'init' || tries >= TRIES_MAX) return false;
    this.tries.set(lost, tries + 1);
    const isExecuting = [...this.open.values()].some((other) => isSameTask(other.made.job, made.job));
    this.open.set(lost, { made, lost, waiting: [then] });
    // The task that left several lost artifacts makes all of them again at once.
    if (isExecuting) return true;
    const text = `${lost.slice(0, SHOWN)}… that it left cannot be read`;
    this.execute({ ...made.job, attempt: made.job.attempt + 1, rerun: true, why: { code: 'BLOB_MISSING', text } });
    return true;
  }

  /** A task that was executed again has left these artifacts. */
  finished(job: Job, writes: References): void {
    for (const { made, lost, waiting } of this.takeOpen(job)) {
      const before = made.writes;
      const { known: _, ...executed } = job;
      this.remember(executed, writes);
      for (const name of Object.keys(before)) this.replace(before[name]?.digest, writes[name]);
      const good = this.replaced.has(lost);
      for (const one of waiting) good ? one.again() : one.failed();
    }
  }

  failed(job: Job): void {
    for (const { waiting } of this.takeOpen(job)) for (const one of waiting) one.failed();
  }

  /** The artifact to read in place of this one. */
  current(reference: Reference): Reference {
    return this.replaced.get(reference.digest) ?? reference;
  }

  /** The same spec with the artifacts that were made again in place of lost ones. */
  repair(spec: TaskSpec): TaskSpec {
    if (this.replaced.size === 0) return spec;
    return mapTaskReferences(spec, (reference) => this.current(reference));
  }

  /** True when the artifact was made again after the reader had been given its inputs. */
  private isOutdated(lost: Digest, inputs: Inputs): boolean {
    const now = this.replaced.get(lost);
    if (!now) return false;
    const given = 'digest' in inputs ? [inputs] : referencesOfTask(inputs);
    return given.some((reference) => reference.digest === lost && reference !== now);
  }

  /** Another value replaces the lost one only when no other task made the lost one too. */
  private replace(old: Digest | undefined, now: Reference | undefined): void {
    if (old === undefined || !now) return;
    const makers = this.made.filter(({ writes }) => leaves(writes, old));
    const [first] = makers;
    if (now.digest === old || makers.every(({ job }) => first && isSameTask(job, first.job)))
      this.replaced.set(old, now);
  }

  private takeOpen(job: Job): Recreation[] {
    const taken = [...this.open.values()].filter(({ made }) => isSameTask(made.job, job));
    for (const { lost } of taken) this.open.delete(lost);
    return taken;
  }
}

function leaves(writes: References, digest: Digest): boolean {
  return Object.values(writes).some((reference) => reference.digest === digest);
}

function isSameTask(a: Job, b: Job): boolean {
  return a.step === b.step && a.frame === b.frame;
}
