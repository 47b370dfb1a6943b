import { shortError } from '../../print/error.ts';
import { duration } from '../../print/format.ts';
import { markReason, reasonText } from '../../print/reason.ts';
import type { StepStatus } from '../../print/status.ts';
import { plain } from '../../print/text.ts';
import type { RunTally } from './run-tally.ts';
import { type FinishedElement, MANY, type RunningTask, type StepTally, timeLeft } from './step-tally.ts';
import { failedAfter, grouped, sizesText } from './wording.ts';

const RUNNING_SHOWN = 4;
/** Tasks that run longer than this are shown with their time, ms. */
const SHOW_TIME_FROM = 1000;

/** Notes on a step beside its name, count and time. */
export function stepNotes(step: StepTally, status: StepStatus, run: RunTally, now: number): string[] {
  if (status === 'waiting') return run.ended ? ['not run'] : [];
  const reason = reasonNotes(step, run);
  if (status === 'running')
    return [...reason, ...leftText(step, run, now), ...problemCounts(step, run), ...runningTexts(step, run, now)];
  if (status === 'retrying') return [`failed, will try again: ${shortError(step.lastError)}`];
  if (status === 'failed') return [...failedTexts(step, run), ...reason];
  if (status === 'cancelled') return [stoppedText(step)];
  if (status === 'skipped')
    return [step.skipped > 0 ? `skipped: ${plain(step.reason ?? '')}` : 'nothing to do: the list is empty'];
  if (status === 'cached') return [hitsText(step, run)];
  return [...reason, ...problemCounts(step, run), ...resultNotes(step)];
}

/** The main reason why a step is executed, at most one line: `← code: normalize in lib/math.ts changed`. */
export function reasonNotes(step: StepTally, run: RunTally): string[] {
  const main = step.reasons.main(run.isNotable);
  if (!main) return [];
  const others = main.others > 0 ? ` +${grouped(main.others)} more` : '';
  return [`${markReason(reasonText(main.reason))}${others}`];
}

/** `cached from #2`, `1,000 cached`. */
export function hitsText(step: StepTally, run: RunTally): string {
  const count = hitsCount(step);
  const { origin } = step;
  if (origin === undefined || origin === 'several') return count;
  const [flow, number] = origin.split('/');
  return `${count} from ${flow === run.started?.flow ? `#${number}` : plain(origin)}`;
}

function hitsCount({ isForeach, cached, kept }: StepTally): string {
  if (!isForeach) return kept > 0 ? 'kept' : 'cached';
  if (kept === 0 || kept === cached) return `${grouped(cached)} ${kept === 0 ? 'cached' : 'kept'}`;
  return `${grouped(cached - kept)} cached, ${grouped(kept)} kept`;
}

function leftText(step: StepTally, run: RunTally, now: number): string[] {
  if (!step.isForeach) return [];
  const left = timeLeft(step, run.expected(step) - step.finished, now);
  return left === undefined || left < SHOW_TIME_FROM ? [] : [`~${duration(left)} left`];
}

/** Counts of the tasks of a foreach that did not simply succeed. */
function problemCounts(step: StepTally, run: RunTally): string[] {
  if (!step.isForeach) return [];
  const counts: [number, string][] = [
    [step.failed, 'failed'],
    [step.caught, 'caught'],
    [step.retrying, 'to be tried again'],
    [step.cancelled, 'stopped'],
    [step.skipped, 'skipped'],
  ];
  const texts = counts.filter(([count]) => count > 0).map(([count, word]) => `${grouped(count)} ${word}`);
  return step.cached > 0 ? [...texts, hitsText(step, run)] : texts;
}

/** Running tasks: a single one only from its second attempt on; of a wide foreach only elements that take long. */
function runningTexts(step: StepTally, run: RunTally, now: number): string[] {
  const oldest = [...take(step.running.values(), RUNNING_SHOWN)];
  if (!step.isForeach)
    return oldest.filter(({ attempt }) => attempt > 1).map(({ attempt }) => retryText(attempt, step));
  const isWide = run.expected(step) > MANY;
  const shown = oldest.filter(({ since }) => !isWide || now - since >= SHOW_TIME_FROM);
  if (shown.length === 0) return [];
  const more = step.running.size - shown.length;
  const texts = shown.map((task) => elementText(task, now));
  return [[...texts, ...(more > 0 ? [`+${grouped(more)}`] : [])].join(', ')];
}

function retryText(attempt: number, step: StepTally): string {
  return `attempt ${attempt} after ${shortError(step.lastError)}`;
}

function elementText({ label, attempt, since }: RunningTask, now: number): string {
  const again = attempt > 1 ? ` attempt ${attempt}` : '';
  return `${elementOf(label)}${again}${now - since >= SHOW_TIME_FROM ? ` ${duration(now - since)}` : ''}`;
}

function* take<T>(items: Iterable<T>, most: number): Iterable<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === most) return;
    yield item;
  }
}

function failedTexts(step: StepTally, run: RunTally): string[] {
  if (!step.isForeach) return [failedAfter(step.attempts)];
  const missing = run.expected(step) - step.finished;
  return [...problemCounts(step, run), ...(missing > 0 && run.ended ? [`${grouped(missing)} not run`] : [])];
}

function stoppedText(step: StepTally): string {
  return step.isForeach && step.cancelled > 0 ? `${grouped(step.cancelled)} stopped` : 'stopped';
}

/** Elements with their times while they are few, else the sizes of the artifacts. */
function resultNotes(step: StepTally): string[] {
  const few = step.isForeach && step.finishedElements.length > 0 && step.finishedElements.length <= MANY;
  if (few)
    return [...step.finishedElements].sort(byPosition).map(({ label, ms }) => `${elementOf(label)} ${duration(ms)}`);
  if (step.caughtIn !== undefined && !step.isForeach)
    return [`error kept in ${plain(step.caughtIn)}: ${shortError(step.lastError)}`];
  const attempts = !step.isForeach && step.attempts > 1 ? [`attempt ${step.attempts}`] : [];
  const sizes = sizesText(step.sizes);
  return sizes === '' ? attempts : [...attempts, sizes];
}

/** Orders by element index: `train[2]` before `train[10]`. */
function byPosition(a: FinishedElement, b: FinishedElement): number {
  return a.task.localeCompare(b.task, 'en', { numeric: true });
}

/** `train[knn]` without its step. */
function elementOf(label: string): string {
  const bracket = label.indexOf('[');
  return plain(bracket < 0 ? label : label.slice(bracket + 1, -1));
}
