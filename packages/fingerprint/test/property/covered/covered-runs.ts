import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createLoader } from '@varve/loader';
import { createFingerprinter } from '../../../src/index.ts';
import { Origins, type Place, type Range } from './origins.ts';
import { findReach } from './reach.ts';

/** A call of a step. */
export interface Call {
  readonly step: string;
  /** The field with a list: the step is called with each element. */
  readonly each?: string;
  /** The step gets a list with the fields that the step before left. */
  readonly join?: boolean;
}

/** A flow, and how its steps are called. */
export interface CalledFlow {
  readonly path: string;
  readonly name: string;
  readonly calls: readonly Call[];
  /** Fields that every step finds. */
  readonly given?: Readonly<Record<string, unknown>>;
}

/** What ran, by pieces of the source. */
export interface Ran {
  /** Pieces of which a function ran. */
  readonly ran: readonly string[];
  /** Those of them that were not expected to run. */
  readonly missed: readonly string[];
}

export interface Covered {
  /** The reason why the flow could not be loaded. */
  readonly failure: string | undefined;
  readonly loaded: Ran;
  readonly steps: readonly CoveredStep[];
}

export interface CoveredStep extends Ran {
  readonly step: string;
  /** The error that the step threw. */
  readonly failure: string | undefined;
  /** Pieces that the step reaches only through code that belongs to every step. */
  readonly missedAlone: readonly string[];
}

interface Taken {
  readonly failure?: string;
  readonly steps: readonly {
    readonly loaded: readonly Range[];
    readonly ran: readonly Range[];
    readonly failure?: string;
  }[];
}

/** Runs the steps of flows and asks V8 which functions ran. */
export function openCoveredRuns() {
  const [loader, fingerprinter] = [createLoader(), createFingerprinter()];
  return {
    async cover({ path, name, calls, given = {} }: CalledFlow): Promise<Covered> {
      const { code, graph } = await loader.compile(path);
      const steps = calls.map(({ step }) => step);
      const fingerprints = await fingerprinter.fingerprint(graph, name, steps);
      const { failure, steps: taken } = await runIn(dirname(path), code, { calls, given });
      const reach = await findReach(graph, name, steps);
      const origins = new Origins(dirname(path), code);
      return {
        failure,
        loaded: compare(origins.all(taken[0]?.loaded ?? []), reach.loaded),
        steps: taken.flatMap(({ ran, failure }, i) => {
          const { step = '', nodes = [] } = fingerprints[i] ?? {};
          const places = origins.all(ran);
          return {
            step,
            failure,
            ...compare(places, nodes),
            missedAlone: compare(places, reach.alone[i] ?? []).missed,
          };
        }),
      };
    },
  };
}

/** Runs compiled code beside the flow, where its packages are found. Each run has a thread of its own. */
async function runIn(folder: string, code: string, request: Pick<CalledFlow, 'calls' | 'given'>): Promise<Taken> {
  const bundle = join(folder, 'bundle.mjs');
  writeFileSync(bundle, code);
  const worker = new Worker(new URL('run-covered.mjs', import.meta.url));
  try {
    worker.postMessage({ bundle, ...request });
    const [taken] = (await once(worker, 'message')) as [Taken];
    return taken;
  } finally {
    await worker.terminate();
    rmSync(bundle);
  }
}

/** Compares what ran with the pieces that were expected to. */
export function compare(places: readonly Place[], expected: readonly Place[]): Ran {
  const ran = new Map(places.map((place) => [`${place.label}:${place.line}`, place]));
  const known = new Set<string>();
  for (const { label, line } of expected) {
    const [file = ''] = label.split('#');
    known.add(`${label}:${line}`);
    // A statement has no name. A label without one is that of a whole file.
    known.add(file === label ? file : `${file}:${line}`);
  }
  const isMissed = ([key, { label }]: [string, Place]) => !known.has(key) && !known.has(label.replace(/#.*/, ''));
  return { ran: [...ran.keys()], missed: [...ran].filter(isMissed).map(([key]) => key) };
}
