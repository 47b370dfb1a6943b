import { fileURLToPath } from 'node:url';
import { VarveError } from '@varve/core/contract';
import { isPathLike } from '../setup.ts';
import { describeValue, isClass } from './mistake.ts';

const SHAPE = 'Export a function that makes a plugin: export default () => definePlugin({ … })';

/** What the default export of a store's module makes. `name`: as in `--store`. Throws `VARVE_PLUGIN_NOT_FOUND` and `VARVE_CONFIG`. */
export async function importStore(url: string, name: string): Promise<unknown> {
  const make = await import(url).then(
    (module: { default?: unknown }) => module.default,
    async (error: unknown) => {
      throw await loadError(error, url, name);
    },
  );
  if (typeof make !== 'function' || isClass(make)) {
    const what = isClass(make) ? describeValue(make) : `${describeValue(make)}, not a function`;
    throw new VarveError('VARVE_CONFIG', `--store ${name}: the default export is ${what}`, { hint: SHAPE });
  }
  try {
    return await make();
  } catch (error) {
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new VarveError('VARVE_CONFIG', `--store ${name} made no plugin: ${what}`, {
      cause: error,
      hint: `--store calls it without options. If it needs some, name it in varve.config.ts: profiles: { far: { datastore: … } }.`,
    });
  }
}

/** Either the store is not there, or it is and cannot be loaded, perhaps because of something it imports itself. */
async function loadError(error: unknown, url: string, name: string): Promise<VarveError> {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND' && message.includes(fileURLToPath(url))) return notFound(error, name);
  if (error instanceof SyntaxError && message.includes("export named 'default'")) return noDefault(error, name);
  return new VarveError('VARVE_CONFIG', `--store ${name} cannot be loaded: ${message}`, {
    cause: error,
    hint: 'It has to be JavaScript with a default export. In varve.config.ts a store may also be TypeScript.',
  });
}

function notFound(cause: unknown, name: string): VarveError {
  const isPath = isPathLike(name);
  return new VarveError('VARVE_PLUGIN_NOT_FOUND', `--store ${name}: there is no such ${isPath ? 'file' : 'package'}`, {
    cause,
    hint: isPath
      ? 'A relative path is meant from the folder of varve.config.ts, or of the nearest package.json.'
      : `Install it in the project: npm install ${name}`,
  });
}

function noDefault(cause: unknown, name: string): VarveError {
  const hint = isPathLike(name)
    ? SHAPE
    : `Call what it exports in varve.config.ts, perhaps in a profile: import { … } from '${name}'.`;
  return new VarveError('VARVE_CONFIG', `--store ${name}: it has no default export`, { cause, hint });
}
