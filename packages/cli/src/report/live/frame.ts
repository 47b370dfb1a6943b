import { isCodeLine } from '../../print/error.ts';
import { duration, type Paint } from '../../print/format.ts';
import { cut, width } from '../../print/text.ts';
import type { Failures } from '../content/failures.ts';
import { nextCommands } from '../content/next-commands.ts';
import type { RunTally } from '../content/run-tally.ts';
import { grouped, headline, outcomeText } from '../content/wording.ts';
import { layoutOf, stepRow } from './step-row.ts';
import { type FrameParts, type FrameRow, truncateFrame } from './truncate.ts';

export interface FrameInput {
  readonly run: RunTally;
  readonly failures: Failures;
  readonly paint: Paint;
  /** Ms since the Unix epoch. */
  readonly now: number;
  readonly columns: number;
}

/** Frame during the run, of at most `rows` lines. */
export function liveFrame(input: FrameInput, rows: number): string[] {
  return truncateFrame({ ...partsOf(input), footer: [footer(input)] }, rows, input.paint).map((line) =>
    cut(line, input.columns),
  );
}

/** Last frame, which stays in the scrollback: hides no rows and cuts no errors. */
export function finalFrame(input: FrameInput): string[] {
  const { header, rows, failures } = partsOf(input);
  const whole = (line: string) => (isCodeLine(line) ? cut(line, input.columns) : line);
  const blocks = failures.flatMap((block) => ['', ...block.map(whole)]);
  const gap = blocks.length > 0 ? [''] : [];
  return [...header, ...rows.map((row) => row.text), ...blocks, ...gap, ...ending(input)];
}

function partsOf({ run, failures, paint, now, columns }: FrameInput): Omit<FrameParts, 'footer'> {
  const steps = [...run.steps.values()];
  const layout = layoutOf(steps, run, columns);
  const rows = steps.map(
    (step): FrameRow => ({
      status: run.statusOf(step),
      text: stepRow(step, layout, { run, paint, now }),
    }),
  );
  const blocks = failures.shown.map(({ title, lines }) => [title, ...lines]);
  const rest = failures.restLine === undefined ? [] : [[failures.restLine]];
  return { header: run.started ? [` ${headline(run.started, paint)}`] : [], rows, failures: [...blocks, ...rest] };
}

function footer({ run, paint, now }: FrameInput): string {
  let finished = 0;
  let running = 0;
  for (const step of run.steps.values()) {
    finished += step.finished;
    running += step.running.size;
  }
  const words = [duration(now - run.startedAt), `${grouped(finished)} done`, `${grouped(running)} running`];
  return paint('dim', ` ${words.join(' · ')}`);
}

/** Outcome with the next commands at the right edge, or below it on a narrow terminal. */
function ending({ run, paint, columns }: FrameInput): string[] {
  if (!run.ended) return [];
  const outcome = ` ${outcomeText(run.ended, paint)}`;
  const commands = nextCommands(run);
  const beside = commands.join(' · ');
  const space = columns - width(outcome) - width(beside);
  if (space >= 3) return [`${outcome}${' '.repeat(space)}${paint('dim', beside)}`.trimEnd()];
  return [outcome, ...commands.map((command) => `   ${paint('dim', command)}`)];
}
