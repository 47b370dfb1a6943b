import { parseForce } from '../cache/index.ts';
import type { History, Pathspec, RunView } from '../client/index.ts';
import { type Finding, type RunRecord, type StepKeyed, VarveError } from '../contract/index.ts';
import { type FlowDescription, type Graph, suggest } from '../flow/index.ts';
import { type Origin, type OriginTask, TRUSTS, type Trust } from '../run/index.ts';
import type { GivenParameter } from '../runner/index.ts';

/** What somebody wants of a resumed run beyond that it goes on. */
export interface ResumeRequest {
  /** `verify` (default): finished tasks count if their code is the same. `position`: they count. */
  readonly trust?: string;
  /** Steps, or single tasks as `train[knn]`, that are executed again, with what follows from them. */
  readonly from?: readonly string[];
  /** Parameters that get another value; all others keep theirs. */
  readonly set?: Readonly<Record<string, GivenParameter>>;
}

/** A run that is to be resumed, and the runs that it had resumed, newest first. */
export interface OriginRun {
  readonly run: RunView;
  readonly chain: readonly RunView[];
  readonly history: History;
}

/** Runs resumed one after the other that are looked through. */
const CHAIN_MAX = 100;
const FINISHED = ['succeeded', 'cached', 'cloned'];

/**
 * Opens the run that a path names; without one the newest that did not succeed and that no later run has resumed. Throws
 * `VARVE_NOTHING_TO_RESUME`, and `VARVE_RUN_LIVE` for a run that is still going.
 */
export async function openOrigin(history: History, path: Pathspec | undefined): Promise<OriginRun> {
  let run = path ? await history.find(path) : await newestUnfinished(history);
  if (run.status === 'running') throw liveError(run);
  if (run.status === 'lost') {
    // Whoever may still write it, e.g. on a machine that was only asleep, writes nothing more from here on.
    await history.fence(run.record, 'resume');
    run = await history.find({ flow: run.flow, run: { id: run.id } });
  }
  const chain = [run];
  for (let last: RunView = run; last.record.origin !== undefined && chain.length < CHAIN_MAX; chain.push(last))
    last = await history.find({ flow: run.flow, run: { id: last.record.origin } });
  return { run, chain, history };
}

async function newestUnfinished(history: History): Promise<RunView> {
  const resumed = new Set<string>();
  for await (const { record, status } of history.list({ onDamage: () => {} })) {
    if (record.origin !== undefined) resumed.add(record.origin);
    if (status !== 'succeeded' && !resumed.has(record.id))
      return history.find({ flow: record.flow, run: { id: record.id } });
  }
  throw new VarveError('VARVE_NOTHING_TO_RESUME', 'no run has stopped before its end', {
    hint: 'To execute steps of a finished run again: varve resume Flow/12 --from step',
  });
}

function liveError({ flow, number }: RunView): VarveError {
  return new VarveError('VARVE_RUN_LIVE', `${flow}/${number} is still running`, {
    hint: 'Let it end, or stop it with Ctrl-C where it runs, and resume it then.',
  });
}

/** What the new run takes over. Throws `VARVE_RESUME_OPTION` with all that makes no sense. */
export function originOf(
  { run, chain }: OriginRun,
  graph: Graph,
  bundle: string,
  request: ResumeRequest,
): { readonly origin: Origin; readonly force: string[] } {
  const findings: Finding[] = [];
  const trust = TRUSTS.find((one) => one === (request.trust ?? 'verify'));
  if (!trust) findings.push(finding(`--trust ${request.trust}`, `One of: ${TRUSTS.join(', ')}.`));
  const names = graph.steps.map(({ name }) => name);
  const from = (request.from ?? []).flatMap((text) => {
    const parsed = parseForce(text);
    if (parsed && names.includes(parsed.step)) return [parsed];
    findings.push(finding(`--from ${text}: there is no such step`, suggest(parsed?.step ?? text, names, 'steps')));
    return [];
  });
  if (findings.length > 0) throw new VarveError('VARVE_RESUME_OPTION', 'the options make no sense', { findings });
  const single = from.flatMap(({ step, label }) => (label === undefined ? [] : [`${step}[${label}]`]));
  const origin: Origin = {
    path: `${run.flow}/${run.number}`,
    tasks: finishedTasks(chain, bundle),
    elements: new Map(chain.flatMap(({ state }) => [...state.elements]).reverse()),
    trust: trust as Trust,
    again: downstreamOf(
      graph,
      from.filter(({ label }) => label === undefined).map(({ step }) => step),
    ),
    againTasks: new Set(single),
    newParameters: Object.keys(request.set ?? {}).length > 0,
  };
  return { origin, force: from.map(({ step, label }) => (label === undefined ? step : `${step}[${label}]`)) };
}

function downstreamOf({ steps }: Graph, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const queue = [...from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    queue.push(...(steps.find((step) => step.name === name)?.children ?? []));
  }
  return found;
}

/** Of each task what the newest run that finished it says. */
function finishedTasks(chain: readonly RunView[], bundle: string): Map<string, OriginTask> {
  const byPath = new Map(chain.map((view) => [`${view.flow}/${view.number}`, view]));
  const tasks = new Map<string, OriginTask>();
  for (const view of chain) {
    for (const [name, task] of view.state.tasks) {
      if (tasks.has(name) || !FINISHED.includes(task.status)) continue;
      const from = task.from ?? `${view.flow}/${view.number}/${name}`;
      const maker = byPath.get(from.split('/').slice(0, 2).join('/')) ?? view;
      const keyed: Readonly<Record<string, StepKeyed>> = (task.status === 'cached' ? view : maker).state.keyed ?? {};
      tasks.set(name, {
        ...{ writes: task.writes, deletes: task.deletes, reads: task.reads, ms: task.ms ?? 0, from },
        ...(task.log && { log: task.log }),
        ...(task.caught && { caught: task.caught }),
        key: keyed[task.step]?.key,
        sameBundle: maker.record.bundle === bundle,
      });
    }
  }
  return tasks;
}

/** Values of all parameters: those of the origin run, and in the place of some what was set anew. */
export async function parametersOf(
  { run, history }: OriginRun,
  { params }: FlowDescription,
  set: Readonly<Record<string, GivenParameter>>,
): Promise<Record<string, GivenParameter>> {
  const given: Record<string, GivenParameter> = { ...set };
  const kept = run.state.tasks.get('init')?.writes ?? {};
  for (const { name, kind } of params) {
    const reference = Object.hasOwn(kept, name) ? kept[name] : undefined;
    if (!reference || Object.hasOwn(set, name)) continue;
    const value = asGiven(kind, await history.value(reference));
    given[name] = { value, from: `${run.flow}/${run.number}` };
  }
  return given;
}

/** A stored value as somebody would give it: text stands for a file's path, and for JSON. */
function asGiven(kind: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return kind === 'file' ? Buffer.from(value) : kind === 'json' ? JSON.stringify(value) : value;
}

/** The file of the origin run's flow, relative to the project. */
export function fileOfOrigin({ file, flow, number }: RunRecord): string {
  if (file !== undefined) return file;
  throw new VarveError('VARVE_NO_FILE', `${flow}/${number} does not say in which file its flow is written`, {
    hint: 'Say it: varve resume --file flow.ts',
  });
}

function finding(message: string, hint: string): Finding {
  return { code: 'VARVE_RESUME_OPTION', message, hint };
}
