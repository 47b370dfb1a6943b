import type { Progress } from '@varve/core/app';
import { duration, type Paint } from '../print/format.ts';
import { logText, plain } from '../print/text.ts';
import { RunTally } from './content/run-tally.ts';
import { grouped } from './content/wording.ts';
import { PlainLines, type Saying } from './plain-lines.ts';
import type { Report, ReportClock } from './report.ts';

export interface PlainReportOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** Only failures, warnings and the last line. */
  readonly quiet: boolean;
  readonly clock: ReportClock;
}

/** While tasks run, silence is broken after this long, ms. */
const SILENCE = 30_000;
const LOOK_EVERY = 1000;
const RUNNING_SHOWN = 6;

/** One line a change, with the time; for logs, pipes and terminals that cannot move their cursor. */
export class PlainReport implements Report {
  private readonly run = new RunTally();
  private readonly lines: PlainLines;
  /** When the last line was written, ms since the Unix epoch. */
  private spokenAt = 0;
  private stopLooking: () => void = () => {};

  constructor(private readonly options: PlainReportOptions) {
    this.lines = new PlainLines(this.run, options.paint);
  }

  readonly onProgress = (progress: Progress): void => {
    const { clock } = this.options;
    const now = clock.now();
    this.run.apply(progress, now);
    if (progress.type === 'log') this.log(progress);
    for (const saying of this.lines.of(progress, now)) this.speak(saying);
    if (progress.type === 'run-started') this.stopLooking = clock.every(LOOK_EVERY, () => this.breakSilence());
    else if (progress.type === 'run-ended') this.close();
  };

  say(text: string): void {
    this.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  close(): void {
    this.stopLooking();
    this.stopLooking = () => {};
  }

  private log({ label, text }: Progress & { type: 'log' }): void {
    if (!this.options.quiet) this.write(`${this.options.paint('dim', `${plain(label)} │`)} ${logText(text)}\n`);
  }

  private speak({ lines, important = false }: Saying): void {
    if (this.options.quiet && !important) return;
    const [first = '', ...more] = lines;
    const time = this.options.paint('dim', timeOfDay(this.options.clock.now()));
    this.write(`${[`${time} ${first}`, ...more].join('\n')}\n`);
  }

  private write(text: string): void {
    this.spokenAt = this.options.clock.now();
    this.options.write(text);
  }

  private breakSilence(): void {
    const now = this.options.clock.now();
    if (now - this.spokenAt < SILENCE) return;
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
      this.speak({ lines: [`${this.options.paint('cyan', '●')} still running: ${texts.join(' · ')}${more}`] });
  }
}

/** `05:16:02`, in the time zone of this machine. */
function timeOfDay(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}
