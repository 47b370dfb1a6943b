import type { SourceLocation } from '@varve/core/contract';
import type { Setup } from '../setup.ts';
import { isRecord } from './mistake.ts';
import { importedConfig, locateIn } from './read-setup.ts';

/** What has set a value; `store`: `--store` or `VARVE_STORE`. */
export interface Origin {
  readonly by: 'default' | 'config' | 'profile' | 'store';
  /** Of the value in the config, where it is written there. */
  readonly location?: SourceLocation;
}

/** Tells what has set a value, e.g. `['cache', 'mode']`, for a setup whose settings can be used. */
export async function originsOf(setup: Setup): Promise<(path: readonly string[]) => Origin> {
  const config = await importedConfig(setup);
  const { profile } = setup;
  const locate = await locateIn(setup);
  const at = (path: readonly string[]) => {
    const location = locate(path);
    return location === undefined ? {} : { location };
  };
  return (path) => {
    if (path[0] === 'datastore' && setup.storeUrl !== undefined) return { by: 'store' };
    const inProfile = profile === undefined ? undefined : lookUp(config, ['profiles', profile, ...path]);
    if (profile !== undefined && inProfile?.isWritten)
      return inProfile.value === undefined
        ? { by: 'default' }
        : { by: 'profile', ...at(['profiles', profile, ...path]) };
    return lookUp(config, path).value === undefined ? { by: 'default' } : { by: 'config', ...at(path) };
  };
}

function lookUp(config: unknown, path: readonly string[]): { readonly isWritten: boolean; readonly value: unknown } {
  let value: unknown = config;
  let isWritten = true;
  for (const name of path) {
    const isThere = (isRecord(value) || Array.isArray(value)) && Object.hasOwn(value, name);
    isWritten = isThere;
    value = isThere ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  return { isWritten, value };
}
