import type { References, RunSummary, StoredError, TaskOutcome, TaskStatus } from '../contract/index.ts';
import type { GraphStep } from '../flow/index.ts';
import { Announcements } from './announcements.ts';
import type { Frame } from './frame.ts';
import { type Job, namesOf } from './job-queue.ts';
import { failedEntry, succeededEntry } from './outcome-events.ts';
import type { RunPorts } from './ports.ts';

/** Writes what happens into the journal, and tells watchers once it is there. Keeps the count for the summary. */
export class Recorder {
  private readonly said: Announcements;
  private readonly counts: Partial<Record<TaskStatus, number>> = {};
  /** First failure, in one line. */
  failure: string | undefined;

  constructor(private readonly ports: RunPorts) {
    this.said = new Announcements(ports.onProgress);
    ports.journal.onFlushed((sequence) => this.said.release(sequence));
  }

  /** How many results wait for the journal. */
  get unwritten(): number {
    return this.said.pending;
  }

  started(job: Job, task: string, label: string, lasting: boolean): void {
    const { attempt } = job;
    if (lasting) this.ports.journal.append({ type: 'task-started', at: this.ports.clock.now(), task, attempt });
    this.said.say({ type: 'task-started', step: job.step.name, task, label, attempt, scope: job.step.scope });
  }

  expanded(step: GraphStep, frame: Frame, labels: readonly string[]): void {
    const { task, label } = namesOf({ step, frame });
    const parent = step.parents[0] ?? 'init';
    this.ports.journal.append({ type: 'foreach-expanded', at: this.ports.clock.now(), step: task, parent, labels });
    this.said.say({ type: 'step-expanded', step: step.name, label, count: labels.length, scope: step.scope });
  }

  succeeded(job: Job, outcome: TaskOutcome & { ok: true }): References {
    const { task, label } = namesOf(job);
    const { event, bytes, writes } = succeededEntry(task, job.attempt, outcome, this.ports.clock.now());
    const sequence = this.ports.journal.append(event, bytes);
    if (job.step.name === 'init') return writes;
    this.count('succeeded');
    const sizes = Object.fromEntries(Object.entries(writes).map(([name, reference]) => [name, reference.size]));
    const { attempt } = job;
    this.said.sayWhenDurable(sequence, {
      type: 'task-ended',
      step: job.step.name,
      task,
      label,
      status: 'succeeded',
      attempt,
      ms: outcome.ms,
      writes: sizes,
    });
    return writes;
  }

  failed(job: Job, outcome: TaskOutcome & { ok: false }, retrying: boolean): void {
    const { task, label } = namesOf(job);
    const { event, bytes } = failedEntry(task, job.attempt, outcome, this.ports.clock.now(), retrying);
    const sequence = this.ports.journal.append(event, bytes);
    const status = outcome.cancelled ? 'cancelled' : retrying ? 'retrying' : 'failed';
    if (!retrying) this.count(outcome.cancelled ? 'cancelled' : 'failed');
    if (status === 'failed') this.failure ??= oneLine(label, outcome.error);
    const { attempt } = job;
    this.said.sayWhenDurable(sequence, {
      type: 'task-ended',
      step: job.step.name,
      task,
      label,
      status,
      attempt,
      ms: outcome.ms,
      error: outcome.error,
    });
  }

  skipped(step: GraphStep, frame: Frame, reason: string): void {
    const { task, label } = namesOf({ step, frame });
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

  log(line: {
    readonly task: string;
    readonly label: string;
    readonly stream: 'stdout' | 'stderr';
    readonly text: string;
  }): void {
    this.said.say({ type: 'log', ...line });
  }

  summary(stopped: boolean): RunSummary {
    const status = this.failure !== undefined ? 'failed' : stopped ? 'cancelled' : 'succeeded';
    const failure = this.failure === undefined ? {} : { failure: this.failure };
    return { status, endedAt: this.ports.clock.now(), counts: { ...this.counts }, ...failure };
  }

  private count(status: TaskStatus): void {
    this.counts[status] = (this.counts[status] ?? 0) + 1;
  }
}

function oneLine(label: string, error: StoredError): string {
  return `${label}: ${error.name}: ${error.message.split('\n', 1)[0] ?? ''}`;
}
