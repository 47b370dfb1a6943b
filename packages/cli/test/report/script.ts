import type { Progress } from '@varve/core';
import type { StoredError } from '@varve/core/contract';

type Event<T extends Progress['type']> = Progress & { type: T };
type Summary = Event<'run-ended'>['summary'];

/** Emits progress events of a made-up run like the scheduler. */
export class Script {
  constructor(private readonly tell: (progress: Progress) => void) {}

  begin(steps: readonly string[], parameters: Readonly<Record<string, string>> = {}, number = 3): void {
    this.tell({ type: 'run-started', flow: 'Penguins', number, id: '01run', parameters, steps });
  }

  expand(
    step: string,
    count: number,
    { scope = [step], label = step }: { scope?: readonly string[]; label?: string } = {},
  ): void {
    this.tell({ type: 'step-expanded', step, label, count, scope });
  }

  start(
    label: string,
    { attempt = 1, task = label, scope = scopeOf(label), why }: Partial<Event<'task-started'>> = {},
  ): void {
    this.tell({ type: 'task-started', step: stepOf(label), task, label, attempt, scope, ...(why && { why }) });
  }

  end(label: string, more: Partial<Event<'task-ended'>> = {}): void {
    this.tell({
      type: 'task-ended',
      step: stepOf(label),
      task: label,
      label,
      status: 'succeeded',
      attempt: 1,
      ms: 100,
      ...more,
    });
  }

  /** Emits a cache hit. */
  hit(label: string, from: string, ms = 10): void {
    this.end(label, { status: 'cached', ms, from, scope: scopeOf(label) });
  }

  fail(label: string, error: StoredError, attempt = 1): void {
    this.end(label, { status: 'failed', error, attempt });
  }

  skip(label: string, reason: string): void {
    this.tell({ type: 'task-skipped', step: stepOf(label), task: label, label, reason, scope: scopeOf(label) });
  }

  log(label: string, text: string): void {
    this.tell({ type: 'log', task: label, label, stream: 'stdout', text });
  }

  warn(message: string): void {
    this.tell({ type: 'warning', message });
  }

  finish(status: Summary['status'], ms: number, counts: Summary['counts'], more: Partial<Summary> = {}): void {
    this.tell({ type: 'run-ended', status, ms, summary: { status, endedAt: 0, counts, ...more } });
  }
}

function stepOf(label: string): string {
  return label.split('[', 1)[0] ?? label;
}

function scopeOf(label: string): string[] {
  return label.includes('[') ? [stepOf(label)] : [];
}

/** An error thrown in this file, so that its line can be shown. */
export function thrownHere(message: string): StoredError {
  const { name, stack = '' } = new TypeError(message); // at fault
  return { name, message, code: 'ENOENT', stack };
}
