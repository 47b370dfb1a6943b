import { type CacheEntry, type PageRecord, pathOf } from '../cache/index.ts';
import type {
  References,
  RunSummary,
  StoredError,
  TaskLogLine,
  TaskOutcome,
  TaskStatus,
  WrittenArtifact,
} from '../contract/index.ts';
import type { GraphStep } from '../flow/index.ts';
import { Announcements } from './announcements.ts';
import { type Frame, namesOf, type TaskNames } from './frame.ts';
import type { Job } from './job-queue.ts';
import { type OriginTask, shortDigest } from './origin.ts';
import { cachedEvent, caughtEntry, clonedEvent, failedEntry, succeededEntry } from './outcome-events.ts';
import type { Elements, RunPorts } from './ports.ts';
import type { Progress } from './progress.ts';

type Success = TaskOutcome & { readonly ok: true };
type Failure = TaskOutcome & { readonly ok: false };
type TaskEnded = Progress & { readonly type: 'task-ended' };

/** Writes what happens into the journal, and tells watchers once it is there. Keeps the count for the summary. */
export class Recorder {
  private readonly said: Announcements;
  private readonly counts: Partial<Record<TaskStatus, number>> = {};
  /** How tasks that were not executed were counted: their results may turn out to be lost. */
  private readonly known = new Map<string, 'cached' | 'cloned'>();
  /** First failure, in one line. */
  private failure: string | undefined;
  private caughtErrors = 0;
  private cancelled = false;
  /** Ms that executing the tasks took whose results were there. */
  private saved = 0;

  constructor(private readonly ports: RunPorts) {
    this.said = new Announcements(ports.onProgress);
    ports.journal.onFlushed((sequence) => this.said.release(sequence));
    ports.journal.onWarning((message) => this.warn(message));
  }

  /** How many results wait for the journal. */
  get unwritten(): number {
    return this.said.pending;
  }

  started(job: Job, { task, label }: TaskNames, lasting: boolean): void {
    const { attempt } = job;
    if (lasting) this.ports.journal.append({ type: 'task-started', at: this.ports.clock.now(), task, attempt });
    const { step, why } = job;
    this.said.say({
      type: 'task-started',
      step: step.name,
      task,
      label,
      attempt,
      scope: step.scope,
      ...(why && { why }),
    });
  }

  expanded(step: GraphStep, frame: Frame, { labels, digests }: Elements): void {
    const { task, label } = namesOf(step, frame);
    const parent = step.parents[0] ?? 'init';
    this.ports.journal.append({
      ...{ type: 'foreach-expanded', at: this.ports.clock.now(), step: task, parent, labels },
      digests: digests.map(shortDigest),
    });
    this.said.say({ type: 'step-expanded', step: step.name, label, count: labels.length, scope: step.scope });
  }

  /** `record`: other runs may use the result. */
  succeeded(job: Job, { task, label }: TaskNames, outcome: Success, record?: PageRecord): References {
    const { event, bytes, writes } = succeededEntry(task, job.attempt, outcome, this.ports.clock.now(), job.why);
    const sequence = this.ports.journal.append(event, bytes, record);
    if (job.step.name === 'init') return writes;
    if (job.again) this.count(this.known.get(task) ?? 'succeeded', -1);
    this.known.delete(task);
    this.count('succeeded');
    this.ended(sequence, job, { task, label, status: 'succeeded', ms: outcome.ms, writes: sizesOf(writes) });
    return writes;
  }

  /** It was not executed: a run before had done it, or its result was there. */
  taken(job: Job, names: TaskNames, result: CacheEntry | OriginTask): void {
    this.known.set(names.task, 'from' in result ? 'cloned' : 'cached');
    if ('from' in result) this.cloned(job, names, result);
    else this.cached(job, names, result);
  }

  private cached(job: Job, { task, label }: TaskNames, entry: CacheEntry): void {
    const sequence = this.ports.journal.append(cachedEvent(task, entry, this.ports.clock.now()));
    this.count('cached');
    this.saved += entry.ms;
    this.ended(sequence, job, {
      task,
      label,
      status: 'cached',
      ms: entry.ms,
      from: pathOf(entry),
      writes: sizesOf(entry.writes),
    });
  }

  private cloned(job: Job, { task, label }: TaskNames, kept: OriginTask): void {
    const sequence = this.ports.journal.append(clonedEvent(task, kept, this.ports.clock.now()));
    if (job.step.name === 'init') return;
    this.count('cloned');
    if (kept.caught) this.caughtErrors++;
    this.ended(sequence, job, {
      ...{ task, label, status: 'cloned', ms: kept.ms, from: kept.from },
      writes: sizesOf(kept.writes),
    });
  }

  warn(message: string): void {
    this.said.say({ type: 'warning', message });
  }

  /** The last attempt failed, and the step's `catch` keeps the error as the artifact `name`. */
  caught(job: Job, outcome: Failure, name: string, artifact: WrittenArtifact): References {
    const { task, label } = namesOf(job.step, job.frame);
    const { event, bytes, writes } = caughtEntry(
      task,
      job.attempt,
      outcome,
      { [name]: artifact },
      this.ports.clock.now(),
    );
    const sequence = this.ports.journal.append(event, bytes);
    this.count('succeeded');
    this.caughtErrors++;
    const { ms, error } = outcome;
    this.ended(sequence, job, { task, label, status: 'succeeded', ms, error, caught: name, writes: sizesOf(writes) });
    return writes;
  }

  failed(job: Job, outcome: Failure, retrying: boolean): void {
    const { task, label } = namesOf(job.step, job.frame);
    const { event, bytes } = failedEntry(task, job.attempt, outcome, this.ports.clock.now(), retrying, job.why);
    const sequence = this.ports.journal.append(event, bytes);
    const status = outcome.cancelled ? 'cancelled' : retrying ? 'retrying' : 'failed';
    if (status !== 'retrying' && job.step.name !== 'init') this.count(status);
    if (status === 'failed') this.failure ??= oneLine(label, outcome.error);
    if (status === 'cancelled') this.cancelled = true;
    this.ended(sequence, job, { task, label, status, ms: outcome.ms, error: outcome.error });
  }

  skipped(step: GraphStep, frame: Frame, reason: string): void {
    const { task, label } = namesOf(step, frame);
    const sequence = this.ports.journal.append({ type: 'task-skipped', at: this.ports.clock.now(), task, reason });
    this.count('skipped');
    this.said.sayWhenDurable(sequence, {
      type: 'task-skipped',
      step: step.name,
      task,
      label,
      reason,
      scope: step.scope,
    });
  }

  readonly log = (line: TaskLogLine): void => {
    this.said.say({ type: 'log', ...line });
  };

  /** `unfinished`: the run was stopped while there was still something to do. */
  summary(unfinished: boolean): RunSummary {
    const status = this.failure !== undefined ? 'failed' : unfinished || this.cancelled ? 'cancelled' : 'succeeded';
    return {
      status,
      endedAt: this.ports.clock.now(),
      counts: { ...this.counts },
      ...(this.caughtErrors > 0 && { caught: this.caughtErrors }),
      ...(this.failure !== undefined && { failure: this.failure }),
      ...(this.saved > 0 && { metrics: { savedMs: Math.round(this.saved) } }),
    };
  }

  private ended(sequence: number, job: Job, what: Omit<TaskEnded, 'type' | 'step' | 'attempt'>): void {
    this.said.sayWhenDurable(sequence, { type: 'task-ended', step: job.step.name, attempt: job.attempt, ...what });
  }

  private count(status: TaskStatus, by = 1): void {
    const count = (this.counts[status] ?? 0) + by;
    if (count > 0) this.counts[status] = count;
    else delete this.counts[status];
  }
}

function oneLine(label: string, error: StoredError): string {
  return `${label}: ${error.name}: ${error.message.split('\n', 1)[0] ?? ''}`;
}

function sizesOf(writes: References): Record<string, number> {
  const sizes: Record<string, number> = Object.create(null);
  for (const name in writes) sizes[name] = writes[name]?.size ?? 0;
  return sizes;
}
