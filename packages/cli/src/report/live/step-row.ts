import { duration, type Paint } from '../../print/format.ts';
import { glyph, type StepStatus } from '../../print/status.ts';
import { cut, logText, padEnd, padStart, plain, width } from '../../print/text.ts';
import type { RunTally } from '../content/run-tally.ts';
import { stepNotes } from '../content/step-notes.ts';
import type { StepTally } from '../content/step-tally.ts';
import { grouped } from '../content/wording.ts';

/** Terminals narrower than this have no room for a bar. */
const BAR_FROM = 60;
const BAR_CELLS = 10;
const TIME_COLUMNS = 7;

/** Widths shared by all rows of a frame. */
export interface RowLayout {
  readonly columns: number;
  readonly name: number;
  readonly meter: number;
}

export interface RowContext {
  readonly run: RunTally;
  readonly paint: Paint;
  readonly now: number;
}

export function layoutOf(steps: readonly StepTally[], run: RunTally, columns: number): RowLayout {
  const widest = (texts: readonly string[]) => texts.reduce((most, text) => Math.max(most, width(text)), 0);
  const name = Math.min(widest(steps.map((step) => plain(step.name))), Math.max(8, Math.floor(columns * 0.3)));
  return { columns, name, meter: widest(steps.map((step) => meter(step, run, columns))) };
}

/** ` ✔ train   ███ 3/3   20.1s   knn 0.7s · tree 1.1s`, cut to the width. */
export function stepRow(step: StepTally, layout: RowLayout, { run, paint, now }: RowContext): string {
  const status = run.statusOf(step);
  const name = padEnd(cut(plain(step.name), layout.name), layout.name);
  const gauge = layout.meter === 0 ? '' : `  ${padEnd(meter(step, run, layout.columns), layout.meter)}`;
  const time = padStart(timeText(step, status, now), TIME_COLUMNS);
  const start = ` ${glyph(status, paint)} ${status === 'waiting' ? paint('dim', name) : name}${gauge}${time}`;
  const notes = stepNotes(step, status, run, now).join(' · ');
  const log = step.lastLog === undefined || status === 'failed' ? '' : logText(step.lastLog).trim();
  const tail = [notes, log === '' ? '' : paint('dim', `│ ${log}`)].filter((part) => part !== '');
  return cut(`${start}   ${tail.join('  ')}`.trimEnd(), layout.columns);
}

/** `███░░ 3/5`; empty for a step that runs once. */
function meter(step: StepTally, run: RunTally, columns: number): string {
  if (!step.isForeach) return '';
  const expected = run.expected(step);
  const total = grouped(expected);
  const count = `${grouped(step.finished).padStart(total.length)}/${total}${run.isOpen(step) ? '+' : ''}`;
  if (columns < BAR_FROM || expected === 0) return count;
  const cells = Math.min(BAR_CELLS, expected);
  const full = Math.floor((step.finished / expected) * cells);
  return `${'█'.repeat(full)}${'░'.repeat(cells - full)} ${count}`;
}

/** Time of a single task; of several tasks or attempts, from the first start to the last end. */
export function timeText(step: StepTally, status: StepStatus, now: number): string {
  if (step.startedAt === undefined) return '';
  if (status === 'running' || status === 'retrying') return duration(now - step.startedAt);
  if (!step.isForeach && step.attempts <= 1) return duration(step.work);
  return duration((step.endedAt ?? now) - step.startedAt);
}
