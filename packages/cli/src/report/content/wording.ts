import type { Progress } from '@varve/core';
import { bytes, duration, type Paint } from '../../print/format.ts';
import { glyph } from '../../print/status.ts';
import { plain } from '../../print/text.ts';

/** `1,234` */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `raw 67 kB · rows 12 kB` */
export function sizesText(sizes: Iterable<readonly [name: string, size: number]>): string {
  const all = [...sizes].map(([name, size]) => `${plain(name)} ${bytes(size)}`);
  const rest = all.length > 4 ? [`${all.length - 4} more`] : [];
  return [...all.slice(0, 4), ...rest].join(' · ');
}

/** `Penguins #1   folds=5` */
export function headline(started: Progress & { type: 'run-started' }, paint: Paint): string {
  const pairs = Object.entries(started.parameters).map(([name, value]) => `${plain(name)}=${plain(value)}`);
  const parameters = pairs.length === 0 ? '' : `   ${pairs.join(' ')}`;
  return `${paint('bold', `${plain(started.flow)} #${started.number}`)}${parameters}`;
}

/** `failed`, `failed after 3 attempts` */
export function failedAfter(attempts: number): string {
  return attempts > 1 ? `failed after ${attempts} attempts` : 'failed';
}

/** Outcome of the run in one line: `✔ done in 20.6s · 6 tasks ran`. */
export function outcomeText(ended: Progress & { type: 'run-ended' }, paint: Paint): string {
  const { succeeded = 0, failed = 0, cached = 0, ...others } = ended.summary.counts;
  if (ended.status !== 'succeeded' || cached > 0) return countsText(ended, paint);
  const ran = succeeded + failed;
  const tasks = `${grouped(ran)} ${ran === 1 ? 'task' : 'tasks'} ran`;
  return [doneText(ended, paint), tasks, ...counted(others), ...caughtText(ended)].join(' · ');
}

/** Outcome with the counts of the journal and the time that hits saved: `✔ done in 20.6s · 6 succeeded`. */
export function countsText(ended: Progress & { type: 'run-ended' }, paint: Paint): string {
  const { status, ms, summary } = ended;
  const counts = [...tasksTexts(ended), ...caughtText(ended), ...savedTexts(summary.metrics)];
  const texts = counts.length > 0 ? counts : ['no tasks'];
  if (status === 'succeeded') return [doneText(ended, paint), ...texts].join(' · ');
  const word =
    status === 'failed'
      ? `${glyph('failed', paint)} ${paint('red', 'failed')}`
      : `${glyph('cancelled', paint)} ${paint('yellow', 'stopped')}`;
  return [`${word} after ${duration(ms)}`, ...texts, 'what finished is kept'].join(' · ');
}

function doneText({ ms }: Progress & { type: 'run-ended' }, paint: Paint): string {
  return `${glyph('succeeded', paint)} done in ${duration(ms)}`;
}

function tasksTexts({ status, summary }: Progress & { type: 'run-ended' }): string[] {
  const { cached = 0, succeeded = 0, ...others } = summary.counts;
  if (cached === 0 || status !== 'succeeded') return counted(summary.counts);
  return [`${grouped(cached)} cached`, `${grouped(succeeded)} ran`, ...counted(others)];
}

/** Shorter savings are not shown, ms. */
const SAVED_FROM = 50;

/** `saved 3m 12s`; tasks run in parallel, so the saved waiting time is added where it is shorter. */
function savedTexts(metrics: Readonly<Record<string, number>> = {}): string[] {
  const { savedMs = 0, savedCriticalMs = savedMs } = metrics;
  if (savedMs < SAVED_FROM) return [];
  const [work, wait] = [duration(savedMs), duration(savedCriticalMs)];
  return [`saved ${work}${work === wait ? '' : ` of work, ${wait} of waiting`}`];
}

function counted(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${grouped(count)} ${name}`] : []));
}

function caughtText({ summary: { caught = 0 } }: Progress & { type: 'run-ended' }): string[] {
  return caught === 0 ? [] : [`${grouped(caught)} ${caught === 1 ? 'error' : 'errors'} caught`];
}
