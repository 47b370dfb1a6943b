import type { MetadataProvider, PluginContext, RunIndex } from '@varve/core/contract';
import { sqliteIndex, sqliteMetadata } from '../src/index.ts';

/** The context of a project, with a store of this name. */
export function contextOf(projectRoot: string, store = 'memory:'): PluginContext {
  const ignore = () => {};
  return {
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    clock: { now: Date.now, sleep: async () => {} },
    projectRoot,
    stateDir: `${projectRoot}/.varve`,
    get: async () => ({ name: store }) as never,
  };
}

export async function openMetadata(file: string): Promise<MetadataProvider> {
  return sqliteMetadata({ file }).provides.metadata(contextOf('/project'));
}

export async function openIndex(folder: string, store?: string): Promise<RunIndex> {
  return sqliteIndex({ folder }).provides.index(contextOf('/project', store));
}
