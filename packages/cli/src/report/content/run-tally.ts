import type { Progress } from '@varve/core';
import { isFirstResult, type ShownReason } from '../../print/reason.ts';
import type { StepStatus } from '../../print/status.ts';
import { StepTally } from './step-tally.ts';

type Event<T extends Progress['type']> = Progress & { type: T };

/** Folds the progress events of a run into one tally per step, in constant time per event. */
export class RunTally {
  /** In the order of the class. */
  readonly steps = new Map<string, StepTally>();
  started: Event<'run-started'> | undefined;
  ended: Event<'run-ended'> | undefined;
  startedAt = 0;
  /** Number of lines that tasks printed. */
  printed = 0;
  /** The first task that failed for good. */
  firstFailed: { readonly task: string; readonly label: string } | undefined;
  /** True while no task had an earlier result. */
  isNew = true;

  apply(progress: Progress, now: number): void {
    if (progress.type === 'run-started') this.begin(progress, now);
    else if (progress.type === 'step-expanded') this.expand(progress);
    else if (progress.type === 'task-started') this.start(progress, now);
    else if (progress.type === 'task-ended') this.end(progress, now);
    else if (progress.type === 'task-skipped') this.skip(progress);
    else if (progress.type === 'log') this.log(progress);
    else if (progress.type === 'run-ended') this.ended = progress;
  }

  /** Returns the tally of a step. Creates it for steps that were not announced, such as the virtual first one. */
  step(name: string): StepTally {
    const known = this.steps.get(name);
    if (known) return known;
    const fresh = new StepTally(name);
    this.steps.set(name, fresh);
    return fresh;
  }

  /** Number of tasks of a step to expect, as far as it is known. */
  expected(step: StepTally): number {
    const innermost = step.scope.at(-1);
    const known = innermost === undefined ? 1 : this.step(innermost).elements;
    return Math.max(known, step.finished + step.running.size);
  }

  /** True while further lists may add to `expected`. */
  isOpen(step: StepTally): boolean {
    const innermost = step.scope.at(-1);
    const outer = step.scope.at(-2);
    if (innermost === undefined || outer === undefined || this.ended) return false;
    const foreach = this.step(innermost);
    const around = this.step(outer);
    return this.isOpen(around) || foreach.lists + foreach.skipped < this.expected(around);
  }

  statusOf(step: StepTally): StepStatus {
    if (!this.ended) {
      if (step.running.size > 0) return 'running';
      if (step.retrying > 0) return 'retrying';
      if (step.finished < this.expected(step) || this.isOpen(step))
        return step.startedAt === undefined && step.cached === 0 ? 'waiting' : 'running';
    }
    if (step.failed > 0) return 'failed';
    if (step.cancelled > 0 || (this.ended && step.running.size + step.retrying > 0)) return 'cancelled';
    if (step.succeeded > 0) return 'succeeded';
    if (step.cached > 0) return 'cached';
    return step.skipped > 0 || step.lists > 0 ? 'skipped' : 'waiting';
  }

  /** False for reasons that are obvious in a first run. */
  readonly isNotable = (reason: ShownReason): boolean =>
    !(this.isNew && this.started?.number === 1 && isFirstResult(reason));

  private begin(progress: Event<'run-started'>, now: number): void {
    this.started = progress;
    this.startedAt = now;
    for (const name of progress.steps) this.step(name);
  }

  private expand({ step: name, count, scope }: Event<'step-expanded'>): void {
    const step = this.step(name);
    step.scope = scope;
    step.elements += count;
    step.lists++;
  }

  private start({ step: name, task, label, attempt, scope, why }: Event<'task-started'>, now: number): void {
    const step = this.step(name);
    step.scope = scope;
    step.start(task, { label, attempt, since: now });
    if (!why) return;
    const isMadeAgain = why.code === 'BLOB_MISSING';
    if (isMadeAgain && step.cached > 0) step.cached--;
    if (isMadeAgain || attempt === 1) step.reasons.add(why);
    if (!isFirstResult(why) && !isByDesign(why)) this.isNew = false;
  }

  private end(progress: Event<'task-ended'>, now: number): void {
    const { status, task, label, ms, error, caught, writes = {}, from } = progress;
    const step = this.step(progress.step);
    if (status === 'cached' || status === 'cloned') {
      this.isNew = false;
      step.scope = progress.scope ?? step.scope;
      step.hit(from?.split('/').slice(0, 2).join('/'), status === 'cloned');
      step.addSizes(writes);
      return;
    }
    step.stop(task, now);
    step[status]++;
    if (error) step.lastError = error;
    if (status === 'retrying') return;
    if (status === 'failed' && step.name !== 'init') this.firstFailed ??= { task, label };
    step.work += ms;
    if (caught !== undefined) {
      step.caught++;
      step.caughtIn = caught;
    }
    if (status === 'succeeded') step.keep({ task, label, ms });
    step.addSizes(writes);
  }

  private skip({ step: name, reason, scope }: Event<'task-skipped'>): void {
    const step = this.step(name);
    step.scope = scope;
    step.skipped++;
    step.reason ??= reason;
  }

  private log({ task, text }: Event<'log'>): void {
    const bracket = task.indexOf('[');
    this.step(bracket < 0 ? task : task.slice(0, bracket)).lastLog = text;
    this.printed++;
  }
}

/** The reason holds in every run. */
function isByDesign({ code }: ShownReason): boolean {
  return code === 'DISABLED' || code === 'IMPURE';
}
