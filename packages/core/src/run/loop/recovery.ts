import type { Digest, Reference, References, TaskSpec, ViewSpec } from '../../contract/index.ts';
import type { Job } from '../plan/job.ts';

/** Attempts to get back the bytes of one artifact. */
const TRIES_MAX = 2;
/** Characters of a digest that people are shown. */
const SHOWN = 19;

/** What is done when a lost artifact is there again, or cannot be made again. */
export interface Recovery {
  again(): void;
  failed(): void;
}

/** Inputs of a task, or the one artifact that was looked at. */
type Readers = TaskSpec | Reference;

interface Made {
  readonly job: Job;
  readonly writes: References;
}

interface Attempt {
  readonly made: Made;
  readonly lost: Digest;
  readonly waiting: Recovery[];
}

/**
 * Executes a task once more when the bytes of something it left are missing or damaged, and lets those who wanted to
 * read it try again. The idea is the rewinding of Bazel.
 */
export class Rewind {
  private readonly made: Made[] = [];
  /** What is read in the place of an artifact that was made again. */
  private readonly replaced = new Map<Digest, Reference>();
  private readonly tries = new Map<Digest, number>();
  private readonly attempts = new Map<Digest, Attempt>();

  constructor(
    /** Executes a task again; `finished` or `failed` follows. */
    private readonly execute: (job: Job) => void,
  ) {}

  /** Everything a run's tasks left. */
  remember(job: Job, writes: References): void {
    this.made.push({ job, writes });
  }

  /**
   * Whether somebody can make it again. Then one of `then` is called once that is decided. `readers`: what was given to
   * whoever could not read it. What an effect left is not made again: the effect would come about twice.
   */
  recover(lost: Digest, readers: Readers, then: Recovery): boolean {
    if (this.isOutdated(lost, readers)) {
      then.again();
      return true;
    }
    const underWay = this.attempts.get(lost);
    if (underWay) {
      underWay.waiting.push(then);
      return true;
    }
    const tries = this.tries.get(lost) ?? 0;
    const made = this.made.findLast(({ job, writes }) => !job.step.effect && leaves(writes, lost));
    if (!made || made.job.step.name === 'init' || tries >= TRIES_MAX) return false;
    this.tries.set(lost, tries + 1);
    this.attempts.set(lost, { made, lost, waiting: [then] });
    const text = `${lost.slice(0, SHOWN)}… that it left cannot be read`;
    this.execute({ ...made.job, attempt: made.job.attempt + 1, rerun: true, why: { code: 'BLOB_MISSING', text } });
    return true;
  }

  /** The task has left this now. */
  finished(job: Job, writes: References): void {
    for (const attempt of this.takeAttempts(job)) {
      const before = attempt.made.writes;
      const { known: _, ...executed } = job;
      this.remember(executed, writes);
      for (const name of Object.keys(before)) this.replace(before[name]?.digest, writes[name]);
      const good = this.replaced.has(attempt.lost);
      for (const one of attempt.waiting) good ? one.again() : one.failed();
    }
  }

  failed(job: Job): void {
    for (const { waiting } of this.takeAttempts(job)) for (const one of waiting) one.failed();
  }

  current(reference: Reference): Reference {
    return this.replaced.get(reference.digest) ?? reference;
  }

  /** The same task, reading what is there now. */
  repair(spec: TaskSpec): TaskSpec {
    if (this.replaced.size === 0) return spec;
    const views = (view: ViewSpec): ViewSpec => ({
      ...view,
      base: this.repairAll(view.base),
      own: this.repairAll(view.own),
    });
    return {
      ...spec,
      inputs: this.repairAll(spec.inputs),
      elements: spec.elements.map((element) => ({ ...element, list: this.current(element.list) })),
      ...(spec.tasks && { tasks: spec.tasks.map(views) }),
      ...(spec.branches && {
        branches: Object.fromEntries(Object.entries(spec.branches).map(([name, view]) => [name, view && views(view)])),
      }),
    };
  }

  private repairAll(references: References): References {
    const repaired: Record<string, Reference> = Object.create(null);
    for (const [name, reference] of Object.entries(references)) repaired[name] = this.current(reference);
    return repaired;
  }

  /** It was made again after the reader had been given its inputs. */
  private isOutdated(lost: Digest, readers: Readers): boolean {
    const now = this.replaced.get(lost);
    if (!now) return false;
    const given = 'digest' in readers ? [readers] : referencesOf(readers);
    return given.some((reference) => reference.digest === lost && reference !== now);
  }

  /** Another value stands in for the lost one only when nobody else made the lost one too. */
  private replace(old: Digest | undefined, now: Reference | undefined): void {
    if (old === undefined || !now) return;
    const makers = this.made.filter(({ writes }) => leaves(writes, old));
    const [first] = makers;
    if (now.digest === old || makers.every(({ job }) => first && isSameTask(job, first.job)))
      this.replaced.set(old, now);
  }

  private takeAttempts(job: Job): Attempt[] {
    const taken = [...this.attempts.values()].filter(({ made }) => isSameTask(made.job, job));
    for (const { lost } of taken) this.attempts.delete(lost);
    return taken;
  }
}

function leaves(writes: References, digest: Digest): boolean {
  return Object.values(writes).some((reference) => reference.digest === digest);
}

function referencesOf({ inputs, elements, tasks = [], branches = {} }: TaskSpec): Reference[] {
  const views = [...tasks, ...Object.values(branches)].filter((view) => view !== null);
  const sets = new Set([inputs, ...views.flatMap(({ base, own }) => [base, own])]);
  return [...elements.map(({ list }) => list), ...[...sets].flatMap((set) => Object.values(set))];
}

function isSameTask(a: Job, b: Job): boolean {
  return a.step === b.step && a.frame === b.frame;
}
