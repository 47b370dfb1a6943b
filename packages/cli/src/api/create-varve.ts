import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, VarveError } from '@varve/core/contract';
import { Composition, type Configure, findStack, type Slots, setupWithoutConfig } from '@varve/runtime';
import { DEFAULTS } from '../default-stack-url.ts';
import { type Api, createApi } from './api.ts';
import { OneStack } from './stacks.ts';

export interface VarveOptions extends Omit<Slots, 'runner'> {
  /**
   * File URL or path of a config, as `import.meta.resolve('./varve.config.ts')`. Worker threads make its parts again, so
   * every runner works. Not together with parts given as objects.
   */
  readonly stack?: string | URL;
  /** Profile of that config, or of the config that is found. */
  readonly profile?: string;
  /** `inline`, `threads`, `process`, or a plugin. Default: the configured runner, else `threads`. */
  readonly runner?: 'inline' | 'threads' | 'process' | Plugin<'runner'>;
  /** Folder of the project; with `stack` the folder of its file is. Default: the working directory. */
  readonly root?: string;
  /**
   * Replaces parts under their tokens, in this thread: `configure: (c) => c.register(tokens.datastore, { useValue: … })`.
   * Tasks read and write through this thread then.
   */
  readonly configure?: Configure;
}

/** A stack of parts and the functions over it. `await using varve = createVarve({ … })` closes it. */
export interface Varve extends Api, AsyncDisposable {
  /** Closes every part that was opened. Calling it again waits for the same end; every later call rejects with `VARVE_CLOSED`. */
  close(): Promise<void>;
}

/**
 * Puts a stack together: `const varve = createVarve({ datastore: memoryStore(), runner: 'inline' })`. Parts given as objects
 * live in this thread; with `stack` every thread makes its own from the file. Without either it works on the config found
 * from `root` upward. Parts are made when they are first needed. Throws `VARVE_CONFIG` for options that contradict each other;
 * what is wrong with the parts rejects the first call that needs them.
 */
export function createVarve(options: VarveOptions = {}): Varve {
  const { stack, profile, runner, root, configure, ...slots } = options;
  const given: Slots = { ...slots, ...(runner !== undefined && typeof runner !== 'string' && { runner }) };
  checkTypes(options);
  const isGiven = Object.values(given).some((part) => part !== undefined);
  if (isGiven && (stack !== undefined || profile !== undefined)) throw twoSources(Object.keys(given), stack, profile);
  const stacks = new OneStack(async () =>
    isGiven
      ? new Composition({ setup: setupWithoutConfig(DEFAULTS, root ?? process.cwd()), given }, configure)
      : findStack(DEFAULTS, { ...placeOf(stack, root), ...(profile !== undefined && { profile }) }, configure),
  );
  const api = createApi(stacks, typeof runner === 'string' ? { runner } : {});
  const close = () => stacks.close();
  return { ...api, close, [Symbol.asyncDispose]: close };
}

/** Nonsense is refused here: further inside it would be an error of Node's. */
function checkTypes({ stack, profile, root, runner, configure }: VarveOptions): void {
  const wrong = [
    stack !== undefined &&
      !(stack instanceof URL) &&
      (typeof stack !== 'string' || stack === '') &&
      'stack is no file URL or path',
    profile !== undefined && typeof profile !== 'string' && 'profile is no name',
    root !== undefined && typeof root !== 'string' && 'root is no path',
    runner !== undefined &&
      !['string', 'object', 'function'].includes(typeof runner) &&
      'runner is no name and no plugin',
    configure !== undefined && typeof configure !== 'function' && 'configure is no function',
  ].filter((one) => one !== false);
  if (wrong.length === 0) return;
  throw new VarveError('VARVE_CONFIG', 'createVarve() cannot use these options', {
    findings: wrong.map((message) => ({ code: 'VARVE_CONFIG', message: `createVarve(): ${message}` })),
  });
}

function placeOf(stack: string | URL | undefined, root: string | undefined) {
  if (stack === undefined) return root === undefined ? {} : { from: root };
  const config = stack instanceof URL || stack.startsWith('file:') ? fileURLToPath(stack) : stack;
  return { config, from: root ?? dirname(config) };
}

function twoSources(
  parts: readonly string[],
  stack: string | URL | undefined,
  profile: string | undefined,
): VarveError {
  const file = stack === undefined ? `profile '${profile}'` : `stack ${stack}`;
  return new VarveError('VARVE_CONFIG', `createVarve() was given ${file}, and also ${parts.join(', ')}`, {
    hint: 'Name the parts in the file, or give all of them as objects. To replace one part of a file: configure.',
  });
}
