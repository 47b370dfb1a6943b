import { parseReason, type RunView, type TaskView } from '@varve/core/app';
import { isNoNews, reasonText, type ShownReason } from './reason.ts';
import { ReasonTally } from './reason-tally.ts';
import { plain } from './text.ts';

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
