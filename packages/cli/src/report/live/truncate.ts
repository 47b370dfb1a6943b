import type { Paint } from '../../print/format.ts';
import { glyph, type StepStatus } from '../../print/status.ts';

export interface FrameRow {
  readonly status: StepStatus;
  readonly text: string;
  /** Number of steps the row stands for. Default 1. */
  readonly steps?: number;
}

/** Parts of a frame, some of which are left out in a low window. */
export interface FrameParts {
  readonly header: readonly string[];
  readonly rows: readonly FrameRow[];
  /** One block per failure; its first line is its title. */
  readonly failures: readonly (readonly string[])[];
  readonly footer: readonly string[];
}

type Shrink = (parts: FrameParts, excess: number, paint: Paint) => FrameParts;

/** In order of importance, the least important first. A folded row shows the number of steps it stands for. */
const SHRINKS: readonly Shrink[] = [
  (parts, excess, paint) => ({ ...parts, rows: fold(parts.rows, excess, FINISHED, paint) }),
  (parts, excess, paint) => ({ ...parts, rows: fold(parts.rows, excess, WAITING, paint) }),
  (parts) => ({ ...parts, failures: parts.failures.map((block) => block.slice(0, 1)) }),
  (parts, excess, paint) => ({ ...parts, rows: fold(parts.rows, excess, ALL, paint) }),
  (parts) => ({ ...parts, failures: [] }),
  (parts) => ({ ...parts, header: [] }),
];

interface Fold {
  /** Rows that may be folded, the least important first. */
  candidates(rows: readonly FrameRow[]): readonly FrameRow[];
  text(count: number, paint: Paint): string;
}

const FINISHED: Fold = {
  candidates: (rows) =>
    rows.filter(({ status }) => status === 'succeeded' || status === 'cached' || status === 'skipped'),
  text: (count, paint) => ` ${glyph('succeeded', paint)} ${count} finished steps not shown`,
};
const WAITING: Fold = {
  candidates: (rows) => rows.filter(({ status }) => status === 'waiting').toReversed(),
  text: (count, paint) => ` ${glyph('waiting', paint)} ${count} waiting steps not shown`,
};
const ALL: Fold = {
  candidates: (rows) => [...rows.filter((row) => !isUnderWay(row)), ...rows.filter(isUnderWay).toReversed()],
  text: (count, paint) => ` ${glyph('running', paint)} ${count} more steps not shown`,
};

function isUnderWay({ status }: FrameRow): boolean {
  return status === 'running' || status === 'retrying';
}

/** Reduces a frame to at most `height` lines. */
export function truncateFrame(parts: FrameParts, height: number, paint: Paint): string[] {
  let fitting = parts;
  for (const shrink of SHRINKS) {
    const excess = linesOf(fitting).length - height;
    if (excess <= 0) break;
    fitting = shrink(fitting, excess, paint);
  }
  const lines = linesOf(fitting);
  return lines.slice(Math.max(0, lines.length - Math.max(0, height)));
}

function linesOf({ header, rows, failures, footer }: FrameParts): string[] {
  return [...header, ...rows.map((row) => row.text), ...failures.flat(), ...footer];
}

/** Replaces as many rows by one line as it takes to save `excess` lines. It stands where the first of them was. */
function fold(
  rows: readonly FrameRow[],
  excess: number,
  { candidates, text: textOf }: Fold,
  paint: Paint,
): readonly FrameRow[] {
  const folded = new Set(candidates(rows).slice(0, excess + 1));
  if (folded.size < 2) return rows;
  const first = rows.find((row) => folded.has(row));
  const steps = [...folded].reduce((sum, row) => sum + (row.steps ?? 1), 0);
  return rows.flatMap((row) => {
    if (row === first) return [{ status: row.status, text: textOf(steps, paint), steps }];
    return folded.has(row) ? [] : [row];
  });
}
