import { type Plugin, type PluginContext, type Serializer, VarveError } from '@varve/core/contract';
import { makePart, systemClock } from '@varve/core/internal';

import { logOf, runStep } from './run-step.ts';
import { testFlow } from './test-flow.ts';
import type { Testing } from './types.ts';

/** Parts of a stack that tests of flows use too. */
export interface TestingParts {
  /** Called with the first test. */
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
      const [given, args] = rest as unknown as never[];
      return runStep(serializer, flow, step as string, given, args) as never;
    },
    logOf,
  };
}

async function open({ serializer }: TestingParts): Promise<Serializer> {
  return makePart('serializer', await serializer(), context());
}

function context(): PluginContext {
  const logger = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const get = async (kind: string): Promise<never> => {
    throw new VarveError('VARVE_CONFIG', `a test has no ${kind} to give to a plugin, only a serializer`, {
      hint: 'Make the serializer without it: createTesting({ serializer: () => mySerializer() }).',
    });
  };
  return { logger, clock: systemClock, projectRoot: process.cwd(), stateDir: process.cwd(), get };
}
