import type { RunView, TaskView } from '@varve/client';
import type { TaskStatus } from '@varve/core/contract';
import { parseReason } from '@varve/core/internal';
import { renderStoredError } from '../../print/error.ts';
import { bytes, duration, type Paint, plain } from '../../print/format.ts';
import { reasonText } from '../../print/reason.ts';
import { statusText } from '../../print/status.ts';
import { table } from '../../print/table.ts';

/** Most tasks to name in one cell; the others are counted. */
const NAMES_SHOWN = 3;

/** Renders one task: attempts, reads with their producers, writes with their readers. */
export function renderTask(run: RunView, task: TaskView, paint: Paint): string {
  const { state } = task;
  const took = task.ms === undefined ? '' : ` in ${duration(task.ms)}`;
  const lines = [`${paint('bold', plain(task.label))}  ${statusOf(task, paint)}${took}`];
  lines.push(...renderAttempts(task, paint));
  if (state.why !== undefined) lines.push(`why     ${reasonText(parseReason(state.why))}`);
  if (state.reason !== undefined) lines.push(`reason  ${plain(state.reason)}`);
  const parents = task.parents();
  if (parents.length > 0) lines.push(`after   ${namesOf(parents)}`);
  if (state.reads.length > 0) lines.push(`read    ${state.reads.map(plain).join(', ').slice(0, 400)}`);
  const sources = sourcesOf(run, task);
  if (sources.length > 0)
    lines.push(
      '',
      table(
        ['READ', 'WRITTEN BY'],
        sources.map(([name, tasks]) => [plain(name), namesOf(tasks)]),
      ),
    );
  lines.push('', 'wrote', renderWrites(task, paint));
  return lines.join('\n');
}

/** The task for `--json`. */
export function taskDetails(run: RunView, task: TaskView): object {
  const names = (tasks: readonly TaskView[]) => tasks.map(({ name }) => name);
  return {
    ...task.state,
    status: task.status,
    parents: names(task.parents()),
    children: names(task.children()),
    producers: Object.fromEntries(sourcesOf(run, task).map(([name, tasks]) => [name, names(tasks)])),
    readers: Object.fromEntries(Object.keys(task.state.writes).map((name) => [name, names(task.readersOf(name))])),
  };
}

/** `≡ cached from Penguins/3/train[2]` */
export function statusOf({ status, from }: TaskView, paint: Paint): string {
  return `${statusText(status, paint)}${from === undefined ? '' : ` from ${plain(from)}`}`;
}

/** Empty for a single successful attempt, which adds nothing to the line of the task. */
function renderAttempts({ attempts, state }: TaskView, paint: Paint): string[] {
  if (attempts.length <= 1 && attempts.every(({ error }) => error === undefined))
    return state.caught && attempts.length === 0
      ? ['caught', ...renderStoredError(state.caught, paint).map(indented)]
      : [];
  return attempts.flatMap(({ number, status, ms, error }) => [
    `attempt ${number}  ${statusText(status satisfies TaskStatus, paint)}${ms === undefined ? '' : ` in ${duration(ms)}`}`,
    ...(error ? renderStoredError(error, paint).map(indented) : []),
  ]);
}

function indented(line: string): string {
  return `  ${line}`;
}

/** Artifacts that a task has read, with the tasks that wrote them. */
function sourcesOf(run: RunView, task: TaskView): [string, TaskView[]][] {
  const list = run.record.graph.find(({ name }) => name === task.step)?.foreach;
  const names = task.reads.flatMap((read) => {
    if (read.kind === 'context') return read.field === 'element' && list !== undefined ? [list] : [];
    return 'absent' in read && !read.absent ? [read.name] : [];
  });
  return [...new Set(names)].map((name) => [name, task.producersOf(name)]);
}

function renderWrites(task: TaskView, paint: Paint): string {
  const rows = Object.entries(task.state.writes).map(([name, { size, codec, digest }]) => [
    plain(name),
    bytes(size),
    codec,
    paint('dim', digest.slice(0, 19)),
    namesOf(task.readersOf(name), false) || '–',
  ]);
  return rows.length === 0 ? 'no artifacts' : table(['ARTIFACT', 'SIZE', 'CODEC', 'DIGEST', 'READ BY'], rows);
}

/** `train[knn], train[tree], train[forest] and 7 more`; with `origins` also the run that computed a reused task. */
function namesOf(tasks: readonly TaskView[], origins = true): string {
  const shown = tasks.slice(0, NAMES_SHOWN).map(({ label, from }) => {
    return plain(origins && from !== undefined ? `${label} (from ${from})` : label);
  });
  const more = tasks.length > NAMES_SHOWN ? ` and ${tasks.length - NAMES_SHOWN} more` : '';
  return `${shown.join(', ')}${more}`;
}
