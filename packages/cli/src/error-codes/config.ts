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
  VARVE_CORE_COPIES: {
    meaning:
      'A plugin was made with another installed copy of `@varve/core` than varve uses. It works while the versions of its contract are the same.',
    remedy: 'Have one copy: plugins name `@varve/core` as a peer dependency; then `npm dedupe`.',
    exit: 'setup',
  },
  VARVE_NOT_A_PLUGIN: {
    meaning:
      'A slot of the config holds something that `definePlugin` has not made: a class, a list, a promise, the part itself.',
    remedy: 'Write the result of a call that makes a plugin, as in `datastore: fsStore({ … })`.',
    exit: 'setup',
  },
  VARVE_PART_CIRCLE: {
    meaning: 'Plugins ask for the parts of each other while these are made, so each would wait for the other for ever.',
    remedy: 'Take one of the calls of `context.get()` away that the message names in a row.',
    exit: 'setup',
  },
  VARVE_PLUGIN_KIND: {
    meaning: 'A plugin stands in the slot of a kind that it does not provide.',
    remedy: 'Write it under the kind that it provides, which the finding names.',
    exit: 'setup',
  },
  VARVE_PLUGIN_NOT_CALLED: {
    meaning: 'A slot of the config holds the function that makes a plugin, not the plugin.',
    remedy: 'Call it, as in `fsStore({ … })`.',
    exit: 'setup',
  },
  VARVE_PLUGIN_PART: {
    meaning: 'A plugin made something that lacks what the interface of its kind demands, or did not make it in time.',
    remedy: 'Report it to the author of the plugin; `@varve/conformance` has the tests of every kind.',
    exit: 'setup',
  },
  VARVE_PLUGIN_NOT_FOUND: {
    meaning: 'The package or file given with `--store` cannot be found.',
    remedy: 'Install the package in the project, or correct the path.',
    exit: 'setup',
  },
  VARVE_PLUGIN_VERSION: {
    meaning: 'A plugin was built for another version of the contract of its kind than this varve has.',
    remedy: 'Update the older of the two, as the finding says.',
    exit: 'setup',
  },
  VARVE_SERIALIZER_CLASS: {
    meaning: 'A class was registered with the serializer whose instances it could not restore.',
    remedy: 'Give both `to` and `from`, and each class a name of its own.',
    exit: 'setup',
  },
  VARVE_SETTING_VALUE: {
    meaning: 'A setting of the config has a value that it cannot have.',
    remedy: 'Write one of the values that the finding names.',
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
  VARVE_UNKNOWN_PROFILE: {
    meaning: '`--profile` or `VARVE_PROFILE` names a profile that the config does not have.',
    remedy: 'Name one of those listed, or add it to `profiles`.',
    exit: 'setup',
  },
  VARVE_UNKNOWN_RUNNER: {
    meaning: '`--runner`, or the `runner` of a step, names a runner that does not exist.',
    remedy: 'Name one of those listed, or set `runner` in `varve.config.ts`.',
    exit: 'usage',
  },
  VARVE_UNKNOWN_SETTING: {
    meaning: 'The config, or a profile in it, has a name that is no setting: most often a typing mistake.',
    remedy: 'Correct the name; the finding suggests one, or lists all.',
    exit: 'setup',
  },
};
