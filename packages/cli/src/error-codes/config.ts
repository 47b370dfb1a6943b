import type { ErrorEntries } from './error-entry.ts';

/** Mistakes in the configuration. */
export const CONFIG: ErrorEntries = {
  VARVE_CONFIG: {
    meaning: '`varve.config.ts`, a profile in it, or a plugin it names cannot be used; everything wrong is listed.',
    remedy: 'Correct what is listed; `varve config` shows which settings are in force and where they come from.',
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
