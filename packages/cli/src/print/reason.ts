import type { RunView, TaskView } from '@varve/client';
import { parseReason } from '@varve/core/internal';
import { plain } from './text.ts';

/** Why a task was executed: a code of the closed set, and the particulars. */
export interface ShownReason {
  readonly code: string;
  readonly text: string;
}

/** Words before the particulars, where these do not say enough alone. */
const BEFORE: Readonly<Record<string, string>> = {
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

/** A reason in one line: `code: normalize in lib/math.ts changed`. */
export function reasonText({ code, text }: ShownReason): string {
  if (code === 'FORCED') return 'forced';
  if (code === 'NO_RECORD' && text === 'first run') return 'no earlier result';
  return plain(`${BEFORE[code] ?? ''}${text}`);
}

/** How it is marked beside what it is the reason for. */
export function because(text: string): string {
  return `← ${text}`;
}

/** There never was a result for it: in a first run where nothing else is told that is no news. */
export function isNoNews({ code, text }: ShownReason): boolean {
  return code === 'NO_RECORD' && (text === 'first run' || text === 'new');
}

/** Different reasons kept of one step; more are only counted. */
const KEPT = 50;

/** The reasons for which the tasks of one step were executed, equal ones together. */
export class ReasonTally {
  private readonly counts = new Map<string, { readonly reason: ShownReason; count: number }>();

  add(reason: ShownReason): void {
    const key = `${reason.code} ${reason.text}`;
    const known = this.counts.get(key);
    if (known) known.count++;
    else if (this.counts.size < KEPT) this.counts.set(key, { reason, count: 1 });
  }

  /** The most frequent one that counts, and how many others there are. */
  main(
    counts: (reason: ShownReason) => boolean,
  ): { readonly reason: ShownReason; readonly others: number } | undefined {
    const all = [...this.counts.values()].filter(({ reason }) => counts(reason));
    const [first] = [...all].sort((a, b) => b.count - a.count);
    return first && { reason: first.reason, others: all.length - 1 };
  }
}

interface StepWhy {
  readonly reasons: ReasonTally;
  /** The runs whose results were used. */
  readonly origins: Set<string>;
}

/** Why the tasks of a run were executed, or whose results they have. */
export class Why {
  private readonly steps = new Map<string, StepWhy>();
  /** A first run, with nothing but tasks for which there never was a result. */
  private isNew: boolean;

  constructor(run: RunView) {
    this.isNew = run.number === 1;
    for (const { step, state } of run.tasks()) {
      const known = this.steps.get(step) ?? { reasons: new ReasonTally(), origins: new Set() };
      this.steps.set(step, known);
      if (state.from !== undefined) known.origins.add(state.from.split('/').slice(0, 2).join('/'));
      if (state.why !== undefined) known.reasons.add(parseReason(state.why));
      if (state.from !== undefined || (state.why !== undefined && !isNoNews(parseReason(state.why))))
        this.isNew = false;
    }
  }

  /** Of the column; empty when there is nothing to tell. */
  get title(): string {
    return this.isNew ? '' : 'WHY';
  }

  ofStep(step: string): string {
    const { reasons, origins } = this.steps.get(step) ?? { reasons: new ReasonTally(), origins: new Set<string>() };
    const main = reasons.main(this.isWorthSaying);
    const others = main && main.others > 0 ? ` +${main.others} more` : '';
    const texts = main ? [`${reasonText(main.reason)}${others}`] : [];
    const [origin] = origins;
    if (origin !== undefined) texts.push(origins.size === 1 ? `from ${plain(origin)}` : `from ${origins.size} runs`);
    return texts.join(' · ');
  }

  ofTask({ state }: TaskView): string {
    const reason = state.why === undefined ? undefined : parseReason(state.why);
    return reason && this.isWorthSaying(reason) ? reasonText(reason) : '';
  }

  private readonly isWorthSaying = (reason: ShownReason): boolean => !(this.isNew && isNoNews(reason));
}
