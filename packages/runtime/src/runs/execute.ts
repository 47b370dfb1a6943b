import { hostname } from 'node:os';
import { type CodeLocation, type RunRecord, type RunSummary, VarveError } from '@varve/core/contract';
import type { BeginRun, RunIdentity, RunSession } from '@varve/core/internal';
import {
  checkedGraph,
  createRunIds,
  type GivenParameter,
  type Graph,
  outlineOf,
  type ProgressListener,
  type ResumeSource,
  type RunOptions,
  Scheduler,
  VERSION,
} from '@varve/core/internal';
import { type CacheRequest, readCacheSettings } from '../compose/config/index.ts';
import { projectPath, sourcePackage } from './code-package.ts';
import { userName } from './identity.ts';
import { type KeyedRun, keyedEvent, keySteps, memosOf, variablesOf, withStateWarnings } from './key-steps.ts';
import { openAmbient } from './open-ambient.ts';
import type { Preparation } from './prepare.ts';

import { type OriginRun, originOf, parametersOf, type ResumeRequest, requireFlow } from './resume-request.ts';

export interface StartOptions extends Omit<RunOptions, 'cache' | 'origin'> {
  /** The run that goes on in this one. */
  readonly resume?: { readonly of: OriginRun; readonly request: ResumeRequest };
  /** Cache options; those left out come from the environment and the config. */
  readonly cacheRequest?: CacheRequest;
  readonly parameters?: Readonly<Record<string, GivenParameter>>;
  readonly tags?: readonly string[];
  readonly onProgress?: ProgressListener;
}

/** A run that has ended. */
export interface FinishedRun {
  readonly record: RunRecord;
  readonly summary: RunSummary;
}

/** Checks the parameters, creates the run, and executes it to its end. Nothing is written before all checks passed. */
export async function executePrepared(prepared: Preparation, options: StartOptions): Promise<FinishedRun> {
  const { description, engine, code } = prepared;
  const graph = checkedGraph(description);
  if (options.resume) requireFlow(options.resume.of.run, description.name);
  const resumed = options.resume && originOf(options.resume.of, graph, code.digest, options.resume.request);
  const { given, shown } = await settleParameters(prepared, options, resumed?.origin);
  const draft = newRecord(prepared, shown, options);
  const listener = options.onProgress ?? (() => {});
  const warnings = [...prepared.warnings];
  const force = [...(options.cacheRequest?.force ?? []), ...(resumed?.force ?? [])];
  const first = options.resume?.of.chain.at(-1)?.id ?? draft.id;
  const keyed = await keyedUnless(prepared, graph, first, { ...options.cacheRequest, force }, warnings);
  const record = await beginRun(
    engine.io,
    { record: draft, code: sourcePackage(prepared), ...watchedBy(keyed) },
    listener,
  );
  const began = Date.now();
  const onProgress = keyed ? withStateWarnings(keyed, listener) : listener;
  onProgress({
    type: 'run-started',
    flow: record.flow,
    number: record.number,
    id: record.id,
    parameters: shown,
    steps: graph.steps.map((s) => s.name),
  });
  for (const message of warnings) onProgress({ type: 'warning', message });
  const { io, runners, clock } = engine;
  if (keyed) {
    const { event, bytes } = await keyedEvent(keyed.cache, io, clock.now());
    io.append(event, bytes);
  }
  const identity = identityOf(record, code, keyed);
  const store = { journal: io, values: io, cache: io };
  const ports = { runners, ...store, clock, onProgress, ...(keyed && { ambient: keyed.ambient }) };
  const asked = { ...options, ...(keyed && { cache: keyed.cache }), ...(resumed && { origin: resumed.origin }) };
  const summary = await new Scheduler(graph, identity, ports, asked).run(given);
  onProgress({ type: 'run-ended', status: summary.status, ms: Date.now() - began, summary });
  return { record, summary };
}

function identityOf(
  { flow, id, number, createdAt, origin }: RunRecord,
  code: CodeLocation,
  keyed: KeyedRun | undefined,
): RunIdentity {
  const memos = keyed && memosOf(keyed);
  const variables = keyed && variablesOf(keyed);
  return {
    ...{ flow, runId: id, runNumber: number, startedAt: createdAt, code },
    ...(origin !== undefined && { origin }),
    ...(memos && { memos }),
    ...(variables && { variables }),
  };
}

/** Only results that are published need their sources to stay as they are. */
function watchedBy(keyed: KeyedRun | undefined): Pick<BeginRun, 'watched'> {
  return keyed && keyed.cache.settings.mode !== 'read' ? { watched: keyed.watched } : {};
}

/** Parameters of a resumed run are those of the run it resumes, unless some are set anew. */
async function settleParameters(
  { engine, code, description }: Preparation,
  { parameters = {}, resume }: StartOptions,
  origin: ResumeSource | undefined,
): Promise<{ given: Readonly<Record<string, GivenParameter>>; shown: Readonly<Record<string, string>> }> {
  const before = resume?.of.run.record.parameters ?? {};
  if (origin?.initialisers === 'reuse') return { given: {}, shown: before };
  const set = resume?.request.set ?? {};
  const given = resume && origin ? await parametersOf(origin, resume.of.history, description, set) : parameters;
  const { shown, findings } = await engine.flow.parse({ code, given });
  if (findings.length === 0)
    return { given, shown: origin?.initialisers === 'merge' ? { ...shown, ...before } : shown };
  throw new VarveError('VARVE_PARAMETERS', `${description.name} cannot start with these parameters`, {
    findings,
    ...(resume && { hint: 'Give a value: varve resume --set name=value' }),
  });
}

/** `undefined` when every task is executed: because that was asked for, or because no keys can be had. */
async function keyedUnless(
  prepared: Preparation,
  graph: Graph,
  runId: string,
  request: CacheRequest,
  warnings: string[],
): Promise<KeyedRun | undefined> {
  const settings = readCacheSettings(graph, request, process.env, (await prepared.stack.settings()).cache ?? {});
  if (settings.mode === 'off') return undefined;
  try {
    const ambient = openAmbient(prepared, settings.mode !== 'read');
    return await keySteps(prepared, graph, runId, settings, ambient);
  } catch (error) {
    if (VarveError.is(error, 'VARVE_CONFIG')) throw error;
    warnings.push(`UNAVAILABLE every step is executed: no cache key can be made: ${(error as Error).message}`);
    return undefined;
  }
}

/** Passes on warnings until the run has begun; after that the scheduler listens. */
async function beginRun(io: RunSession, start: BeginRun, onProgress: ProgressListener): Promise<RunRecord> {
  let hasBegun = false;
  const beginning = io.begin(start);
  io.onWarning((message) => {
    if (!hasBegun) onProgress({ type: 'warning', message });
  });
  const record = await beginning;
  hasBegun = true;
  return record;
}

function newRecord(
  { setup, description, code, compilation }: Preparation,
  shown: Readonly<Record<string, string>>,
  { tags = [], resume }: StartOptions,
): Omit<RunRecord, 'number'> {
  return {
    id: createRunIds(Date.now)(),
    flow: description.name,
    tags: [...new Set([...(resume?.of.run.record.tags ?? []), ...tags])],
    createdAt: Date.now(),
    user: userName(),
    host: hostname(),
    varve: VERSION,
    parameters: shown,
    file: projectPath(setup, compilation.graph.entry),
    bundle: code.digest,
    graph: outlineOf(description),
    ...(resume && { origin: resume.of.run.id }),
  };
}
