import { type Plugin, type PluginContext, type Serializer, VarveError } from '@varve/core/contract';
import { makePart, systemClock } from '@varve/core/internal';

import { logOf, runStep } from './run-step.ts';
import { testFlow } from './test-flow.ts';
import type { Testing } from './types.ts';

/** What tests of flows take from plugins. */
export interface TestingParts {
  /** Asked for with the first test. */
  readonly serializer: () => Plugin<'serializer'> | Promise<Plugin<'serializer'>>;
}

/**
 * The functions of `varve/testing` over another serializer:
 * `export const { testFlow, runStep, logOf } = createTesting({ serializer: () => mySerializer() })`.
 */
export function createTesting(parts: TestingParts): Testing {
  let opened: Promise<Serializer> | undefined;
  const serializer = () => {
    opened ??= open(parts);
    return opened;
  };
  return {
    testFlow: (flow, options) => testFlow(serializer, flow, options as never) as never,
    runStep: (flow, step, ...rest) => {
      const [given, handed] = rest as unknown as never[];
      return runStep(serializer, flow, step as string, given, handed) as never;
    },
    logOf,
  };
}

async function open({ serializer }: TestingParts): Promise<Serializer> {
  return makePart('serializer', await serializer(), context());
}

function context(): PluginContext {
  const logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const get: PluginContext['get'] = async (kind) => {
    throw new VarveError('VARVE_CONFIG', `no plugin provides a ${kind}`, {
      hint: 'Tests of flows have a serializer only.',
    });
  };
  return { logger, clock: systemClock, projectRoot: process.cwd(), stateDir: process.cwd(), get };
}
