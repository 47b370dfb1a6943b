import type { RunView } from '@varve/client';
import { buildGraph, type FlowDescription } from '@varve/core/internal';
import {
  Composition,
  executePrepared,
  type FinishedRun,
  type Preparation,
  type PrepareOptions,
  type Setup,
  type StartOptions,
  startEngine,
} from '@varve/runtime';

import { compareRuns, type ExplainedDifference, explain } from './compare-runs.ts';

export interface AuditOptions extends PrepareOptions, Omit<StartOptions, 'tags' | 'cacheRequest'> {
  /** Results older than this are not used. */
  readonly cacheRequest?: Omit<NonNullable<StartOptions['cacheRequest']>, 'mode' | 'force'>;
  /** File URL of a module whose default export makes an empty datastore, for the run without results. */
  readonly scratchUrl: string;
  /** Steps with an effect are executed, too: twice. */
  readonly effects?: boolean;
}

/** The outcome of running a flow with and without the results of earlier runs. */
export interface CacheAudit {
  /** The run with results: it is kept, with the tag `audit`. */
  readonly run: FinishedRun;
  /** The run without: nothing is left of it. */
  readonly fresh: FinishedRun;
  readonly tasks: number;
  /** Tasks that had a result of an earlier run. */
  readonly reused: number;
  /** Steps that were not looked at, because one of them or before them has an effect. */
  readonly leftOut: readonly string[];
  readonly differences: readonly ExplainedDifference[];
}

/**
 * Runs a flow twice: with the results that are kept, of which none is added, and without any in a store of its own. Says
 * what is not the same.
 */
export async function auditCache(prepared: Preparation, options: AuditOptions): Promise<CacheAudit> {
  const { description, leftOut } = options.effects
    ? { description: prepared.description, leftOut: [] }
    : withoutEffects(prepared.description);
  const { cacheRequest, scratchUrl, effects: _, ...common } = options;
  const kept = { ...prepared, description };
  const run = await executePrepared(kept, {
    ...common,
    tags: ['audit'],
    cacheRequest: { ...cacheRequest, mode: 'read' },
  });
  const cached = await viewOf(prepared.stack, run);
  const scratch: Setup = { ...prepared.setup, storeUrl: scratchUrl, storeName: 'the scratch store', scratch: true };
  const stack = new Composition({ setup: scratch });
  try {
    const engine = await startEngine(stack, options);
    engine.setDescription(description);
    const fresh = await executePrepared(
      { ...kept, stack, setup: scratch, engine },
      { ...common, cacheRequest: { mode: 'off' } },
    );
    const differences = compareRuns(cached, await viewOf(stack, fresh));
    return {
      ...{ run, fresh, leftOut, tasks: cached.tasks().length },
      reused: cached.tasks().filter(({ status }) => status === 'cached').length,
      differences: differences.length === 0 ? [] : await explained(kept, differences),
    };
  } finally {
    // Ends the engine, too.
    await stack.close();
  }
}

async function explained(
  { stack, compilation, description }: Preparation,
  differences: ReturnType<typeof compareRuns>,
) {
  const fingerprinter = await stack.get('fingerprinter');
  const steps = description.steps.map(({ name }) => name);
  const fingerprints = await fingerprinter.fingerprint(compilation.graph, description.name, steps);
  return explain(differences, buildGraph(description), fingerprints);
}

async function viewOf(stack: Composition, { record }: FinishedRun): Promise<RunView> {
  const { history } = await stack.get('history');
  return history.find({ flow: record.flow, run: { id: record.id } });
}

/** A flow without some of its steps, and without all that comes after them. */
export interface Shortened {
  readonly description: FlowDescription;
  /** In the order of the class. */
  readonly leftOut: readonly string[];
}

/** Leaves out steps with an effect, and those after them: an audit must not repeat an effect. */
export function withoutEffects(description: FlowDescription): Shortened {
  const { steps } = description;
  const gone = new Set(steps.filter(({ effect }) => effect !== undefined).map(({ name }) => name));
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const { name, after, join } of steps) if ([...after, join].some((one) => one && gone.has(one))) gone.add(name);
  }
  const kept = steps.filter(({ name }) => !gone.has(name));
  return { description: { ...description, steps: kept }, leftOut: steps.map((s) => s.name).filter((n) => gone.has(n)) };
}
