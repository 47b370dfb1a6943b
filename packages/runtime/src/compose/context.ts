import { join } from 'node:path';
import { type Datastore, type Kind, type Kinds, type PluginContext, VarveError } from '@varve/core/contract';
import { systemClock, withCompression } from '@varve/core/internal';
import type { Setup } from './setup.ts';

type GetPart = <K extends Kind>(kind: K) => Promise<Kinds[K] | undefined>;

/** The context of the plugins of one stack. `find` resolves with `undefined` for a kind that no plugin provides. */
export function createContext(
  setup: Setup,
  isLocal: boolean,
  find: GetPart,
  onSaved: (bytes: number) => void = () => {},
): PluginContext {
  const { projectRoot, stateDir } = setup;
  const get = async <K extends Kind>(kind: K): Promise<Kinds[K]> => {
    const part = await find(kind);
    if (part) return part;
    throw new VarveError('VARVE_CONFIG', `no plugin provides a ${kind}`, { hint: `Set ${kind} in varve.config.ts.` });
  };
  const plain = (store: Datastore) => compressing(store, { stateDir, onSaved });
  return {
    logger: stderrLogger,
    clock: systemClock,
    projectRoot,
    stateDir,
    get,
    plain,
    ...(!isLocal && { stack: setup }),
  };
}

export interface CompressingOptions {
  readonly stateDir: string;
  readonly onSaved: (bytes: number) => void;
}

/** A store whose large artifacts are compressed where it asks for it, and read in either form. */
export function compressing(
  store: Datastore,
  { stateDir, onSaved }: CompressingOptions,
  asks: Pick<Datastore, 'compress'> = store,
): Datastore {
  // What a killed process leaves there is removed by a later session.
  return withCompression(store, { compress: asks.compress ?? false, folder: join(stateDir, 'scratch'), onSaved });
}

const stderrLogger = {
  debug: () => {},
  info: () => {},
  warn: (message: string) => void process.stderr.write(`warning: ${message}\n`),
  error: (message: string) => void process.stderr.write(`error: ${message}\n`),
};
