import type { Progress, ProgressListener } from '@varve/core/app';
import { renderStored } from '../print/error.ts';
import { bytes, duration, type Paint, plain } from '../print/format.ts';

export interface PlainReportOptions {
  readonly write: (text: string) => void;
  readonly paint: Paint;
  /** Only failures and the last line. */
  readonly quiet: boolean;
}

interface StepTally {
  readonly expected: number;
  done: number;
  ms: number;
}

/** From this many elements on, a foreach is reported as a whole. */
const MANY = 12;

/** One line a task, as it ends; one line a step for wide foreaches. */
export function plainReport(options: PlainReportOptions): ProgressListener {
  const { paint } = options;
  const wide = new Map<string, StepTally>();
  const say = (line: string, always = false) => {
    if (always || !options.quiet) options.write(`${line}\n`);
  };
  return (progress) => {
    if (progress.type === 'run-started')
      say(`${paint('bold', `${progress.flow} #${progress.number}`)}${parameters(progress.parameters)}`);
    else if (progress.type === 'step-expanded') expanded(progress, wide, say);
    else if (progress.type === 'log') say(`${paint('dim', `${plain(progress.label)} │`)} ${progress.text}`);
    else if (progress.type === 'task-skipped')
      say(` ${paint('dim', '⊘')} ${progress.label}  skipped: ${progress.reason}`);
    else if (progress.type === 'warning') say(` ${paint('yellow', '!')} ${progress.message}`, true);
    else if (progress.type === 'task-ended') ended(progress, wide, paint, say);
    else if (progress.type === 'run-ended') say(summaryLine(progress, paint), true);
  };
}

type Say = (line: string, always?: boolean) => void;

function expanded(progress: Progress & { type: 'step-expanded' }, wide: Map<string, StepTally>, say: Say): void {
  if (progress.count > MANY)
    wide.set(progress.step, { expected: (wide.get(progress.step)?.expected ?? 0) + progress.count, done: 0, ms: 0 });
  if (progress.count === 0) say(` ⊘ ${progress.label}  nothing to do: the list is empty`);
}

function ended(
  progress: Progress & { type: 'task-ended' },
  wide: Map<string, StepTally>,
  paint: Paint,
  say: Say,
): void {
  const { label, ms, status, error, attempt } = progress;
  if (status === 'failed' || status === 'retrying') {
    const again =
      status === 'retrying'
        ? `failed, trying again (attempt ${attempt})`
        : `failed${attempt > 1 ? ` after ${attempt} attempts` : ''}`;
    say(
      ` ${status === 'failed' ? paint('red', '✖') : paint('yellow', '↻')} ${plain(label)}  ${duration(ms)}  ${again}`,
      true,
    );
    if (error) for (const line of renderStored(error, paint)) say(`   ${line}`, true);
    return;
  }
  if (status === 'cancelled') return say(` ${paint('yellow', '◌')} ${plain(label)}  stopped`);
  const tally = wide.get(progress.step);
  if (!tally) return say(` ${paint('green', '✔')} ${plain(label)}  ${duration(ms)}${sizes(progress.writes)}`);
  tally.done++;
  tally.ms += ms;
  if (tally.done === tally.expected)
    say(` ${paint('green', '✔')} ${progress.step}  ${tally.done}/${tally.expected}  ${duration(tally.ms)} of work`);
}

function sizes(writes: Readonly<Record<string, number>> | undefined): string {
  const shown = Object.entries(writes ?? {}).map(([name, size]) => `${name} ${bytes(size)}`);
  const rest = shown.length > 4 ? ` · ${shown.length - 4} more` : '';
  return shown.length === 0 ? '' : `   ${shown.slice(0, 4).join(' · ')}${rest}`;
}

function parameters(shown: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(shown).map(([name, value]) => `${name}=${plain(value)}`);
  return pairs.length === 0 ? '' : `   ${pairs.join(' ')}`;
}

function summaryLine(progress: Progress & { type: 'run-ended' }, paint: Paint): string {
  const { status, summary, ms } = progress;
  const counts =
    Object.entries(summary.counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(' · ') || 'no tasks';
  if (status === 'succeeded') return ` ${paint('green', '✔')} done in ${duration(ms)} · ${counts}`;
  const word = status === 'failed' ? paint('red', '✖ failed') : paint('yellow', '◌ stopped');
  return ` ${word} after ${duration(ms)} · ${counts}; everything that finished is kept`;
}
