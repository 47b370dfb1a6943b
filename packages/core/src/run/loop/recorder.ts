import { type CacheEntry, pathOf } from '../../cache/index.ts';
import type {
  References,
  RunSummary,
  StoredError,
  TaskLogLine,
  TaskStatus,
  WrittenArtifact,
} from '../../contract/index.ts';
import type { GraphStep } from '../../flow/index.ts';
import { type ForeachFrame, namesOf, type TaskNames } from '../plan/frame.ts';
import type { Failure, Job, Success } from '../plan/job.ts';
import type { Elements, ForOthers, Progress, ProgressListener, RunPorts } from '../plan/ports.ts';
import { type OriginTask, shortDigest } from '../plan/resume-source.ts';
import { storedTokens } from '../reuse/ambient-look.ts';
import { cachedEvent, caughtEntry, clonedEvent, failedEntry, succeededEntry } from './outcome-events.ts';

type TaskEnded = Progress & { readonly type: 'task-ended' };

/** Writes what happens to the journal, reports it as progress once it is durable, and counts for the summary. */
export class Recorder {
  private readonly notifier: DurableNotifier;
  private readonly counts: Partial<Record<TaskStatus, number>> = {};
  /** First failure, in one line. */
  private failure: string | undefined;
  private caughtErrors = 0;
  private cancelled = false;
  private readonly saved = new SavedTime();

  constructor(private readonly ports: RunPorts) {
    this.notifier = new DurableNotifier(ports.onProgress);
    ports.journal.onFlushed((sequence) => this.notifier.release(sequence));
    ports.journal.onWarning((message) => this.warn(message));
  }

  /** Number of results that wait for the journal. */
  get unwritten(): number {
    return this.notifier.pending;
  }

  /** Only the start of a long task is worth an event in the journal. */
  started(job: Job, { task, label }: TaskNames, isLong: boolean): void {
    const { attempt } = job;
    if (isLong) this.ports.journal.append({ type: 'task-started', at: this.ports.clock.now(), task, attempt });
    const { step, why } = job;
    this.notifier.notify({
      type: 'task-started',
      step: step.name,
      task,
      label,
      attempt,
      scope: step.scope,
      ...(why && { why }),
    });
  }

  expanded(step: GraphStep, frame: ForeachFrame, { labels, digests }: Elements): void {
    const { task, label } = namesOf(step, frame);
    const parent = step.parents[0] ?? 'init';
    this.saved.addStep(step);
    this.ports.journal.append({
      ...{ type: 'foreach-expanded', at: this.ports.clock.now(), step: task, parent, labels },
      digests: digests.map(shortDigest),
    });
    this.notifier.notify({ type: 'step-expanded', step: step.name, label, count: labels.length, scope: step.scope });
  }

  /** `known`: makes the result known to other runs, or says why not. */
  succeeded(job: Job, { task, label }: TaskNames, outcome: Success, known: ForOthers = {}): References {
    const { record, unkept } = known;
    const ambient = storedTokens(outcome.ambient, this.ports.ambient);
    const { event, bytes, writes } = succeededEntry(task, job.attempt, outcome, this.ports.clock.now(), ambient, {
      why: job.why,
      unkept,
    });
    const sequence = this.ports.journal.append(event, bytes, record);
    if (job.step.name === 'init') return writes;
    if (job.rerun) this.uncount(job);
    this.count('succeeded');
    this.saved.add(job, task, outcome.ms, false);
    this.ended(sequence, job, { task, label, status: 'succeeded', ms: outcome.ms, writes: sizesOf(writes) });
    return writes;
  }

  /** The task was not executed: the cache or the resumed run had its result. */
  known(job: Job, { task, label }: TaskNames, result: CacheEntry | OriginTask): void {
    const now = this.ports.clock.now();
    const origin = 'from' in result ? result : undefined;
    const event = 'from' in result ? clonedEvent(task, result, now) : cachedEvent(task, result, now);
    const sequence = this.ports.journal.append(event);
    if (job.step.name === 'init') return;
    const status = origin ? 'cloned' : 'cached';
    this.count(status);
    if (origin?.caught) this.caughtErrors++;
    if (!origin) this.saved.add(job, task, result.ms, true);
    const from = 'from' in result ? result.from : pathOf(result);
    const { scope } = job.step;
    this.ended(sequence, job, { task, label, status, ms: result.ms, from, scope, writes: sizesOf(result.writes) });
  }

  warn(message: string): void {
    this.notifier.notify({ type: 'warning', message });
  }

  /** The last attempt failed, and the step's `catch` stored the error as the artifact `name`. */
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
    if (status !== 'retrying' && job.rerun) this.uncount(job);
    if (status !== 'retrying' && job.step.name !== 'init') this.count(status);
    if (status === 'failed') this.failure ??= oneLine(label, outcome.error);
    if (status === 'cancelled') this.cancelled = true;
    this.ended(sequence, job, { task, label, status, ms: outcome.ms, error: outcome.error });
  }

  skipped(step: GraphStep, frame: ForeachFrame, reason: string): void {
    const { task, label } = namesOf(step, frame);
    const sequence = this.ports.journal.append({ type: 'task-skipped', at: this.ports.clock.now(), task, reason });
    this.count('skipped');
    this.saved.addStep(step);
    this.notifier.notifyWhenDurable(sequence, {
      type: 'task-skipped',
      step: step.name,
      task,
      label,
      reason,
      scope: step.scope,
    });
  }

  readonly log = (line: TaskLogLine): void => {
    this.notifier.notify({ type: 'log', ...line });
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
    this.notifier.notifyWhenDurable(sequence, {
      type: 'task-ended',
      step: job.step.name,
      attempt: job.attempt,
      ...what,
    });
  }

  /** Takes back the count of a task that is executed again. */
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

/** Holds progress back until the journal holds what it reports. */
class DurableNotifier {
  private readonly waiting: { readonly sequence: number; readonly progress: Progress }[] = [];
  private head = 0;

  constructor(private readonly listener: ProgressListener) {}

  /** Reports at once. */
  notify(progress: Progress): void {
    this.listener(progress);
  }

  /** Reports when everything up to `sequence` is durable. */
  notifyWhenDurable(sequence: number, progress: Progress): void {
    this.waiting.push({ sequence, progress });
  }

  release(sequence: number): void {
    for (let next = this.waiting[this.head]; next && next.sequence <= sequence; next = this.waiting[this.head]) {
      this.head++;
      this.listener(next.progress);
    }
    if (this.head > 1024 && this.head * 2 > this.waiting.length) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
  }

  /** Number of results that wait for the journal. */
  get pending(): number {
    return this.waiting.length - this.head;
  }
}

interface Timed extends TaskTime {
  readonly cached: boolean;
}

/** Measures the time saved by cached results. */
class SavedTime {
  private readonly steps = new Map<string, GraphStep>();
  private readonly tasks = new Map<string, Timed>();
  private hits = 0;

  /** Adds a task that succeeded. `ms`: wall time of its execution, now or in an earlier run. */
  add({ step, frame }: Job, task: string, ms: number, cached: boolean): void {
    this.steps.set(step.name, step);
    this.tasks.set(task, { step: step.name, path: frame.path, ms, cached });
    if (cached) this.hits++;
  }

  /** Adds a step that may have no tasks, such as a foreach over an empty list. */
  addStep(step: GraphStep): void {
    this.steps.set(step.name, step);
  }

  /** `savedMs`: time of all tasks that were not executed. `savedCriticalMs`: the share of it on the critical path. */
  metrics(): { readonly savedMs: number; readonly savedCriticalMs: number } | undefined {
    if (this.hits === 0) return undefined;
    const all = [...this.tasks.values()];
    const savedMs = all.reduce((sum, { ms, cached }) => sum + (cached ? ms : 0), 0);
    const executed = all.map((one) => (one.cached ? { ...one, ms: 0 } : one));
    const sooner = criticalPath(this.steps, all) - criticalPath(this.steps, executed);
    return { savedMs: Math.round(savedMs), savedCriticalMs: Math.round(sooner) };
  }
}

/** The part of a step that the critical path depends on. */
export type PathStep = Pick<GraphStep, 'name' | 'kind' | 'parents'>;

/** Wall time of one task. */
export interface TaskTime {
  readonly step: string;
  /** Element index of each foreach around it, outermost first. */
  readonly path: readonly number[];
  readonly ms: number;
}

/**
 * Length of the critical path in ms: the shortest time in which these tasks can run, each after those it waits for, with
 * room for all at once. Tasks come parents first. A step without tasks, skipped or over an empty list, takes no time.
 */
export function criticalPath(steps: ReadonlyMap<string, PathStep>, tasks: Iterable<TaskTime>): number {
  const ends = new Ends(steps);
  let longest = 0;
  for (const task of tasks) longest = Math.max(longest, ends.add(task));
  return longest;
}

class Ends {
  private readonly ofTask = new Map<string, number>();
  /** Latest end of all tasks of a step inside one element of the foreach around it: a join waits for it. */
  private readonly ofGroup = new Map<string, number>();

  constructor(private readonly steps: ReadonlyMap<string, PathStep>) {}

  add({ step, path, ms }: TaskTime): number {
    const end = this.startOf(step, path) + ms;
    this.ofTask.set(keyOf(step, path), end);
    const group = keyOf(step, path.slice(0, -1));
    if (path.length > 0) this.ofGroup.set(group, Math.max(end, this.ofGroup.get(group) ?? 0));
    return end;
  }

  private startOf(name: string, path: readonly number[]): number {
    const step = this.steps.get(name);
    return (step?.parents ?? []).reduce((most, parent) => Math.max(most, this.endBefore(step, parent, path)), 0);
  }

  private endBefore(step: PathStep | undefined, parent: string, path: readonly number[]): number {
    if (step?.kind === 'foreach') return this.endOf(parent, path.slice(0, -1));
    if (step?.kind !== 'foreach-join') return this.endOf(parent, path);
    return this.ofGroup.get(keyOf(parent, path)) ?? this.startOf(parent, [...path, 0]);
  }

  private endOf(name: string, path: readonly number[]): number {
    return this.ofTask.get(keyOf(name, path)) ?? this.startOf(name, path);
  }
}

function keyOf(step: string, path: readonly number[]): string {
  return `${step} ${path.join()}`;
}
