import type { History, Pathspec, RunView } from '@varve/client';
import { type Finding, type RunRecord, VarveError } from '@varve/core/contract';
import {
  type FlowDescription,
  finishedTasks,
  type GivenParameter,
  type Graph,
  INIT,
  type OriginTask,
  parseForce,
  type ResumeSource,
  suggest,
  type TaskState,
  TRUSTS,
} from '@varve/core/internal';

/** Options of a resume. */
export interface ResumeRequest {
  /** `verify` (default): finished tasks count if their code is the same. `position`: they count. */
  readonly trust?: string;
  /** Steps, or single tasks as `train[knn]`, that are executed again, with what follows from them; `init` for the initialisers. */
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
/** Names a hint lists. */
const SHOWN_MAX = 12;

/**
 * Opens the run that a path names; else the newest (of a flow, when `which` is its name) that did not succeed and that no
 * later run has resumed. Throws `VARVE_NOTHING_TO_RESUME`, and `VARVE_RUN_LIVE` for a run that is still going.
 */
export async function openOrigin(
  history: History,
  which: Pathspec | string | undefined,
  onDamage: (error: VarveError) => void = () => {},
): Promise<OriginRun> {
  let run = typeof which === 'object' ? await history.find(which) : await newestUnfinished(history, which, onDamage);
  if (run.record.spin !== undefined) throw spunError(run);
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

async function newestUnfinished(
  history: History,
  flow: string | undefined,
  onDamage: (error: VarveError) => void,
): Promise<RunView> {
  const resumed = new Set<string>();
  for await (const run of history.list({ onDamage, ...(flow !== undefined && { flow }) })) {
    if (run.record.origin !== undefined) resumed.add(run.record.origin);
    if (run.record.spin === undefined && run.status !== 'succeeded' && !resumed.has(run.record.id)) return run.open();
  }
  const of = flow === undefined ? '' : ` of ${flow}`;
  throw new VarveError('VARVE_NOTHING_TO_RESUME', `no run${of} has stopped before its end`, {
    hint: 'To execute steps of a finished run again: varve resume Flow/12 --from step',
  });
}

function spunError({ flow, number, record }: RunView): VarveError {
  const path = record.spin?.split('/').slice(0, 2).join('/');
  return new VarveError('VARVE_RESUME_OPTION', `${flow}/${number} is one task of ${path}, tried by itself`, {
    hint: `Let that run go on: varve resume ${path}`,
  });
}

function liveError({ flow, number }: RunView): VarveError {
  return new VarveError('VARVE_RUN_LIVE', `${flow}/${number} is still running`, {
    hint:
      `Let it end, or stop it (varve cancel ${flow}/${number}, or Ctrl-C where it runs), and resume it then. ` +
      'If it was killed, wait 20 seconds: it counts as lost then.',
  });
}

/** The source from which the new run takes over results. Throws `VARVE_RESUME_OPTION` with all findings. */
export function originOf(
  { run, chain }: Pick<OriginRun, 'run' | 'chain'>,
  graph: Graph,
  bundle: string,
  request: ResumeRequest,
): { readonly origin: ResumeSource; readonly force: string[] } {
  const trust = TRUSTS.find((one) => one === (request.trust ?? 'verify'));
  const { again, findings } = readFrom(request.from ?? [], graph, chain);
  if (!trust) findings.push(finding(`--trust ${request.trust}`, `One of: ${TRUSTS.join(', ')}.`));
  if (!trust || findings.length > 0)
    throw new VarveError('VARVE_RESUME_OPTION', 'the options make no sense', { findings });
  const { tasks, elements } = finishedTasks(chain, bundle);
  const init = tasks.get('init');
  if (!init) throw nothingKept(run);
  const steps = again.filter(({ step, label }) => label === undefined && step !== INIT.name).map(({ step }) => step);
  const single = again.flatMap(({ step, label }) => (label === undefined ? [] : [`${step}[${label}]`]));
  const anew = again.some(({ step }) => step === INIT.name) || Object.keys(request.set ?? {}).length > 0;
  const origin: ResumeSource = {
    ...{ path: `${run.flow}/${run.number}`, tasks, elements, trust },
    rerunSteps: downstreamOf(graph, steps),
    rerunTasks: new Set(single),
    initialisers: anew ? 'rerun' : init.sameBundle ? 'reuse' : 'merge',
  };
  return { origin, force: [...steps, ...single] };
}

/** A run goes on as the flow it is. */
export function requireFlow({ flow, number }: RunView, name: string): void {
  if (flow === name) return;
  throw new VarveError('VARVE_RESUME_OPTION', `${flow}/${number} cannot go on as ${name}`, {
    hint: `Name the file that holds ${flow}: --file flow.ts`,
  });
}

/** Without the values of its parameters a run cannot go on as it was. */
function nothingKept({ flow, number, record }: RunView): VarveError {
  const given = Object.entries(record.parameters).map(([name, value]) => `${name}=${value}`);
  return new VarveError('VARVE_NOTHING_TO_RESUME', `${flow}/${number} stopped before it had kept anything`, {
    hint: `Start anew: varve run ${record.file ?? 'flow.ts'}${given.length > 0 ? `, with ${given.join(', ')}` : ''}`,
  });
}

function readFrom(texts: readonly string[], graph: Graph, chain: readonly RunView[]) {
  const findings: Finding[] = [];
  const names = [INIT.name, ...graph.steps.map(({ name }) => name)];
  const again = texts.flatMap((text) => {
    const parsed = parseForce(text);
    if (!parsed || !names.includes(parsed.step)) {
      findings.push(finding(`--from ${text}: there is no such step`, suggest(parsed?.step ?? text, names, 'steps')));
      return [];
    }
    const { step, label } = parsed;
    const tasks = chain.flatMap(({ state }) => [...state.tasks.values()].filter((task) => task.step === step));
    const isTask = ({ task, label: shown }: TaskState) => [task, shown].includes(`${step}[${label}]`);
    if (label === undefined || tasks.some(isTask)) return [{ step, label }];
    const labels = [...new Set(tasks.map((task) => task.label))].slice(0, SHOWN_MAX);
    findings.push(finding(`--from ${text}: there was no such task`, suggest(text, labels, 'tasks')));
    return [];
  });
  return { again, findings };
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

/** Values of all parameters: those of the origin run, and in the place of some what was set anew. */
export async function parametersOf(
  origin: { readonly path: string; readonly tasks: ReadonlyMap<string, Pick<OriginTask, 'writes'>> },
  history: Pick<History, 'value'>,
  { params }: FlowDescription,
  set: Readonly<Record<string, GivenParameter>>,
): Promise<Record<string, GivenParameter>> {
  const given: Record<string, GivenParameter> = { ...set };
  const kept = origin.tasks.get(INIT.name)?.writes ?? {};
  for (const { name, kind } of params) {
    const reference = Object.hasOwn(kept, name) ? kept[name] : undefined;
    if (!reference || Object.hasOwn(set, name)) continue;
    const value = asGiven(kind, await history.value(reference));
    given[name] = { value, from: origin.path };
  }
  return given;
}

/** A stored value as a parameter is given: the text of a file would be taken for its path. */
function asGiven(kind: string, value: unknown): unknown {
  return kind === 'file' && typeof value === 'string' ? Buffer.from(value) : value;
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
