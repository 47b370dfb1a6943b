import { type History, type Pathspec, parsePathspec, parseTaskName, type RunView } from '@varve/client';
import { type Reference, type TaskLogLine, VarveError } from '@varve/core/contract';
import { type Composition, prepare, type Target } from '@varve/runtime';
import type { Override } from '../../api/spin/choose-task.ts';
import type { SpunArtifact } from '../../api/spin/compare-results.ts';
import { type SpinRequest, type SpunTask, spin as spinTask } from '../../api/spin/spin.ts';
import { EXIT } from '../../exit-codes.ts';
import { renderStoredError } from '../../print/error.ts';
import { bytes, duration, type Paint, painter, plain } from '../../print/format.ts';
import { print, printJson, withStdoutOnStderr } from '../../print/stdout.ts';
import { logText } from '../../print/text.ts';

import { differences } from '../../print/value.ts';
import { uncapturedWriter } from '../../report/live/terminal.ts';
import { findProject } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { readPathspec, type SourceOptions, targetOfRun } from '../targets.ts';

export interface SpinCommandOptions extends CommonOptions, SourceOptions {
  readonly from?: string;
  readonly set?: readonly string[];
  readonly element?: string;
  readonly effects?: boolean;
  readonly keep?: boolean;
  readonly inspect?: boolean;
}

type Overrides = Record<string, Override>;

/** `varve spin`: exit code 0 when the task succeeded, 1 when it failed. */
export async function spin(text: string, options: SpinCommandOptions): Promise<number> {
  const { task, path } = readTask(text, options);
  const set = readSet(options.set ?? []);
  const stack = await findProject(options);
  if (options.inspect) (await import('node:inspector')).open(undefined, undefined, true);
  try {
    const opened = await stack.get('history');
    const run = await opened.history.find(path);
    const target = await targetOfRun(run, opened.history, stack.source.setup, options);
    const { ok, result } = await withStdoutOnStderr(() =>
      spinTarget(stack, target, run, opened.history, { ...options, task, set }),
    );
    if (typeof result === 'string') print(result);
    else printJson(result);
    return ok ? EXIT.ok : EXIT.failed;
  } finally {
    await stack.close();
  }
}

async function spinTarget(
  stack: Composition,
  target: Target,
  run: RunView,
  history: History,
  { task, set, ...options }: Omit<SpinCommandOptions, 'set'> & Pick<SpinRequest, 'task'> & { readonly set: Overrides },
): Promise<{ readonly ok: boolean; readonly result: string | object }> {
  // `--keep` writes to the store of the old run, even if the flow's file has moved to another project.
  const prepared = await prepare(stack, target, { ...options, runner: 'inline' });
  try {
    const { element, effects = false, keep = false, inspect = false } = options;
    const request = {
      ...{ task, set, effects, keep, untimed: inspect },
      ...(element !== undefined && { element: { text: element } }),
    };
    const spun = await spinTask(prepared, run, history, request, { onLog, onStart });
    // Rendered while the store is open, because it reads values.
    return {
      ok: spun.outcome.ok,
      result: options.json ? spunDocument(spun) : renderSpun(spun, painter(process.stdout)),
    };
  } finally {
    await prepared.close();
  }
}

const paint = painter(process.stderr);
/** Writes to stderr past the capture of task output. */
const say = uncapturedWriter(process.stderr);

function onStart({ path, label }: Pick<SpunTask, 'path' | 'label'>, warnings: readonly string[]): void {
  say(`${paint('bold', ` ${plain(label)}`)}  ${paint('dim', `on what ${plain(path)} had left for it`)}\n`);
  for (const warning of warnings) say(`${paint('yellow', '!')} ${plain(warning)}\n`);
}

function onLog({ label, text }: TaskLogLine): void {
  say(`${paint('dim', `${plain(label)} │`)} ${logText(text)}\n`);
}

/** Parses `train[knn]` with `--from`, or `Penguins/12/train[knn]`. */
function readTask(text: string, { from }: SpinCommandOptions) {
  const whole = parsePathspec(text);
  if (whole?.task === undefined) return { task: parseTaskName(text), path: readPathspec(from ?? '@last') };
  if (from === undefined) return { task: parseTaskName(whole.task), path: whole satisfies Pathspec };
  throw new VarveError('VARVE_USAGE', `'${text}' names a run, and --from names one too`, {
    hint: 'Leave one of them out.',
  });
}

function readSet(texts: readonly string[]): Overrides {
  const set: Overrides = Object.create(null);
  for (const text of texts) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new VarveError('VARVE_USAGE', `--set ${text}`, {
        hint: 'Write a name and a value: --set folds=10, --set rows=@rows.json',
      });
    }
    set[name] = { text: value };
  }
  return set;
}

/** Values larger than this are compared by digest only. Bytes. */
const SHOWN_BYTES = 1024 * 1024;
const MARK = { same: '=', changed: '≠', new: '+', gone: '-' } as const;
const COLOUR = { same: 'dim', changed: 'yellow', new: 'green', gone: 'red' } as const;

/** Renders the outcome of the attempt, and compares its artifacts with those of the past run. */
export function renderSpun(spun: SpunTask, paint: Paint): string {
  const { outcome, label, before, path, kept } = spun;
  const glyph = outcome.ok ? paint('green', '✔') : paint('red', '✖');
  const then = before?.ms === undefined ? (before?.status ?? 'not run') : `${before.status} in ${duration(before.ms)}`;
  const lines = [` ${glyph} ${plain(label)}  ${duration(outcome.ms)}   ${paint('dim', `${plain(path)}: ${then}`)}`];
  if (outcome.ok) for (const artifact of spun.artifacts) lines.push(...renderArtifact(artifact, spun, paint));
  else lines.push(...renderStoredError(outcome.error, paint).map((line) => `   ${line}`));
  lines.push(paint('dim', kept ? ` kept as ${kept.flow}/${kept.number}` : ' nothing was written'));
  if (outcome.ok && before?.status === 'failed' && !kept)
    lines.push(`   ${paint('cyan', '→')} to let the run go on with this: varve resume ${path}`);
  return lines.join('\n');
}

function renderArtifact({ name, change, before, now }: SpunArtifact, { read }: SpunTask, paint: Paint): string[] {
  const sizes = [before, now].flatMap((reference) => (reference ? [bytes(reference.size)] : []));
  const size = change === 'same' ? (sizes[0] ?? '') : sizes.join(' → ');
  const first = `   ${paint(COLOUR[change], MARK[change])} ${plain(name)}  ${paint('dim', size)}`;
  if (change === 'same' || (before && !isShown(before)) || (now && !isShown(now))) return [first];
  return [first, ...changesOf(before, now, read).map((line) => `       ${plain(line)}`)];
}

/** Reports an old value that cannot be read as a line: it may be lost, or its class may be gone. */
function changesOf(before: Reference | undefined, now: Reference | undefined, read: SpunTask['read']): string[] {
  let then: unknown;
  try {
    then = before && read(before);
  } catch (error) {
    return [`what it had written cannot be read: ${(error as Error).message}`];
  }
  return differences(then, now && read(now), before !== undefined && now !== undefined);
}

/** False for stored files and folders, and for values that would take long to decode. */
function isShown({ size, codec }: Reference): boolean {
  return size <= SHOWN_BYTES && codec !== 'file/1' && codec !== 'dir/1';
}

export function spunDocument({ path, task, label, outcome, before, artifacts, kept }: SpunTask): object {
  return {
    from: path,
    task,
    label,
    status: outcome.ok ? 'succeeded' : 'failed',
    ms: outcome.ms,
    ...(!outcome.ok && { error: outcome.error }),
    before: before ? { status: before.status, ms: before.ms } : null,
    artifacts,
    ...(outcome.ok && { reads: outcome.reads }),
    ...(kept && { kept: { flow: kept.flow, number: kept.number, id: kept.id } }),
  };
}
