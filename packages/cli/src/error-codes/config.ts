import type { ErrorEntries } from './error-entry.ts';

/** Mistakes in the configuration. */
export const CONFIG: ErrorEntries = {
  VARVE_CLOSED: {
    meaning: 'A function of `createVarve` was called after `close()`, or after the end of its `await using` block.',
    remedy: 'Read what is needed before the stack is closed, or make another one.',
    exit: 'setup',
  },
  VARVE_CONFIG: {
    meaning:
      '`varve.config.ts`, a profile in it, a plugin it names, or what `createVarve` was given cannot be used; everything wrong is listed.',
    remedy: 'Correct what is listed; `varve config` shows which settings are in force and where they come from.',
    exit: 'setup',
  },
  VARVE_PART_CIRCLE: {
    meaning: 'Plugins ask for the parts of each other while these are made, so each would wait for the other for ever.',
    remedy: 'Take one of the calls of `context.get()` away that the message names in a row.',
    exit: 'setup',
  },
  VARVE_PLUGIN_NOT_FOUND: {
    meaning: 'The package or file given with `--store` cannot be found.',
    remedy: 'Install the package in the project, or correct the path.',
    exit: 'setup',
  },
  VARVE_SERIALIZER_CLASS: {
    meaning: 'A class was registered with the serializer whose instances it could not restore.',
    remedy: 'Give both `to` and `from`, and each class a name of its own.',
    exit: 'setup',
  },
  VARVE_STACK_OBJECTS: {
    meaning: 'The runner has to make the parts of the stack again in its workers, and parts were given as objects.',
    remedy: "Choose `runner: 'inline'`, or name the file of the stack: `createVarve({ stack })`.",
    exit: 'setup',
  },
  VARVE_STATE_DIR: {
    meaning: 'The folder `.varve` of the project cannot be written.',
    remedy: 'Make it writable, or run from a writable copy of the project.',
    exit: 'setup',
  },
  VARVE_UNKNOWN_RUNNER: {
    meaning: '`--runner`, or the `runner` of a step, names a runner that does not exist.',
    remedy: 'Name one of those listed, or set `runner` in `varve.config.ts`.',
    exit: 'usage',
  },
};
