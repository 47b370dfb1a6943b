import { type Kind, type Kinds, type PluginContext, VarveError } from '@varve/core/contract';
import { systemClock } from '@varve/core/internal';
import type { Setup } from './setup.ts';

type GetPart = <K extends Kind>(kind: K) => Promise<Kinds[K] | undefined>;

/** The context of the plugins of one stack. `find` resolves with `undefined` for a kind that no plugin provides. */
export function createContext(setup: Setup, isLocal: boolean, find: GetPart): PluginContext {
  const { projectRoot, stateDir } = setup;
  const get = async <K extends Kind>(kind: K): Promise<Kinds[K]> => {
    const part = await find(kind);
    if (part) return part;
    throw new VarveError('VARVE_CONFIG', `no plugin provides a ${kind}`, { hint: `Set ${kind} in varve.config.ts.` });
  };
  return { logger: stderrLogger, clock: systemClock, projectRoot, stateDir, get, ...(!isLocal && { stack: setup }) };
}

const stderrLogger = {
  debug: () => {},
  info: () => {},
  warn: (message: string) => void process.stderr.write(`warning: ${message}\n`),
  error: (message: string) => void process.stderr.write(`error: ${message}\n`),
};
