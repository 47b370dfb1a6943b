import { inspect } from 'node:util';
import type { ContextField, TaskSpec } from '../contract/index.ts';
import type { RunContext } from '../flow/authoring/flow.ts';
import type { AttemptAbort } from './attempt-abort.ts';

/** `this.run` inside a step. `onRead` is told of each field that says where in which run the attempt stands. */
export function createRunContext(
  spec: TaskSpec,
  abort: AttemptAbort,
  onRead: (field: ContextField) => void,
): RunContext {
  const read = <T>(field: ContextField, value: T): T => {
    onRead(field);
    return value;
  };
  return shown({
    get flow() {
      return read('run.flow', spec.flow);
    },
    get id() {
      return read('run.id', spec.runId);
    },
    get number() {
      return read('run.number', spec.runNumber);
    },
    step: spec.step,
    get task() {
      return read('run.task', spec.task);
    },
    element: elementOf(spec, read),
    get attempt() {
      return read('run.attempt', spec.attempt);
    },
    get origin() {
      return read('run.origin', spec.origin);
    },
    get signal() {
      return abort.signal;
    },
    log(message: string, fields?: object) {
      process.stdout.write(`${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}\n`);
    },
  });
}

/** Whether there is one is a matter of the graph; which one it is, is not. */
function elementOf(spec: TaskSpec, read: <T>(field: ContextField, value: T) => T): RunContext['element'] {
  const element = spec.elements.at(-1);
  return (
    element &&
    shown({
      get index() {
        return read('index', element.index);
      },
      get label() {
        return read('label', element.label);
      },
    })
  );
}

/** Frozen, and printed with its values in place of `[Getter]`: that is a look at them too. */
function shown<T extends object>(fields: T): T {
  Object.defineProperty(fields, inspect.custom, { value: () => ({ ...fields }) });
  return Object.freeze(fields);
}
