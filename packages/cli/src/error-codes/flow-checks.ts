import type { ErrorEntries } from './error-entry.ts';

/** Mistakes in a flow, found before anything runs. */
export const FLOW_CHECKS: ErrorEntries = {
  VARVE_AFTER_AND_JOIN: {
    meaning: 'A step has both `after` and `join`.',
    remedy: 'Keep `join`, and put a step behind it whose `after` lists this step and the others to wait for.',
    exit: 'flow',
  },
  VARVE_CATCH_PARAMETER: {
    meaning: '`catch` names a parameter, which is read-only, so the error cannot be stored there.',
    remedy: 'Name a field of its own for the error.',
    exit: 'flow',
  },
  VARVE_COMPILE: {
    meaning: 'The file of the flow or of the config, or a file it imports, does not compile.',
    remedy:
      'Mend the lines that are shown; for an import that cannot be found, correct its path or install the package.',
    exit: 'flow',
  },
  VARVE_CONSTRUCTOR: {
    meaning:
      'The field initialisers or the constructor of the flow threw, or the constructor returned another object than its own.',
    remedy:
      'Move work that can fail into a step: initialisers also run when a flow is only looked at, with sample values for required parameters.',
    exit: 'flow',
  },
  VARVE_CYCLE: {
    meaning: 'Steps wait for each other in a circle, so none of them could ever start.',
    remedy: 'Remove one of the arrows that are shown.',
    exit: 'flow',
  },
  VARVE_DUPLICATE_PARENT: {
    meaning: '`after` names the same step more than once.',
    remedy: 'Name it once.',
    exit: 'flow',
  },
  VARVE_EFFECT_CACHED: {
    meaning: 'A step has both `effect` and `cache`.',
    remedy: 'Remove `cache`: an effect is never cached.',
    exit: 'flow',
  },
  VARVE_FIELD_FUNCTION: {
    meaning: 'A field of the flow holds a function, which cannot be stored.',
    remedy: 'Make it a method, or mark the field `@transient`.',
    exit: 'flow',
  },
  VARVE_FLOW_INVALID: {
    meaning: 'The flow has mistakes; each is listed with a code and a line of its own.',
    remedy: 'Mend all of them, then look again with `varve check flow.ts`.',
    exit: 'flow',
  },
  VARVE_FOREACH_AND_JOIN: {
    meaning: 'A step has both `foreach` and `join`.',
    remedy: 'Split again in a step of its own, after the one that joins.',
    exit: 'flow',
  },
  VARVE_FOREACH_PARENTS: {
    meaning: 'A step with `foreach` has several parents, so it is open from which of them the list comes.',
    remedy: 'Put a step before it that waits for all of them, and let the foreach follow that one.',
    exit: 'flow',
  },
  VARVE_JOIN_WITHOUT_FOREACH: {
    meaning: '`join` names a step that is not inside a foreach.',
    remedy:
      "Write `after: 'a'` to wait for one step or `after: ['a', 'b']` for several, or give that step a `foreach`.",
    exit: 'flow',
  },
  VARVE_NOT_AN_ARTIFACT: {
    meaning: '`foreach`, `when` or `catch` names a step, a method, or a field that is never stored.',
    remedy: 'Name a field that is neither `@transient` nor a secret.',
    exit: 'flow',
  },
  VARVE_NOT_A_METHOD: {
    meaning: '`@step` stands before something that is not a public method of an instance.',
    remedy: 'Steps are public methods, neither static nor private.',
    exit: 'flow',
  },
  VARVE_NOT_A_STEP: {
    meaning: '`after` or `join` names a method that is no step.',
    remedy: 'Put `@step()` before that method.',
    exit: 'flow',
  },
  VARVE_NO_STEPS: {
    meaning: 'The flow has no steps.',
    remedy: 'Put `@step()` before a method.',
    exit: 'flow',
  },
  VARVE_PARENT_DEPTH: {
    meaning: 'A step waits for steps that do not run equally often: they stand inside different foreaches.',
    remedy: 'Close the foreach first, with a step that has `join`, and wait for that one instead.',
    exit: 'flow',
  },
  VARVE_RESERVED_NAME: {
    meaning:
      'A step or a field has a name that varve uses itself, such as `run` or `init`, or an artifact has that of a method or getter of the class.',
    remedy: 'Rename it.',
    exit: 'flow',
  },
  VARVE_STEP_ARGUMENTS: {
    meaning: 'The method of a step declares more parameters than it is handed.',
    remedy: 'Take what the message lists, and read everything else from `this`.',
    exit: 'flow',
  },
  VARVE_STEP_NAME: {
    meaning: 'The name of a step cannot be used, is that of a field too, or differs from another only in case.',
    remedy: 'Rename it: a letter first, then letters, digits and `_`.',
    exit: 'flow',
  },
  VARVE_STEP_OPTION: {
    meaning: 'An option of `@step` has a value of the wrong kind.',
    remedy: 'Write it as the message says.',
    exit: 'flow',
  },
  VARVE_UNKNOWN_ARTIFACT: {
    meaning: '`foreach`, `when` or `catch` names an artifact that nothing sets.',
    remedy: 'Correct the name, or assign the field in an earlier step.',
    exit: 'flow',
  },
  VARVE_UNKNOWN_OPTION: {
    meaning: '`@step` has an option that does not exist.',
    remedy: 'Correct its name; the message lists the options or the nearest one.',
    exit: 'flow',
  },
  VARVE_UNKNOWN_STEP: {
    meaning: '`after` or `join` names a step that does not exist.',
    remedy: 'Correct the name; the message suggests the nearest step.',
    exit: 'flow',
  },
  VARVE_UNREACHABLE: {
    meaning: 'A step can never start, because it waits for steps that wait for each other.',
    remedy: 'Break that circle; it is reported as `VARVE_CYCLE`.',
    exit: 'flow',
  },
};
