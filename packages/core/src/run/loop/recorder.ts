import { type CacheEntry, pathOf } from '../../cache/entry.ts';
import type { PageRecord } from '../../cache/page-writer.ts';
import type {
  References,
  RunSummary,
  StoredError,
  TaskLogLine,
  TaskOutcome,
  TaskStatus,
  WrittenArtifact,
} from '../../contract/index.ts';
import type { GraphStep } from '../../flow/describe/graph.ts';
import { type Frame, namesOf, type TaskNames } from '../plan/frame.ts';
import type { Job } from '../plan/job-queue.ts';
import type { Elements, RunPorts } from '../plan/ports.ts';
import type { Progress } from '../plan/progress.ts';
import { type OriginTask, shortDigest } from '../plan/resume-source.ts';
import { Announcements } from './announcements.ts';
import { cachedEvent, caughtEntry, clonedEvent, failedEntry, succeededEntry } from './outcome-events.ts';
import { SavedTime } from './saved-time.ts';

type Success = TaskOutcome & { readonly ok: true };
type Failure = TaskOutcome & { readonly ok: false };
type TaskEnded = Progress & { readonly type: 'task-ended' };

/** Writes what happens into the journal, and tells watchers once it is there. Keeps the count for the summary. */
export class Recorder {
  private readonly said: Announcements;
  private readonly counts: Partial<Record<TaskStatus, number>> = {};
  /** First failure, in one line. */
  private failure: string | undefined;
  private caughtErrors = 0;
  private cancelled = false;
  private readonly saved = new SavedTime();

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
    this.saved.pass(step);
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
    if (job.again) this.uncount(job);
    this.count('succeeded');
    this.saved.add(job, task, outcome.ms, false);
    this.ended(sequence, job, { task, label, status: 'succeeded', ms: outcome.ms, writes: sizesOf(writes) });
    return writes;
  }

  /** It was not executed: a run before had done it, or its result was there. */
  known(job: Job, { task, label }: TaskNames, result: CacheEntry | OriginTask): void {
    const now = this.ports.clock.now();
    const kept = 'from' in result ? result : undefined;
    const event = 'from' in result ? clonedEvent(task, result, now) : cachedEvent(task, result, now);
    const sequence = this.ports.journal.append(event);
    if (job.step.name === 'init') return;
    const status = kept ? 'cloned' : 'cached';
    this.count(status);
    if (kept?.caught) this.caughtErrors++;
    if (!kept) this.saved.add(job, task, result.ms, true);
    const from = 'from' in result ? result.from : pathOf(result);
    const { scope } = job.step;
    this.ended(sequence, job, { task, label, status, ms: result.ms, from, scope, writes: sizesOf(result.writes) });
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
    this.saved.add(job, task, ms, false);
    this.ended(sequence, job, { task, label, status: 'succeeded', ms, error, caught: name, writes: sizesOf(writes) });
    return writes;
  }

  failed(job: Job, outcome: Failure, retrying: boolean): void {
    const { task, label } = namesOf(job.step, job.frame);
    const { event, bytes } = failedEntry(task, job.attempt, outcome, this.ports.clock.now(), retrying, job.why);
    const sequence = this.ports.journal.append(event, bytes);
    const status = outcome.cancelled ? 'cancelled' : retrying ? 'retrying' : 'failed';
    if (status !== 'retrying' && job.again) this.uncount(job);
    if (status !== 'retrying' && job.step.name !== 'init') this.count(status);
    if (status === 'failed') this.failure ??= oneLine(label, outcome.error);
    if (status === 'cancelled') this.cancelled = true;
    this.ended(sequence, job, { task, label, status, ms: outcome.ms, error: outcome.error });
  }

  skipped(step: GraphStep, frame: Frame, reason: string): void {
    const { task, label } = namesOf(step, frame);
    const sequence = this.ports.journal.append({ type: 'task-skipped', at: this.ports.clock.now(), task, reason });
    this.count('skipped');
    this.saved.pass(step);
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
    const metrics = this.saved.metrics();
    return {
      status,
      endedAt: this.ports.clock.now(),
      counts: { ...this.counts },
      ...(this.caughtErrors > 0 && { caught: this.caughtErrors }),
      ...(this.failure !== undefined && { failure: this.failure }),
      ...(metrics && { metrics }),
    };
  }

  private ended(sequence: number, job: Job, what: Omit<TaskEnded, 'type' | 'step' | 'attempt'>): void {
    this.said.sayWhenDurable(sequence, { type: 'task-ended', step: job.step.name, attempt: job.attempt, ...what });
  }

  /** A task that is executed again ends in another way now. */
  private uncount({ known }: Job): void {
    const before = known ?? 'succeeded';
    this.count(before, -1);
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
