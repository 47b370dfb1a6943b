import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CodeFingerprint, Digest, RunEvent } from '@varve/core/contract';
import type { RunSession } from '@varve/core/internal';
import {
  type AmbientPort,
  type CacheSettings,
  COMPONENTS_CODEC,
  componentsOf,
  forcedSteps,
  type Graph,
  type GraphStep,
  isStepCache,
  loadDigest,
  type ProgressListener,
  policyOf,
  type Reason,
  type RunCache,
  resultOptions,
  type StepCache,
  type Surroundings,
  stepKey,
  type Tokens,
  type WatchedFile,
} from '@varve/core/internal';
import type { Composition } from '../compose/compose.ts';
import type { ObserveOptions } from '../observe/options.ts';
import { digestWithPackages, readLoadedCode } from './loaded-code.ts';
import { readPreloaded } from './preloaded-code.ts';
import type { Preparation } from './prepare.ts';

/** The step keys of a run, and the files that must not change for its results to be published. */
export interface KeyedRun {
  readonly cache: RunCache;
  readonly ambient: AmbientPort;
  readonly watched: readonly WatchedFile[];
  readonly fingerprints: readonly CodeFingerprint[];
  /** Names of steps of which the user says by `cache` that no state of a thread counts. */
  readonly vouchedFor: ReadonlySet<string>;
}

/** Hashes the code of every step, and what else its results depend on. */
export async function keySteps(
  prepared: Preparation,
  graph: Graph,
  runId: string,
  settings: CacheSettings,
  ambient: AmbientPort,
): Promise<KeyedRun> {
  const { compilation, description, stack } = prepared;
  const fingerprinter = await stack.get('fingerprinter');
  const names = graph.steps.map(({ name }) => name);
  const report = await prepared.engine.flow.loaded(prepared.code);
  const loaded = await readLoadedCode(report, compilation.graph, prepared.engine.observe);
  const preloaded = await readPreloaded(prepared.engine.observe);
  const refused = report.ambient?.unrecorded ?? loaded.unrecorded ?? preloaded.unrecorded;
  if (refused !== undefined) throw new Error(refused);
  const { packages } = loaded;
  const fingerprints = await fingerprinter.fingerprint(compilation.graph, description.name, names, {
    loaded: packages,
  });
  const seen = { ...report.ambient?.tokens, ...loaded.tokens, ...preloaded.tokens };
  await ambient.prepare(Object.keys(seen));
  const tokens = ambient.settle(seen);
  const around = await surroundingsOf(prepared, fingerprinter.id, tokens);
  const forced = forcedSteps(graph.steps, settings.force);
  const steps = new Map<string, StepCache | Reason>();
  const keys = new Map<string, Pick<StepCache, 'key' | 'components'>>();
  for (const [i, step] of graph.steps.entries()) {
    const fingerprint = fingerprints[i];
    if (!fingerprint) continue;
    const policy = policyOf(step, fingerprint, settings, forced);
    const components = componentsOf(
      fingerprint,
      resultOptions(step.options),
      scopeOf(step, description.name, runId),
      around,
    );
    const key = stepKey(components);
    keys.set(step.name, { key, components });
    steps.set(step.name, 'code' in policy ? policy : { key, components, policy });
  }
  const load = report.ambient && loadDigest(report.ambient);
  const cache = { settings, steps, keys, ...(load !== undefined && { load }) };
  const vouchedFor = new Set(graph.steps.filter((step) => step.cache !== undefined).map(({ name }) => name));
  const watched = [...watchedFiles(prepared, fingerprints), ...loaded.watched];
  return { cache, ambient, watched, fingerprints, vouchedFor };
}

/** The event that tells of a run's keys, and the bytes it names. */
export async function keyedEvent(
  { keys }: RunCache,
  io: RunSession,
  at: number,
): Promise<{ readonly event: RunEvent; readonly bytes: Map<Digest, Uint8Array> }> {
  const bytes = new Map<Digest, Uint8Array>();
  const entries = [...keys].map(async ([name, { key, components }]) => {
    const stored = await io.keep(Buffer.from(JSON.stringify(components)), COMPONENTS_CODEC);
    if (stored.bytes) bytes.set(stored.reference.digest, stored.bytes);
    return [name, { key, components: stored.reference }] as const;
  });
  return { event: { type: 'run-keyed', at, steps: Object.fromEntries(await Promise.all(entries)) }, bytes };
}

function scopeOf({ cache }: GraphStep, flow: string, runId: string): string {
  const scope = cache ? (cache.scope ?? 'store') : 'store';
  return scope === 'store' ? 'store' : scope === 'flow' ? `flow ${flow}` : `run ${runId}`;
}

async function surroundingsOf(
  { stack, engine }: Preparation,
  fingerprinter: string,
  load: Tokens,
): Promise<Surroundings> {
  const [serializer, hasher] = await Promise.all([stack.get('serializer'), stack.get('hasher')]);
  const classes = (serializer.classes ?? []).length > 0 ? await configDigest(stack, engine.observe) : undefined;
  return {
    node: process.versions.node.split('.', 1)[0] ?? '',
    fingerprinter,
    platform: `${process.platform}-${process.arch}-${process.versions.modules}`,
    serializer: serializer.id,
    hasher: hasher.algorithm,
    ...(classes !== undefined && { classes }),
    load,
  };
}

/** Covers the code of the classes that the config registers. Throws when it cannot be known. */
async function configDigest(stack: Composition, options: ObserveOptions): Promise<string> {
  const { configFile } = stack.source.setup;
  if (configFile === undefined || stack.isReplaced('serializer'))
    throw new Error(
      'the serializer was given as an object with classes of its own, whose code no key can hold. Name the stack by its file: createVarve({ stack })',
    );
  return digestWithPackages(await stack.use('loader', (loader) => loader.compile(configFile)), options);
}

/** Local sources, and files that were included; what a computed name leads to is observed where it is loaded. */
function watchedFiles({ compilation, isGiven }: Preparation, fingerprints: readonly CodeFingerprint[]): WatchedFile[] {
  const { root, modules } = compilation.graph;
  const files = new Map(isGiven ? [] : modules.map(({ path, digest }) => [path, digest]));
  for (const { assets } of fingerprints)
    for (const { file, digest } of assets)
      if (digest !== null && isFile(resolve(root, file))) files.set(resolve(root, file), digest);
  return [...files].map(([path, digest]) => ({ path, digest }));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * Says of each step that is executed in every run why that is, and what to do about it. All progress goes on to
 * `listener`.
 */
export function withStateWarnings({ cache, fingerprints }: KeyedRun, listener: ProgressListener): ProgressListener {
  const codes = new Map(fingerprints.map((code) => [code.step, code]));
  return (progress) => {
    listener(progress);
    if (progress.type !== 'task-started') return;
    const code = codes.get(progress.step);
    codes.delete(progress.step);
    // Of one that makes a call the run itself tells when it has made it again, with the place.
    const isForCalls = isStepCache(cache.steps.get(progress.step));
    if (!code || isForCalls || cache.settings.purity === 'off' || progress.why?.code !== 'IMPURE') return;
    listener({
      type: 'warning',
      message: `${code.step} is executed in every run: ${progress.why.text}. ${wayOut(code)}`,
    });
  };
}

/**
 * Variables that tasks fill once and that a step uses whose results are kept, by each step that may fill or use them.
 * `undefined` for none.
 */
export function memosOf({ cache, fingerprints }: KeyedRun): Readonly<Record<string, readonly string[]>> | undefined {
  const kept = fingerprints.filter(({ step }) => isStepCache(cache.steps.get(step)));
  const wanted = new Set(kept.flatMap(({ memos = [] }) => memos));
  if (wanted.size === 0) return undefined;
  return Object.fromEntries(
    fingerprints.flatMap(({ step, memos = [] }) => {
      const shared = memos.filter((memo) => wanted.has(memo));
      return shared.length > 0 ? [[step, shared]] : [];
    }),
  );
}

/** Variables that may hold objects, by each step whose results are kept and that uses them. `undefined` for none. */
export function variablesOf({
  cache,
  fingerprints,
  vouchedFor,
}: KeyedRun): Readonly<Record<string, readonly string[]>> | undefined {
  const used = fingerprints.flatMap(({ step, variables = [] }) => {
    const counts = isStepCache(cache.steps.get(step)) && !vouchedFor.has(step);
    return counts && variables.length > 0 ? [[step, variables] as const] : [];
  });
  return used.length > 0 ? Object.fromEntries(used) : undefined;
}

function wayOut({ moduleState }: CodeFingerprint): string {
  const give = 'Give the step';
  if (moduleState.length > 0) return `${give} cache: {} if its results do not depend on that, or cache: false`;
  return `${give} cache: false, or let cache.purity be 'warn'`;
}
