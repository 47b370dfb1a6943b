import { resolve } from 'node:path';
import { hashEnv } from '../../cache/env-key.ts';
import { type CacheSettings, forcedSteps, policyOf } from '../../cache/policy.ts';
import type { Reason } from '../../cache/reason.ts';
import { COMPONENTS_CODEC, componentsOf, type Surroundings, stepKey } from '../../cache/step-key.ts';
import type { CodeFingerprint, Digest, RunEvent } from '../../contract/index.ts';
import { resultOptions } from '../../flow/authoring/step-options.ts';
import type { Graph, GraphStep } from '../../flow/describe/graph.ts';
import type { RunCache, StepCache } from '../../run/plan/run-cache.ts';
import type { WatchedFile } from '../../session/io-cache.ts';
import { openHasher, openPart } from '../compose/open-parts.ts';
import type { IoClient } from '../io/io-client.ts';
import type { Preparation } from './prepare.ts';

/** How a run uses results, and what must stay as it is for its own to be used. */
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
  const { compilation, description, engine, setup } = prepared;
  const fingerprinter = await openPart(setup, 'fingerprinter');
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
  io: IoClient,
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
  { setup }: Preparation,
  fingerprinter: string,
  io: IoClient,
  fingerprints: readonly CodeFingerprint[],
): Promise<Surroundings> {
  const [serializer, hasher] = await Promise.all([openPart(setup, 'serializer'), openHasher(setup)]);
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
