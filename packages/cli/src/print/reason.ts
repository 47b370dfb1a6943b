import type { RunView, TaskView } from '@varve/client';
import { parseReason } from '@varve/core/internal';
import { plain } from './text.ts';

/** Reason why a task was executed: a code of a closed set, and details. */
export interface ShownReason {
  readonly code: string;
  readonly text: string;
}

/** Prefixes of details that are not clear by themselves. */
const PREFIXES: Readonly<Record<string, string>> = {
  CODE: 'code: ',
  PACKAGE: 'package: ',
  ASSET: 'file: ',
  RUNTIME: 'runtime: ',
  INVALIDATED: 'withdrawn ',
  DISABLED: 'not cached: ',
  IMPURE: 'not cached: ',
  CORRUPT: 'damaged: ',
  UNAVAILABLE: 'no answer from the cache: ',
  LEASE_TIMEOUT: 'no answer from the cache: ',
};

/** The reason in one line: `code: normalize in lib/math.ts changed`. */
export function reasonText({ code, text }: ShownReason): string {
  if (code === 'FORCED') return 'forced';
  if (code === 'NO_RECORD' && text === 'first run') return 'no earlier result';
  return plain(`${PREFIXES[code] ?? ''}${text}`);
}

/** Marks a reason that stands beside a step. */
export function markReason(text: string): string {
  return `← ${text}`;
}

/** There never was a result. Not worth showing in a first run that has no other reasons. */
export function isFirstResult({ code, text }: ShownReason): boolean {
  return code === 'NO_RECORD' && (text === 'first run' || text === 'new');
}

/** Most distinct reasons to keep per step; further ones are dropped. */
const KEPT = 50;

/** Counts the reasons why the tasks of one step were executed. */
export class ReasonTally {
  private readonly counts = new Map<string, { readonly reason: ShownReason; count: number }>();

  add(reason: ShownReason): void {
    const key = `${reason.code} ${reason.text}`;
    const known = this.counts.get(key);
    if (known) known.count++;
    else if (this.counts.size < KEPT) this.counts.set(key, { reason, count: 1 });
  }

  /** The most frequent reason that passes the filter, and the number of other reasons that do. */
  main(
    counts: (reason: ShownReason) => boolean,
  ): { readonly reason: ShownReason; readonly others: number } | undefined {
    const all = [...this.counts.values()].filter(({ reason }) => counts(reason));
    const [first] = [...all].sort((a, b) => b.count - a.count);
    return first && { reason: first.reason, others: all.length - 1 };
  }
}

interface StepReasons {
  readonly reasons: ReasonTally;
  /** Runs whose results were reused. */
  readonly origins: Set<string>;
}

/** Reasons why the tasks of a run were executed, and the runs whose results were reused. */
export class RunReasons {
  private readonly steps = new Map<string, StepReasons>();
  /** True for a first run in which no task had an earlier result. */
  private isNew: boolean;

  constructor(run: RunView) {
    this.isNew = run.number === 1;
    for (const { step, state } of run.tasks()) {
      const known = this.steps.get(step) ?? { reasons: new ReasonTally(), origins: new Set() };
      this.steps.set(step, known);
      if (state.from !== undefined) known.origins.add(state.from.split('/').slice(0, 2).join('/'));
      if (state.why !== undefined) known.reasons.add(parseReason(state.why));
      if (state.from !== undefined || (state.why !== undefined && !isFirstResult(parseReason(state.why))))
        this.isNew = false;
    }
  }

  /** Title of the column; empty when all its cells are. */
  get title(): string {
    return this.isNew ? '' : 'WHY';
  }

  ofStep(step: string): string {
    const { reasons, origins } = this.steps.get(step) ?? { reasons: new ReasonTally(), origins: new Set<string>() };
    const main = reasons.main(this.isNotable);
    const others = main && main.others > 0 ? ` +${main.others} more` : '';
    const texts = main ? [`${reasonText(main.reason)}${others}`] : [];
    const [origin] = origins;
    if (origin !== undefined) texts.push(origins.size === 1 ? `from ${plain(origin)}` : `from ${origins.size} runs`);
    return texts.join(' · ');
  }

  ofTask({ state }: TaskView): string {
    const reason = state.why === undefined ? undefined : parseReason(state.why);
    return reason && this.isNotable(reason) ? reasonText(reason) : '';
  }

  private readonly isNotable = (reason: ShownReason): boolean => !(this.isNew && isFirstResult(reason));
}
