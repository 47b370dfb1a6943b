import type { Progress } from '@varve/core';
import { shortError } from '../print/error.ts';
import { duration, type Paint } from '../print/format.ts';
import { glyph } from '../print/status.ts';
import { logText, plain } from '../print/text.ts';
import { describeFailure } from './content/failures.ts';
import { nextCommands } from './content/next-commands.ts';
import { RunTally } from './content/run-tally.ts';
import { hitsText, reasonNotes } from './content/step-notes.ts';
import { MANY, type StepTally, timeLeft } from './content/step-tally.ts';
import { countsText, grouped, headline, sizesText } from './content/wording.ts';
import { Quota } from './quota.ts';
import type { Report, ReportClock } from './report.ts';

export interface PlainReportOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** Shows only failures, warnings and the last line. */
  readonly quiet: boolean;
  readonly clock: ReportClock;
}

/** After this time without output the running tasks are shown, ms. */
const SILENCE_MS = 30_000;
const CHECK_EVERY_MS = 1000;
const RUNNING_SHOWN = 6;

/** Writes one line per change, with the time; for logs, pipes and terminals that cannot move their cursor. */
export class PlainReport implements Report {
  private readonly run = new RunTally();
  private readonly lines: PlainLines;
  /** Time of the last line, ms since the Unix epoch. */
  private lastWrittenAt = 0;
  private stopTimer: () => void = () => {};

  constructor(private readonly options: PlainReportOptions) {
    this.lines = new PlainLines(this.run, options.paint);
  }

  readonly onProgress = (progress: Progress): void => {
    const { clock } = this.options;
    const now = clock.now();
    this.run.apply(progress, now);
    if (progress.type === 'log') this.log(progress);
    for (const message of this.lines.messagesOf(progress, now)) this.writeMessage(message);
    if (progress.type === 'run-started') this.stopTimer = clock.every(CHECK_EVERY_MS, () => this.showStillRunning());
    else if (progress.type === 'run-ended') this.close();
  };

  showMessage(text: string): void {
    this.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  close(): void {
    this.stopTimer();
    this.stopTimer = () => {};
  }

  private log({ label, text }: Progress & { type: 'log' }): void {
    if (!this.options.quiet) this.write(`${this.options.paint('dim', `${plain(label)} │`)} ${logText(text)}\n`);
  }

  private writeMessage({ lines, important = false }: Message): void {
    if (this.options.quiet && !important) return;
    const [first = '', ...more] = lines;
    const time = this.options.paint('dim', timeOfDay(this.options.clock.now()));
    this.write(`${[`${time} ${first}`, ...more].join('\n')}\n`);
  }

  private write(text: string): void {
    this.lastWrittenAt = this.options.clock.now();
    this.options.write(text);
  }

  private showStillRunning(): void {
    const now = this.options.clock.now();
    if (now - this.lastWrittenAt < SILENCE_MS) return;
    const texts: string[] = [];
    let running = 0;
    for (const step of this.run.steps.values()) {
      running += step.running.size;
      for (const { label, since } of step.running.values()) {
        if (texts.length === RUNNING_SHOWN) break;
        texts.push(`${plain(label)} ${duration(now - since)}`);
      }
    }
    const more = running > texts.length ? ` · ${grouped(running - texts.length)} more` : '';
    if (running > 0)
      this.writeMessage({ lines: [`${this.options.paint('cyan', '●')} still running: ${texts.join(' · ')}${more}`] });
  }
}

/** `05:16:02`, in the time zone of this machine. */
function timeOfDay(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

type Event<T extends Progress['type']> = Progress & { type: T };

/** A message of one line or more; `important` ones are shown with `--quiet`, too. */
export interface Message {
  readonly lines: readonly string[];
  readonly important?: boolean;
}

/** Most messages of one kind about one step: failures, retries, skipped and stopped tasks. */
const MAX_OF_A_KIND = 20;
/** Number of times that a wide foreach shows its progress. */
const PROGRESS_MARKS = 10;

/** Turns progress events into log lines. Their number does not grow with the elements of a foreach. */
export class PlainLines {
  private readonly quota = new Quota(MAX_OF_A_KIND);
  private readonly marks = new Map<StepTally, number>();
  private readonly hitsSaid = new Set<StepTally>();

  constructor(
    private readonly run: RunTally,
    private readonly paint: Paint,
  ) {}

  /** Returns the messages of an event. Call it right after `run` has counted the event. */
  messagesOf(progress: Progress, now: number): Message[] {
    const { paint } = this;
    if (progress.type === 'run-started') return [{ lines: [headline(progress, paint)] }];
    if (progress.type === 'step-expanded')
      return progress.count > 0 ? [] : [this.message('skipped', progress.label, 'nothing to do: the list is empty')];
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

  private advanced(name: string, now: number): Message[] {
    return [...this.mark(name, now), ...this.hits(this.run.step(name))];
  }

  private message(status: Parameters<typeof glyph>[0], label: string, text: string): Message {
    return { lines: [`${glyph(status, this.paint)} ${plain(label)}  ${text}`.trimEnd()] };
  }

  /** Shown once per step. */
  private started({ step: name }: Event<'task-started'>): Message[] {
    const step = this.run.step(name);
    if (this.marks.has(step)) return [];
    this.marks.set(step, 0);
    const count = step.isForeach ? `, ${grouped(this.run.expected(step))} elements` : '';
    const reason = reasonNotes(step, this.run).map((text) => `   ${text}`);
    return [this.message('running', name, `started${count}${reason}`)];
  }

  /** Shows the hits of a step in one line, when all its tasks or the run have ended. */
  private hits(step: StepTally): Message[] {
    if (step.cached === 0 || this.hitsSaid.has(step)) return [];
    if (!this.run.ended && (step.finished < this.run.expected(step) || this.run.isOpen(step))) return [];
    this.hitsSaid.add(step);
    return [this.message('cached', step.name, hitsText(step, this.run))];
  }

  private ended(progress: Event<'task-ended'>): Message[] {
    const { status, label, ms, attempt, error, caught, writes = {} } = progress;
    if (status === 'failed') return this.failed(progress);
    if (status === 'cached' || status === 'cloned') return [];
    const why = error ? `: ${shortError(error)}` : '';
    if (status === 'retrying') {
      return this.limited(progress, [
        this.message(status, label, `${duration(ms)}  attempt ${attempt} failed, will try again${why}`),
      ]);
    }
    if (status === 'cancelled') return this.limited(progress, [this.message(status, label, 'stopped')]);
    if (caught !== undefined) {
      const text = `${duration(ms)}  error kept in ${plain(caught)}${why}`;
      return this.limited({ ...progress, status: 'caught' }, [this.message(status, label, text)]);
    }
    if (this.isWide(progress.step)) return [];
    return [this.message(status, label, `${duration(ms)}   ${sizesText(Object.entries(writes))}`)];
  }

  private failed(progress: Event<'task-ended'>): Message[] {
    const { title, lines } = describeFailure(progress, this.paint);
    return this.limited(progress, [{ lines: [title.trimStart(), ...lines], important: true }]);
  }

  private skipped(progress: Event<'task-skipped'>): Message[] {
    return this.limited({ ...progress, status: 'skipped' }, [
      this.message('skipped', progress.label, `skipped: ${plain(progress.reason)}`),
    ]);
  }

  /** Drops messages over the quota, and says so once. */
  private limited(
    { step, status }: { readonly step: string; readonly status: string },
    messages: Message[],
  ): Message[] {
    const allowed = this.quota.take(`${step} ${status}`);
    if (allowed === 'no') return [];
    const rest = { lines: [this.paint('dim', `  from here on, ${status} tasks of ${plain(step)} are only counted`)] };
    return allowed === 'last' ? [...messages, rest] : messages;
  }

  private isWide(name: string): boolean {
    const step = this.run.step(name);
    return step.isForeach && this.run.expected(step) > MANY;
  }

  /** Shows the progress of a wide foreach after each tenth. */
  private mark(name: string, now: number): Message[] {
    const step = this.run.step(name);
    if (!this.isWide(name) || step.startedAt === undefined) return [];
    const expected = this.run.expected(step);
    const tenths = Math.floor((step.finished / expected) * PROGRESS_MARKS);
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
    return [this.message(status, name, `${parts.join('  ')}${reason}`)];
  }
}
