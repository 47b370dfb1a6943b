import { resolve } from 'node:path';
import type { Progress } from '@varve/core';
import type { CodeFingerprint, Digest, PurityFinding, RunEvent } from '@varve/core/contract';
import type { RunSession } from '@varve/core/internal';
import {
  type CacheSettings,
  COMPONENTS_CODEC,
  componentsOf,
  forcedSteps,
  type Graph,
  type GraphStep,
  hashEnv,
  type ProgressListener,
  policyOf,
  type Reason,
  type RunCache,
  resultOptions,
  type StepCache,
  type Surroundings,
  stepKey,
  type WatchedFile,
} from '@varve/core/internal';
import type { Preparation } from './prepare.ts';

/** The step keys of a run, and the files that must not change for its results to be published. */
export interface KeyedRun {
  readonly cache: RunCache;
  readonly watched: readonly WatchedFile[];
  readonly fingerprints: readonly CodeFingerprint[];
}

/** Hashes the code of every step, and what else its results depend on. */
export async function keySteps(
  prepared: Preparation,
  graph: Graph,
  runId: string,
  settings: CacheSettings,
): Promise<KeyedRun> {
  const { compilation, description, engine, stack } = prepared;
  const fingerprinter = await stack.get('fingerprinter');
  const names = graph.steps.map(({ name }) => name);
  const fingerprints = await fingerprinter.fingerprint(compilation.graph, description.name, names);
  const around = await surroundingsOf(prepared, fingerprinter.id, engine.io, fingerprints);
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
  return { cache: { settings, steps, keys }, watched: watchedFiles(prepared, fingerprints), fingerprints };
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
  { stack }: Preparation,
  fingerprinter: string,
  io: RunSession,
  fingerprints: readonly CodeFingerprint[],
): Promise<Surroundings> {
  const [serializer, hasher] = await Promise.all([stack.get('serializer'), stack.get('hasher')]);
  const envKey = fingerprints.some(({ env }) => env.length > 0) ? await io.envKey() : '';
  return {
    node: process.versions.node.split('.', 1)[0] ?? '',
    fingerprinter,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    platform: `${process.platform}-${process.arch}-${process.versions.modules}`,
    serializer: serializer.id,
    hasher: hasher.algorithm,
    env: (name) => hashEnv(envKey, name, process.env[name]),
  };
}

/** Local sources, and the files that steps read by literal names. */
function watchedFiles({ compilation, isGiven }: Preparation, fingerprints: readonly CodeFingerprint[]): WatchedFile[] {
  const { root, modules } = compilation.graph;
  const files = new Map(isGiven ? [] : modules.map(({ path, digest }) => [path, digest]));
  for (const { assets } of fingerprints)
    for (const { file, digest } of assets) if (digest !== null) files.set(resolve(root, file), digest);
  return [...files].map(([path, digest]) => ({ path, digest }));
}

/** Reasons that come with code varve has not executed before: what is said of it then need not be said again. */
const NEW_CODE: readonly string[] = ['NO_RECORD', 'CODE', 'PACKAGE', 'OPTION'];

/**
 * Says of each step that is executed, once, which call keeps its result from being a function of what it reads, and what
 * to do about it. All progress goes on to `listener`.
 */
export function withPurityWarnings(
  { cache, fingerprints }: KeyedRun,
  graph: Graph,
  listener: ProgressListener,
): ProgressListener {
  const ages = new Map(graph.steps.map((step) => [step.name, step.cache ? step.cache.ttlMs : undefined]));
  const codes = new Map(fingerprints.map((code) => [code.step, code]));
  return (progress) => {
    listener(progress);
    if (progress.type !== 'task-started') return;
    const code = codes.get(progress.step);
    codes.delete(progress.step);
    if (!code || cache.settings.purity === 'off' || ages.get(progress.step) !== undefined) return;
    const message = warningOf(code, progress);
    if (message !== undefined) listener({ type: 'warning', message });
  };
}

function warningOf(code: CodeFingerprint, { why }: Progress & { type: 'task-started' }): string | undefined {
  if (why?.code === 'IMPURE') return `${code.step} is executed in every run: ${why.text}. ${wayOut(code)}`;
  const call = code.purity.find(isOutsideKey);
  if (!why || !call || !NEW_CODE.includes(why.code)) return undefined;
  return `${code.step} ${describeCall(call)}: its result is cached all the same. ${GIVE} cache: { ttl: '1d' }, effect or cache: false`;
}

const GIVE = 'Give it';

/** A variable that is read by its name is part of the key. */
function isOutsideKey({ call }: PurityFinding): boolean {
  return call !== 'process.env';
}

function describeCall({ call, file, line }: PurityFinding): string {
  return `${call.startsWith('node:') ? 'uses' : 'calls'} ${call} (${file}:${line})`;
}

function wayOut({ envComputed, moduleState }: CodeFingerprint): string {
  if (envComputed) return 'Write the names of variables out, as in process.env.HOME, or say cache: false';
  if (moduleState.length > 0) return `${GIVE} cache: {} when its result is the same all the same, or cache: false`;
  return `${GIVE} cache: false, or let cache.purity be 'warn'`;
}
