import type { RunStatus, TaskStatus } from '@varve/core/contract';
import type { Paint, Style } from './format.ts';

/** State of a step as a report shows it. */
export type StepStatus =
  | 'waiting'
  | 'running'
  | 'retrying'
  | 'succeeded'
  | 'cached'
  | 'failed'
  | 'skipped'
  | 'cancelled';

type AnyStatus = RunStatus | TaskStatus | StepStatus;

const GLYPHS: Readonly<Record<AnyStatus, readonly [style: Style, glyph: string]>> = {
  queued: ['dim', '◌'],
  waiting: ['dim', '◌'],
  running: ['cyan', '●'],
  retrying: ['yellow', '↻'],
  succeeded: ['green', '✔'],
  cached: ['green', '≡'],
  cloned: ['green', '≡'],
  failed: ['red', '✖'],
  skipped: ['dim', '⊘'],
  cancelled: ['yellow', '◌'],
  lost: ['red', '✖'],
};

/** The glyph of a status, for places that say the status in words beside it. */
export function glyph(status: AnyStatus, paint: Paint): string {
  const [style, character] = GLYPHS[status];
  return paint(style, character);
}

/** `✔ succeeded`: glyph and word, because colour must not be the only sign. */
export function statusText(status: RunStatus | TaskStatus, paint: Paint): string {
  const [style, character] = GLYPHS[status];
  return paint(style, `${character} ${status}`);
}
