import {
  type AmbientReads,
  SerializeError,
  type StoredError,
  type TaskLogLine,
  type TaskOutcome,
  type TaskSpec,
  VarveError,
  type WrittenArtifact,
} from '../../contract/index.ts';
import {
  constructRoot,
  createTask,
  explainFrozen,
  isNonRetryable,
  parseParameters,
  retryAfterOf,
  SEES_BOTH,
  type StepDescription,
} from '../../flow/index.ts';
import { storeError } from '../../store/index.ts';
import { runInScope } from '../scope/capture.ts';
import { monotonicNow } from '../scope/own-clock.ts';
import { checkSoundBuiltIns, expectSoundBuiltIns } from '../scope/sound-built-ins.ts';
import { beginState } from '../scope/thread-state.ts';
import type { Values } from '../values/values.ts';
import { type LoadedFlow, loadDigestOf, loadFault, type StepBody } from './load-flow.ts';
import { type AttemptAbort, StepScope } from './step-scope.ts';
import { argumentsOf } from './task-arguments.ts';
import { accessOf } from './task-context.ts';
import { LOG_CODEC, redactError, TaskLog } from './task-log.ts';
import { TaskReads } from './task-reads.ts';

/** Most values of one task that are stored at once: a slow store delays each of them. */
const WRITES_MAX = 16;
/** Encoded bytes on their way to the store beyond which no further value is encoded. */
const UNDER_WAY_MAX = 32 * 1024 * 1024;

/** Everything an attempt needs from the thread it runs in. */
export interface TaskHost {
  readonly flow: LoadedFlow;
  readonly values: Values;
  readonly onLog: (line: TaskLogLine) => void;
  /** Called for an error that came up after the attempt had ended: it becomes the outcome, if it is not too late. */
  readonly onLateFailure: (outcome: TaskOutcome & { readonly ok: false }) => void;
  /** Called when the step starts, with a function that returns its reads so far, as `formatRead` writes them. */
  readonly onLook?: ((reads: () => readonly string[]) => void) | undefined;
  /** Called with the thrown value that the outcome holds only as plain data. */
  readonly onThrown?: ((stored: StoredError, thrown: unknown) => void) | undefined;
}

interface Results {
  readonly writes: ReadonlyMap<string, unknown>;
  readonly deletes: readonly string[];
  /** Called once all is stored: a stream that the step assigned may have read more by then. */
  reads(): string[];
  /** The step returned a value. */
  readonly returned?: true;
}

/** Runs one attempt in this thread. Always resolves: a throwing step is an outcome, not an error. */
export async function executeTask(spec: TaskSpec, host: TaskHost, abort: AttemptAbort): Promise<TaskOutcome> {
  const started = monotonicNow();
  const elapsed = () => Math.round((monotonicNow() - started) * 1000) / 1000;
  const log = new TaskLog({ task: spec.task, label: spec.label }, host.onLog);
  const late = (error: unknown) => host.onLateFailure(failedOutcome(error, elapsed(), abort));
  const step = host.flow.description.steps.find(({ name }) => name === spec.step);
  const scope = new StepScope(spec.label, log, late, step?.inputs);
  beginState(spec, scope.ambient);
  let reads: (() => readonly string[]) | undefined;
  const onLook: TaskHost['onLook'] = (looked) => {
    reads = looked;
    host.onLook?.(looked);
  };
  try {
    const body =
      spec.step === 'init' ? () => runInit(spec, host) : () => runStep(spec, { ...host, onLook }, abort, step);
    const results = await scope.run(body);
    const writes = await runInScope(scope, () => encodeWrites(spec.label, results.writes, host.values));
    const storing = storeLog(log, host.values);
    const stored = storing && (await storing);
    const looking = endAmbient(spec, scope);
    const ambient = looking && (await looking);
    scope.check();
    const { deletes, returned } = results;
    const more = { ...(ambient && { ambient }), ...(returned && { returned }), ...stored };
    return { ok: true, ms: elapsed(), writes, deletes, reads: results.reads(), ...more };
  } catch (error) {
    const stored = await storeLog(log, host.values)?.catch(() => ({}));
    const failed = failedOutcome(error, elapsed(), abort);
    host.onThrown?.(failed.error, error);
    return {
      ...failed,
      ...(scope.lost !== undefined && { lost: scope.lost }),
      ...(reads && step?.retry && !abort.aborted && (await readsOfFailed(spec, scope, reads))),
      ...stored,
    };
  } finally {
    scope.end();
  }
}

/** Ends what the attempt looks at outside of the run; `undefined` for nothing. */
function endAmbient(spec: TaskSpec, scope: StepScope): Promise<AmbientReads | undefined> | undefined {
  const fault = loadFault();
  if (fault !== undefined) scope.ambient.refuse(fault);
  const load = loadDigestOf(spec.code.bundle);
  if (load !== undefined) scope.ambient.loadedWith(load);
  return scope.endAmbient();
}

/** What an attempt had read that another one may follow; nothing when it cannot be told. */
async function readsOfFailed(spec: TaskSpec, scope: StepScope, reads: () => readonly string[]) {
  try {
    const ambient = await endAmbient(spec, scope);
    return { reads: reads(), ...(ambient && { ambient }) };
  } catch {
    return {};
  }
}

/** The outcome of an attempt that threw. */
export function failedOutcome(error: unknown, ms: number, abort: AttemptAbort): TaskOutcome & { readonly ok: false } {
  const cancelled = abort.aborted ? { cancelled: true } : {};
  const retry = { retryable: isRetryable(error), ...retryAfter(error) };
  return { ok: false, ms, error: redactError(storeError(error)), ...retry, ...cancelled };
}

async function runInit(spec: TaskSpec, host: TaskHost): Promise<Results> {
  const given = Object.fromEntries(
    Object.entries(spec.parameters ?? {}).map(([name, value]) => {
      const text = spec.texts?.includes(name) ?? false;
      return [name, { value, from: 'the run', text }];
    }),
  );
  const { values, findings } = await parseParameters(host.flow.Class, given);
  if (findings.length > 0) throw new VarveError('VARVE_PARAMETERS', 'the parameters do not fit the flow', { findings });
  return { writes: constructRoot(host.flow.Class, values), deletes: [], reads: () => [] };
}

async function runStep(
  spec: TaskSpec,
  host: TaskHost,
  abort: AttemptAbort,
  step: StepDescription | undefined,
): Promise<Results> {
  const { Class, description } = host.flow;
  const mutable = step?.inputs?.artifacts === 'mutable';
  const reads = new TaskReads(spec, host.values, mutable);
  const task = createTask(Class, description, accessOf(spec, description, reads, abort));
  host.onLook?.(() => reads.record.list(task.reads()));
  const method = host.flow.bodies?.get(spec.step) ?? (task.instance as unknown as Record<string, StepBody>)[spec.step];
  expectSoundBuiltIns();
  let returned: unknown;
  try {
    const running = method?.apply(task.instance as never, argumentsOf(spec, reads, step?.sees ?? SEES_BOTH) as never[]);
    // Whoever waits for the step goes through lists, too.
    checkSoundBuiltIns(spec.label);
    returned = await running;
    if (running !== undefined) checkSoundBuiltIns(spec.label);
  } catch (error) {
    checkSoundBuiltIns(spec.label);
    throw explainFrozen(error, spec.step) ?? error;
  }
  const finished = task.finish();
  const writes = new Map(finished.writes);
  if (!mutable) reads.refuseChanges();
  else {
    for (const [name, value] of reads.changed()) if (!writes.has(name)) writes.set(name, value);
    reads.refuseViewChanges();
  }
  const left = { writes, deletes: finished.deletes, reads: () => reads.record.list(task.reads()) };
  return returned === undefined ? left : { ...left, returned: true };
}

/** `undefined` for most tasks, which print nothing: no promise is made for them. */
function storeLog(output: TaskLog, values: Values): Promise<{ log?: WrittenArtifact }> | undefined {
  const bytes = output.end();
  return bytes && values.writeBytes(bytes, LOG_CODEC).then((log) => ({ log }));
}

/** A thrown value that cannot even be inspected is not worth another attempt. */
function isRetryable(error: unknown): boolean {
  try {
    return !VarveError.is(error) && !isNonRetryable(error);
  } catch {
    return false;
  }
}

function retryAfter(error: unknown): { readonly retryAfterMs?: number } {
  try {
    const retryAfterMs = retryAfterOf(error);
    return retryAfterMs === undefined ? {} : { retryAfterMs };
  } catch {
    return {};
  }
}

/** Encodes the values that a task assigned and stores those that are not small. Throws `VARVE_NOT_STORABLE` with the field's path. */
export async function encodeWrites(
  label: string,
  writes: ReadonlyMap<string, unknown>,
  values: Pick<Values, 'write' | 'bytesUnderWay'>,
): Promise<Record<string, WrittenArtifact>> {
  const done = new Map<string, WrittenArtifact>();
  const open = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  for (const [name, value] of writes) {
    const fail = (error: unknown) => {
      failure ??= { error: SerializeError.is(error) ? unstorable(label, name, error) : error };
    };
    const work = values
      .write(value)
      .then((written) => void done.set(name, written), fail)
      .finally(() => open.delete(work));
    open.add(work);
    while (open.size >= WRITES_MAX || (open.size > 0 && values.bytesUnderWay > UNDER_WAY_MAX)) await Promise.race(open);
    if (failure) break;
  }
  await Promise.all(open);
  if (failure) throw failure.error;
  const encoded: Record<string, WrittenArtifact> = Object.create(null);
  for (const name of writes.keys()) encoded[name] = done.get(name) as WrittenArtifact;
  return encoded;
}

function unstorable(label: string, name: string, error: SerializeError): VarveError {
  const { what, hint } = withoutRepetition(error);
  return new VarveError('VARVE_NOT_STORABLE', `${label} assigned this.${name}${error.path}: ${what}`, {
    cause: error,
    hint: hint || 'Store plain data instead, or mark the field @transient so that it is not stored.',
  });
}

/** A serializer's message may name the value, and give a hint after its first sentence: neither is shown twice. */
function withoutRepetition({ message, path }: SerializeError): { readonly what: string; readonly hint: string } {
  const subject = path === '' ? 'the value ' : `${path} `;
  const [first = '', ...more] = message.split('. ');
  return { what: first.startsWith(subject) ? `it ${first.slice(subject.length)}` : first, hint: more.join('. ') };
}
