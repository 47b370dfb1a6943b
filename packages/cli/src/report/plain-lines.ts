import type { Progress } from '@varve/core/app';
import { shortError } from '../print/error.ts';
import { duration, type Paint } from '../print/format.ts';
import { plain } from '../print/text.ts';
import { timeLeft } from './content/estimate.ts';
import { describeFailure } from './content/failures.ts';
import { nextCommands } from './content/next-commands.ts';
import type { RunTally } from './content/run-tally.ts';
import { hitsText, reasonNotes } from './content/step-notes.ts';
import { MANY, type StepTally } from './content/step-tally.ts';
import { countsText, grouped, headline, sizesText } from './content/wording.ts';
import { glyph } from './glyph.ts';
import { Quota } from './quota.ts';

type Event<T extends Progress['type']> = Progress & { type: T };

/** Something to be said, on one line or more; `important` is said also when only little is wanted. */
export interface Saying {
  readonly lines: readonly string[];
  readonly important?: boolean;
}

/** Most sayings of one kind about one step: failures, repeated attempts, skipped and stopped tasks. */
const SAID_OF_A_KIND = 20;
/** So many times a wide foreach says how far it is. */
const MARKS = 10;

/** Turns what a run tells into lines for a log; a wide foreach makes no more of them than a narrow one. */
export class PlainLines {
  private readonly quota = new Quota(SAID_OF_A_KIND);
  private readonly marks = new Map<StepTally, number>();
  private readonly hitsSaid = new Set<StepTally>();

  constructor(
    private readonly run: RunTally,
    private readonly paint: Paint,
  ) {}

  /** To be asked right after `run` has counted the event. */
  of(progress: Progress, now: number): Saying[] {
    const { paint } = this;
    if (progress.type === 'run-started') return [{ lines: [headline(progress, paint)] }];
    if (progress.type === 'step-expanded')
      return progress.count > 0 ? [] : [this.say('skipped', progress.label, 'nothing to do: the list is empty')];
    if (progress.type === 'task-started') return this.started(progress);
    if (progress.type === 'task-ended') return [...this.ended(progress), ...this.advanced(progress.step, now)];
    if (progress.type === 'task-skipped') return [...this.skipped(progress), ...this.advanced(progress.step, now)];
    if (progress.type === 'warning')
      return [{ lines: [`${paint('yellow', '!')} ${plain(progress.message)}`], important: true }];
    if (progress.type !== 'run-ended') return [];
    const left = [...this.run.steps.values()].flatMap((step) => this.hits(step));
    const outcome = { lines: [countsText(progress, paint)], important: true };
    if (progress.status === 'succeeded') return [...left, outcome];
    return [...left, outcome, { lines: [paint('dim', `→ ${nextCommands(this.run).join(' · ')}`)] }];
  }

  private advanced(name: string, now: number): Saying[] {
    return [...this.mark(name, now), ...this.hits(this.run.step(name))];
  }

  private say(status: Parameters<typeof glyph>[0], label: string, text: string): Saying {
    return { lines: [`${glyph(status, this.paint)} ${plain(label)}  ${text}`.trimEnd()] };
  }

  /** Each step once. */
  private started({ step: name }: Event<'task-started'>): Saying[] {
    const step = this.run.step(name);
    if (this.marks.has(step)) return [];
    this.marks.set(step, 0);
    const count = step.isForeach ? `, ${grouped(this.run.expected(step))} elements` : '';
    const reason = reasonNotes(step, this.run).map((text) => `   ${text}`);
    return [this.say('running', name, `started${count}${reason}`)];
  }

  /** The hits of a step in one line: when all its tasks are through, or the run ends without them. */
  private hits(step: StepTally): Saying[] {
    if (step.cached === 0 || this.hitsSaid.has(step)) return [];
    if (!this.run.ended && (step.finished < this.run.expected(step) || this.run.isOpen(step))) return [];
    this.hitsSaid.add(step);
    return [this.say('cached', step.name, hitsText(step, this.run))];
  }

  private ended(progress: Event<'task-ended'>): Saying[] {
    const { status, label, ms, attempt, error, caught, writes = {} } = progress;
    if (status === 'failed') return this.failed(progress);
    if (status === 'cached' || status === 'cloned') return [];
    const why = error ? `: ${shortError(error)}` : '';
    if (status === 'retrying') {
      return this.limited(progress, [
        this.say(status, label, `${duration(ms)}  attempt ${attempt} failed, will try again${why}`),
      ]);
    }
    if (status === 'cancelled') return this.limited(progress, [this.say(status, label, 'stopped')]);
    if (caught !== undefined) {
      const text = `${duration(ms)}  error kept in ${plain(caught)}${why}`;
      return this.limited({ ...progress, status: 'caught' }, [this.say(status, label, text)]);
    }
    if (this.isWide(progress.step)) return [];
    return [this.say(status, label, `${duration(ms)}   ${sizesText(Object.entries(writes))}`)];
  }

  private failed(progress: Event<'task-ended'>): Saying[] {
    const { title, lines } = describeFailure(progress, this.paint);
    return this.limited(progress, [{ lines: [title.trimStart(), ...lines], important: true }]);
  }

  private skipped(progress: Event<'task-skipped'>): Saying[] {
    return this.limited({ ...progress, status: 'skipped' }, [
      this.say('skipped', progress.label, `skipped: ${plain(progress.reason)}`),
    ]);
  }

  /** What goes over the quota is counted, and that is said once. */
  private limited({ step, status }: { readonly step: string; readonly status: string }, sayings: Saying[]): Saying[] {
    const allowed = this.quota.take(`${step} ${status}`);
    if (allowed === 'no') return [];
    const rest = { lines: [this.paint('dim', `  from here on, ${status} tasks of ${plain(step)} are only counted`)] };
    return allowed === 'last' ? [...sayings, rest] : sayings;
  }

  private isWide(name: string): boolean {
    const step = this.run.step(name);
    return step.isForeach && this.run.expected(step) > MANY;
  }

  /** How far a wide foreach is, each time another tenth of it is done. */
  private mark(name: string, now: number): Saying[] {
    const step = this.run.step(name);
    if (!this.isWide(name) || step.startedAt === undefined) return [];
    const expected = this.run.expected(step);
    const tenths = Math.floor((step.finished / expected) * MARKS);
    if (tenths <= (this.marks.get(step) ?? 0)) return [];
    this.marks.set(step, tenths);
    const status = this.run.statusOf(step);
    const left = timeLeft(step, expected - step.finished, now);
    const parts = [
      `${grouped(step.finished)}/${grouped(expected)}`,
      duration(now - step.startedAt),
      ...(left === undefined ? [] : [`~${duration(left)} left`]),
      ...(step.failed > 0 ? [`${grouped(step.failed)} failed`] : []),
    ];
    const reason = reasonNotes(step, this.run).map((text) => ` · ${text}`);
    return [this.say(status, name, `${parts.join('  ')}${reason}`)];
  }
}
