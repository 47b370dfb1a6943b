import type { RunView, TaskView } from '@varve/client';
import { type Reference, type RunRecord, type TaskStatus, VarveError } from '@varve/core/contract';
import type { StepState } from '@varve/core/internal';
import { EXIT } from '../../exit-codes.ts';
import { renderStoredError } from '../../print/error.ts';
import { bytes, duration, type Paint, painter, plain } from '../../print/format.ts';
import { RunReasons } from '../../print/reason.ts';
import { statusText } from '../../print/status.ts';
import { print, printJson } from '../../print/stdout.ts';
import { table } from '../../print/table.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { readPathspec } from '../targets.ts';
import { renderRequests } from './show-requests.ts';
import { renderTask, statusOf, taskDetails } from './show-task.ts';

/** Most failures to show in full; the others are counted. */
const FAILURES_SHOWN = 3;

export interface ShowOptions extends CommonOptions {
  /** Shows the calls to the store. */
  readonly requests?: boolean;
}

/** `varve show`: a run, one step of it, or one task. */
export async function show(target: string, options: ShowOptions): Promise<number> {
  const path = readPathspec(target);
  if (options.requests && path.task !== undefined)
    throw new VarveError('VARVE_USAGE', '--requests shows the calls of a whole run, not those of one task', {
      hint: 'Name the run alone, e.g. varve show @last --requests',
    });
  return withHistory(options, async ({ history }) => {
    const run = await history.find(path);
    const paint = painter(process.stdout);
    if (path.task === undefined) {
      const chain = await chainOf(run);
      if (options.json) printJson(runDocument(run, chain));
      else if (options.requests) print(renderRequests(run, paint));
      else print(renderRun(run, chain, paint));
    } else if (run.state.steps.has(path.task) && !run.state.tasks.has(path.task)) {
      const tasks = run.tasks(path.task);
      if (options.json) printJson({ tasks: tasks.map(taskDocument) });
      else print(renderTasks(tasks, new RunReasons(run), paint));
    } else {
      const task = run.task(path.task);
      if (options.json) printJson({ task: taskDetails(run, task) });
      else print(renderTask(run, task, paint));
    }
    return EXIT.ok;
  });
}

/** Names of the run that this one resumed, and of the runs that resumed this one. */
async function chainOf({ history, record, flow }: RunView): Promise<Chain> {
  const name = (one: RunRecord) => `${one.flow}/${one.number}`;
  const resumedBy = (await history.resumedBy(record)).map((run) => name(run.record));
  if (record.origin === undefined) return { resumedBy };
  const before = history.listing({ flow, run: { id: record.origin } });
  const resumes = await before
    .then((run) => name(run.record))
    .catch((error: unknown) => {
      if (VarveError.is(error, 'VARVE_NO_RUN')) return `${record.origin}, which has been removed`;
      throw error;
    });
  return { resumes, resumedBy };
}

interface Chain {
  readonly resumes?: string;
  readonly resumedBy: readonly string[];
}

function renderRun(run: RunView, chain: Chain, paint: Paint): string {
  const { record, summary } = run;
  const took = summary ? ` in ${duration(summary.endedAt - record.createdAt)}` : '';
  const lines = [`${paint('bold', `${run.flow} #${run.number}`)}  ${statusText(run.status, paint)}${took}`];
  lines.push(
    paint('dim', `${new Date(record.createdAt).toISOString()} · ${record.user}@${record.host} · ${record.id}`),
  );
  const parameters = Object.entries(record.parameters).map(([name, value]) => `${name}=${plain(value)}`);
  if (parameters.length > 0) lines.push(`parameters  ${parameters.join(' ')}`);
  if (record.tags.length > 0) lines.push(`tags  ${record.tags.map(plain).join(' ')}`);
  if (record.spin !== undefined) lines.push(`spin of  ${plain(record.spin)}`);
  if (chain.resumes !== undefined) lines.push(`resumes  ${chain.resumes}`);
  if (chain.resumedBy.length > 0) lines.push(`resumed by  ${chain.resumedBy.join(', ')}`);
  const why = new RunReasons(run);
  lines.push(
    '',
    table(
      ['STEP', 'TASKS', 'STATUS', why.title],
      run.steps.map((step) => [step.name, String(step.total), counts(step, run, paint), why.ofStep(step.name)]),
    ),
  );
  const failed = run.tasks({ status: 'failed' });
  for (const task of failed.slice(0, FAILURES_SHOWN)) lines.push('', ...renderFailure(task, paint));
  if (failed.length > FAILURES_SHOWN)
    lines.push(
      '',
      `… and ${failed.length - FAILURES_SHOWN} more failed tasks: varve show ${run.flow}/${run.number}/<step>`,
    );
  lines.push('', renderArtifacts(run.references, paint));
  return lines.join('\n');
}

function counts(step: StepState, run: RunView, paint: Paint): string {
  return Object.entries(step.counts)
    .map(([status, count]) => {
      const text = statusIn(run, status as TaskStatus, paint);
      return step.total === 1 ? text : `${count} ${text}`;
    })
    .join('  ');
}

/** A task that had not started when its run ended is shown as not reached. */
function statusIn(run: RunView, status: TaskStatus, paint: Paint): string {
  if (status === 'queued' && run.status !== 'running') return paint('dim', '– not reached');
  if (status !== 'running' || run.status === 'running') return statusText(status, paint);
  return statusText(run.status === 'lost' ? 'lost' : 'cancelled', paint);
}

function renderFailure(task: TaskView, paint: Paint): string[] {
  const { error } = task;
  return [
    `${statusText('failed', paint)} ${plain(task.label)}`,
    ...(error ? renderStoredError(error, paint).map((line) => `  ${line}`) : []),
  ];
}

function renderTasks(tasks: readonly TaskView[], why: RunReasons, paint: Paint): string {
  const rows = tasks.map((task) => [
    plain(task.label),
    statusOf(task, paint),
    duration(task.ms ?? 0),
    String(task.attempts.length || '–'),
    why.ofTask(task),
  ]);
  return table(['TASK', 'STATUS', 'TIME', 'ATTEMPTS', why.title], rows);
}

function renderArtifacts(references: Readonly<Record<string, Reference>>, paint: Paint): string {
  const rows = Object.entries(references).map(([name, { size, codec, digest }]) => [
    plain(name),
    bytes(size),
    codec,
    paint('dim', digest.slice(0, 19)),
  ]);
  return rows.length === 0 ? 'no artifacts' : table(['ARTIFACT', 'SIZE', 'CODEC', 'DIGEST'], rows);
}

function runDocument(run: RunView, { resumedBy }: Chain): object {
  const { record, summary, status } = run;
  return {
    run: {
      ...record,
      status,
      summary,
      resumedBy,
      steps: run.steps,
      artifacts: run.references,
      tasks: run.tasks().map(taskDocument),
    },
  };
}

function taskDocument(task: TaskView): object {
  return { ...task.state, status: task.status };
}
