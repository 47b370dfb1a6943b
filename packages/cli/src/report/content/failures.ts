import type { Progress } from '@varve/core';
import type { SourceLocation } from '@varve/core/contract';
import { headline, placeOf, renderStored } from '../../print/error.ts';
import { duration, type Paint } from '../../print/format.ts';
import { glyph } from '../../print/status.ts';
import { plain } from '../../print/text.ts';
import { failedAfter, grouped } from './wording.ts';

/** Failures shown in full; the others are counted. */
const SHOWN = 3;
/** Longest description of one failure, in lines. */
const LINES = 24;

/** One failure as it is shown. */
export interface Failure {
  /** ` ✖ train[tree]  0.3s  failed after 2 attempts` */
  readonly title: string;
  readonly lines: readonly string[];
  readonly label: string;
  readonly message: string;
  readonly location?: SourceLocation;
}

/** The first failures of a run, rendered once: the user's source is read when it happens. */
export class Failures {
  readonly shown: Failure[] = [];
  count = 0;

  constructor(private readonly paint: Paint) {}

  /** Gives the failure if it is one of those that are shown. */
  add(progress: Progress & { type: 'task-ended' }): Failure | undefined {
    this.count++;
    if (this.shown.length >= SHOWN) return undefined;
    const failure = describeFailure(progress, this.paint);
    this.shown.push(failure);
    return failure;
  }

  /** What stands for the failures that are not shown. */
  get restLine(): string | undefined {
    const rest = this.count - this.shown.length;
    return rest > 0 ? ` ${glyph('failed', this.paint)} ${grouped(rest)} more failed` : undefined;
  }
}

/** What a failure looks like in full. */
export function describeFailure(progress: Progress & { type: 'task-ended' }, paint: Paint): Failure {
  const { error, attempt, ms } = progress;
  const label = plain(progress.label);
  const lines = error ? renderStored(error, paint) : [];
  const rest = lines.length > LINES ? [paint('dim', `… ${lines.length - LINES} more lines`)] : [];
  const location = placeOf(error);
  return {
    title: ` ${glyph('failed', paint)} ${label}  ${duration(ms)}  ${failedAfter(attempt)}`,
    lines: [...lines.slice(0, LINES), ...rest].map((line) => `   ${line}`),
    label,
    message: error ? headline(error) : 'failed',
    ...(location && { location }),
  };
}
