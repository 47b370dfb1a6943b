import type { Paint, Style } from '../print/format.ts';
import type { StepStatus } from './content/run-tally.ts';

const GLYPHS: Readonly<Record<StepStatus, readonly [style: Style, glyph: string]>> = {
  waiting: ['dim', '◌'],
  running: ['cyan', '●'],
  retrying: ['yellow', '↻'],
  succeeded: ['green', '✔'],
  cached: ['green', '≡'],
  failed: ['red', '✖'],
  skipped: ['dim', '⊘'],
  cancelled: ['yellow', '◌'],
};

/** One character for a status; the words beside it say the same without colour. */
export function glyph(status: StepStatus, paint: Paint): string {
  const [style, character] = GLYPHS[status];
  return paint(style, character);
}
