import type { ErrorEntries } from './error-entry.ts';

/** Values a run is started with, and how a flow declares them. */
export const PARAMETERS: ErrorEntries = {
  VARVE_DURATION: {
    meaning: 'A value that should be a duration is none.',
    remedy: "Write a number of milliseconds, or a number with a unit: `'500ms'`, `'10s'`, `'5m'`, `'2h'`, `'1d'`.",
    exit: 'flow',
  },
  VARVE_PARAMETERS: {
    meaning: 'The flow cannot start with the parameters it was given; each that does not fit is listed.',
    remedy: 'Correct them; `varve run flow.ts --help` lists the parameters of a flow.',
    exit: 'usage',
  },
  VARVE_PARAM_DEFAULT: {
    meaning: 'The default of a parameter lies outside the limits it declares itself.',
    remedy: 'Change the default or the limits.',
    exit: 'flow',
  },
  VARVE_PARAM_MISSING: {
    meaning: 'A parameter without a default was not given.',
    remedy:
      'Give it as a flag, as `VARVE_PARAM_NAME` in the environment or in a file with `--params`, or declare a default.',
    exit: 'usage',
  },
  VARVE_PARAM_NOT_A_FIELD: {
    meaning: '`param.…()` is called, but what it returns is not the value of a field, so the parameter has no name.',
    remedy: 'Assign it directly, as in `folds = param.int(5)`, and compute with `this.folds` elsewhere.',
    exit: 'flow',
  },
  VARVE_PARAM_ORDER: {
    meaning: 'The constructor asked for other parameters in the run than when the flow was looked at.',
    remedy: 'Declare parameters as fields, without a condition.',
    exit: 'failed',
  },
  VARVE_PARAM_OUTSIDE_RUN: {
    meaning: 'The flow was constructed outside of a run, and a parameter without a default has no value there.',
    remedy: 'Run it with `run(MyFlow, { … })`, or give the parameter a default.',
  },
  VARVE_PARAM_READONLY: {
    meaning: 'A step changed or deleted a parameter, which is read-only.',
    remedy: 'Keep the new value in a field of its own.',
    exit: 'failed',
  },
  VARVE_PARAM_UNKNOWN: {
    meaning: 'A value was given for a parameter that the flow does not have.',
    remedy: 'Correct the name; the message suggests the nearest parameter.',
    exit: 'usage',
  },
  VARVE_PARAM_VALUE: {
    meaning: 'The value of a parameter is of the wrong kind or outside its limits.',
    remedy:
      'Give another value where the message says it came from: a flag, the environment, the file, or the default.',
    exit: 'usage',
  },
  VARVE_SECRET_MISSING: {
    meaning: 'A step asked for a secret that is not set.',
    remedy: 'Set it in the environment, or in the `.env` file beside the config.',
    exit: 'failed',
  },
};
