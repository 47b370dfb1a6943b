import type { ErrorEntries } from './error-entry.ts';

/** Failures while steps run. */
export const RUNNING: ErrorEntries = {
  VARVE_ARTIFACT_NOT_SET: {
    meaning: 'A step has `foreach` or `when`, but nothing had set that artifact when its parents had finished.',
    remedy: 'Assign the field in the parent on every path, or correct the name.',
    exit: 'failed',
  },
  VARVE_BRANCHES_DIFFER: {
    meaning: 'An artifact was asked for on which the branches that were joined do not agree.',
    remedy:
      'Read it from one branch: `inputs.<step>.<name>` in the step that joins, `run.task(…).artifacts` from code, or `varve artifacts get Flow/12/<step> <name>`.',
    exit: 'usage',
  },
  VARVE_BROKEN_BUILT_IN: {
    meaning:
      'A step, or the loading of a flow, has replaced a built-in method of lists, maps, objects or JSON by something that does not do the same, so that no code of its thread works any more.',
    remedy:
      'Let what stands in for a built-in call the original and give what that gives, or put it back before the step or the file ends.',
    exit: 'failed',
  },
  VARVE_FENCED: {
    meaning: 'Another process has taken this run over, so this one may no longer write to it.',
    remedy: 'Follow the run that resumed it; what was recorded by then is kept.',
    exit: 'setup',
  },
  VARVE_FIELD_ACCESSOR: {
    meaning: 'A step defined a getter or setter on `this`, which cannot be stored.',
    remedy: 'Assign a value, or write the getter in the class.',
    exit: 'failed',
  },
  VARVE_FROZEN_INPUT: {
    meaning: 'A step changed a value in place that it may only read.',
    remedy:
      "Assign a new value, as in `this.rows = [...this.rows, x]`, or give the step `inputs: 'mutable'` to work on copies.",
    exit: 'failed',
  },
  VARVE_IMPORT_NOT_COMPILED: {
    meaning:
      'A computed `import()` led to a TypeScript file of the project that was not compiled with the flow, because the code does not say which folder it lies in, and this version of Node does not load it.',
    remedy:
      "Begin the name with the folder: `import('./plugins/' + name + '.ts')`. An alias in `imports` of `package.json` and a name that comes from a variable as a whole lead to JavaScript only.",
    exit: 'failed',
  },
  VARVE_IO_STOPPED: {
    meaning: 'The thread that reads and writes the store has ended, so the run cannot go on.',
    remedy:
      'See the cause in the message; when it ran out of memory, allow more: `NODE_OPTIONS=--max-old-space-size=8192`. What was announced as finished is stored.',
    exit: 'setup',
  },
  VARVE_LATE_WRITE: {
    meaning: 'A step assigned or deleted a field after it had ended.',
    remedy: 'Await every promise the step starts before it returns.',
    exit: 'failed',
  },
  VARVE_NOT_A_LIST: {
    meaning: 'A `foreach` names an artifact that is no array.',
    remedy: 'Assign an array to it.',
    exit: 'failed',
  },
  VARVE_NO_SEED: {
    meaning: '`this.random()` was called in a task whose runner was given no seed for it.',
    remedy:
      'Use versions of varve and of the runner plugin that belong together, or draw from a generator of your own.',
    exit: 'setup',
  },
  VARVE_NOTHING_TO_RESUME: {
    meaning: 'There is no run to go on with: all have succeeded or were resumed, or the run had kept nothing yet.',
    remedy:
      'Start the flow anew with `varve run`; to execute steps of a run again name it and them: `varve resume Flow/12 --from step`.',
    exit: 'notFound',
  },
  VARVE_OUTSIDE_STEP: {
    meaning:
      '`this.random()` or `this.now()` was called outside of a step, e.g. by a field initialiser or in a unit test.',
    remedy:
      'Call it in the step that needs it and pass the value on; a test runs the step with `runStep` of `varve/testing`.',
    exit: 'flow',
  },
  VARVE_RUNNER_OUTCOME: {
    meaning: 'A runner reported the end of a task in a form that cannot be recorded.',
    remedy: 'That is a fault of the runner: tell its author, or run with `--runner threads`.',
    exit: 'setup',
  },
  VARVE_RESUME_OPTION: {
    meaning: '`varve resume` was asked for a step, a task, or a way to trust results that there is not.',
    remedy: 'Do what the findings say; `varve show` lists the steps and tasks of a run.',
    exit: 'usage',
  },
  VARVE_RUN_ENDED: {
    meaning: 'A run was to be cancelled that has succeeded or failed already.',
    remedy:
      'There is nothing left to stop; `varve show` says what it did, and `varve list --status running` what goes on.',
    exit: 'usage',
  },
  VARVE_RUN_IN_FLOW_FILE: {
    meaning: '`run()` or `resume()` was called by the very file that holds the flow, while it was loaded.',
    remedy: 'Workers load that file too: put the flow in a file of its own, and call it from another one.',
    exit: 'flow',
  },
  VARVE_RUN_LIVE: {
    meaning: 'The run that is to be resumed or removed is still going, or was killed so recently that it may be.',
    remedy:
      'Let it end, or stop it with `varve cancel` or with Ctrl-C where it runs. A run that was killed counts as lost 20 seconds after its last sign of life.',
    exit: 'usage',
  },
  VARVE_STOPPED: {
    meaning: 'The task was ended because its run was stopped, by a signal or after the failure of another task.',
    remedy: 'Nothing is wrong with the task itself; what had finished before is kept.',
  },
  VARVE_TASK_CRASHED: {
    meaning:
      'The thread or process of a task died: out of memory, a native crash, `process.exit()`, or an error nobody awaited.',
    remedy: 'Do what the message says of its cause; `--runner process` keeps a crash away from the other tasks.',
    exit: 'failed',
  },
  VARVE_TIMEOUT: {
    meaning: 'An attempt took longer than the `timeout` of its step and was stopped.',
    remedy: 'Raise `timeout`, let the step do less at once, or give it `retry` when it only sometimes hangs.',
    exit: 'failed',
  },
  VARVE_UNEXPECTED: {
    meaning: 'A thread reported an error of varve without saying which.',
    remedy: 'Run again with `--debug` and report what it shows.',
    exit: 'setup',
  },
  VARVE_VIEW_READONLY: {
    meaning: 'A step or a script tried to change an artifact of a finished task.',
    remedy: "Assign to the joining step's own field instead: `this.name = …`.",
    exit: 'failed',
  },
};
