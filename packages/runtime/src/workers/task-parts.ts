import { VarveError } from '@varve/core/contract';
import type { TaskParts } from '@varve/core/internal';
import type { Setup } from '../compose/setup.ts';
import { openTaskKinds } from '../compose/task-kinds.ts';
import { createBlobAccess } from '../io/blob-client.ts';
import { installObservers } from '../observe/install.ts';
import { changesForOthers, isThreadIntact } from '../observe/load/index.ts';
import { observeOptions } from '../observe/options.ts';
import { linkTo, startIo } from './threads.ts';

/** The parts of a stack that execute tasks, opened in another process. */
export interface OpenTaskParts extends TaskParts {
  /** Ends the I/O thread and closes the parts. */
  close(): Promise<void>;
}

export interface OpenTaskPartsOptions {
  /**
   * Id of the process that this one works for, usually `process.ppid`. Once it is gone, this process is killed within about a
   * second, with its process group if it leads one, even while a step holds the main thread.
   */
  readonly parentPid?: number;
}

/**
 * Opens the stack of `PluginContext.stack` in another process that sees the same files: `serveTasks(channel,
 * openTaskParts(stack))`. The store is opened in a thread of its own, so that a step can read fields synchronously. Throws
 * `VARVE_STACK_OBJECTS` for anything but the data of a stack.
 */
export async function openTaskParts(stack: unknown, { parentPid }: OpenTaskPartsOptions = {}): Promise<OpenTaskParts> {
  if (!isSetup(stack)) throw notAStack();
  const setup: Setup = parentPid === undefined ? stack : { ...stack, parentPid };
  // Before any code of a flow can be loaded: parts are awaited only for the first task.
  installObservers(observeOptions(setup));
  const { io } = startIo(setup);
  try {
    const { serializer, hasher, close: closeKinds } = await openTaskKinds(setup);
    const close = async () => {
      try {
        await io.close();
      } finally {
        await closeKinds();
      }
    };
    return {
      blobs: createBlobAccess(linkTo(io)),
      serializer,
      hasher,
      isIntact: isThreadIntact,
      changes: changesForOthers,
      close,
    };
  } catch (error) {
    await io.close().catch(() => {});
    throw error;
  }
}

function isSetup(stack: unknown): stack is Setup {
  const { projectRoot, stateDir, defaults } = (stack ?? {}) as { readonly [name in keyof Setup]?: unknown };
  return [projectRoot, stateDir, defaults].every((one) => typeof one === 'string');
}

function notAStack(): VarveError {
  return new VarveError('VARVE_STACK_OBJECTS', 'this stack cannot be opened in another process', {
    hint: 'Its parts were given as objects of one thread. Name the stack by its file: createVarve({ stack }).',
  });
}
