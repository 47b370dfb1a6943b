import type { TaskSpec } from '../contract/index.ts';
import type { RunContext } from '../flow/index.ts';
import type { AttemptAbort } from './attempt-abort.ts';

/** `this.run` inside a step. */
export function createRunContext(spec: TaskSpec, abort: AttemptAbort): RunContext {
  const element = spec.elements.at(-1);
  return Object.freeze({
    flow: spec.flow,
    id: spec.runId,
    number: spec.runNumber,
    step: spec.step,
    task: spec.task,
    element: element && { index: element.index, label: element.label },
    attempt: spec.attempt,
    origin: spec.origin,
    get signal() {
      return abort.signal;
    },
    log(message: string, fields?: object) {
      process.stdout.write(`${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}\n`);
    },
  });
}
