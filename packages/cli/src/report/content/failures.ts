import type { Progress } from '@varve/core';
import type { SourceLocation } from '@varve/core/contract';
import { headline, locationOf, renderStoredError } from '../../print/error.ts';
import { duration, type Paint } from '../../print/format.ts';
import { glyph } from '../../print/status.ts';
import { plain } from '../../print/text.ts';
import { failedAfter, grouped } from './wording.ts';

/** Most failures to show in full; the others are counted. */
const SHOWN = 3;
/** Most lines of one failure. */
const LINES = 24;

/** One failure, rendered. */
export interface Failure {
  /** ` ✖ train[tree]  0.3s  failed after 2 attempts` */
  readonly title: string;
  readonly lines: readonly string[];
  readonly label: string;
  readonly message: string;
  readonly location?: SourceLocation;
}

/** The first failures of a run. Rendered when they happen, because that reads the user's source. */
export class Failures {
  readonly shown: Failure[] = [];
  count = 0;

  constructor(private readonly paint: Paint) {}

  /** Returns the failure if it is one of those to show. */
  add(progress: Progress & { type: 'task-ended' }): Failure | undefined {
    this.count++;
    if (this.shown.length >= SHOWN) return undefined;
    const failure = describeFailure(progress, this.paint);
    this.shown.push(failure);
    return failure;
  }

  /** Line that stands for the failures that are not shown. */
  get restLine(): string | undefined {
    const rest = this.count - this.shown.length;
    return rest > 0 ? ` ${glyph('failed', this.paint)} ${grouped(rest)} more failed` : undefined;
  }
}

/** Renders a failure in full. */
export function describeFailure(progress: Progress & { type: 'task-ended' }, paint: Paint): Failure {
  const { error, attempt, ms } = progress;
  const label = plain(progress.label);
  const lines = error ? renderStoredError(error, paint) : [];
  const rest = lines.length > LINES ? [paint('dim', `… ${lines.length - LINES} more lines`)] : [];
  const location = locationOf(error);
  return {
    title: ` ${glyph('failed', paint)} ${label}  ${duration(ms)}  ${failedAfter(attempt)}`,
    lines: [...lines.slice(0, LINES), ...rest].map((line) => `   ${line}`),
    label,
    message: error ? headline(error) : 'failed',
    ...(location && { location }),
  };
}
