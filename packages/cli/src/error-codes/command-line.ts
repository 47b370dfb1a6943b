import type { ErrorEntries } from './error-entry.ts';

/** Requests that a command cannot fulfil. */
export const COMMAND_LINE: ErrorEntries = {
  VARVE_CACHE_OPTION: {
    meaning:
      '`--cache`, `--force`, `--max-age`, `VARVE_CACHE` or the `cache` of the config asks for something there is not.',
    remedy: 'Do what is listed below the message; `varve run --help` lists the options.',
    exit: 'usage',
  },
  VARVE_FILE_NOT_FOUND: {
    meaning: 'There is no file at the path given.',
    remedy: 'Correct the path; a relative one is meant from the current folder.',
    exit: 'usage',
  },
  VARVE_FLOW_LOAD: {
    meaning: 'The file of the flow threw an error while it was loaded, outside of any step.',
    remedy: 'Mend the line that is shown, or move what can fail into a step.',
    exit: 'flow',
  },
  VARVE_NOT_CODE: {
    meaning: 'The path given leads to a folder, or to a file that is no JavaScript or TypeScript.',
    remedy: 'Give the file that holds the flow.',
    exit: 'usage',
  },
  VARVE_NOT_JSON: {
    meaning: 'An artifact holds something that JSON cannot say, such as a Map or a class instance.',
    remedy: 'Leave out `--json` to see it as Node shows it, or read it from code.',
    exit: 'usage',
  },
  VARVE_NO_ARTIFACT: {
    meaning: 'The run or task has no artifact of that name.',
    remedy: 'Choose one of those listed; `varve artifacts ls` lists them too.',
    exit: 'notFound',
  },
  VARVE_NO_CODE: {
    meaning: 'The run has kept no source files.',
    remedy: 'Resume it with the files as they are now: leave out `--code stored`.',
    exit: 'notFound',
  },
  VARVE_NO_FILE: {
    meaning: '`run()` was called from code, and varve cannot see in which file the flow is written.',
    remedy: 'Say it: `run(MyFlow, {}, { module: import.meta.url })`.',
  },
  VARVE_NO_FLOW: {
    meaning:
      'The file exports no flow, or none of the name given; or a test was given something that is no class of a flow.',
    remedy: 'Export a class that extends `Flow`, or name one that is there: `varve run flow.ts#Name`.',
    exit: 'flow',
  },
  VARVE_NO_RESULT: {
    meaning: 'The store keeps no result, or no withdrawal, that is meant by what was asked.',
    remedy: 'See what is kept with `varve cache ls`, and check that the right store is configured.',
    exit: 'notFound',
  },
  VARVE_NO_INPUTS: {
    meaning: 'The run named by `varve spin --from` had not come so far that the task had inputs.',
    remedy: 'Choose another run, or let that one go on with `varve resume`.',
    exit: 'notFound',
  },
  VARVE_NO_RUN: {
    meaning: 'The store holds no such run.',
    remedy: 'See what there is with `varve list`, and check that the right store is configured.',
    exit: 'notFound',
  },
  VARVE_NOT_COUNTED: {
    meaning: 'How often the run called its store is not recorded.',
    remedy: 'A run records it when it ends. Run the flow again, then ask for the new run.',
    exit: 'notFound',
  },
  VARVE_NO_TASK: {
    meaning: 'The run has no such task.',
    remedy: 'Choose one of those listed; `varve show` lists them too.',
    exit: 'notFound',
  },
  VARVE_SEVERAL_FLOWS: {
    meaning: 'The file exports several flows, and none was named.',
    remedy: 'Name one: `varve run flow.ts#Name`.',
    exit: 'usage',
  },
  VARVE_SEVERAL_RESULTS: {
    meaning: 'One result was asked for, and what was given names several.',
    remedy: 'Name one of those listed, by its task or by more digits of its key.',
    exit: 'usage',
  },
  VARVE_SPIN_EFFECT: {
    meaning: '`varve spin` was to execute a step that has an effect outside.',
    remedy: 'Say that the effect is wanted once more: `varve spin --effects`.',
    exit: 'usage',
  },
  VARVE_SPIN_VALUE: {
    meaning: 'A value for `varve spin` is not JSON, or is one for what the step does not have.',
    remedy: 'Write JSON, or `@file.json`; `--element` is for foreach steps.',
    exit: 'usage',
  },
  VARVE_USAGE: {
    meaning: 'A command was given an option, a value or a name it does not understand.',
    remedy: 'Do what the message says; `--help` after a command lists what it takes.',
    exit: 'usage',
  },
};
