import { RunView } from '../client/runs/run-view.ts';
import { VarveError } from '../contract/index.ts';
import type { RunState } from '../store/journal/run-state.ts';

import type { Bench } from './bench.ts';

/** What test runners ask any object for when they print or compare it. */
const PROBES = /^(?:then|toJSON|asymmetricMatch|nodeType|tagName|length|\$\$typeof|@@.*|_.*)$/;

/** Says of a failed run why it failed: also to a test that only looks at what it should have left behind. */
export function withFailure<F>(run: RunView<F>, thrown: Bench['thrown']): RunView<F> {
  const failure = run.state.firstFailure;
  if (failure) {
    const cause = thrown.get(failure.error)?.error;
    Object.defineProperty(run, 'artifacts', {
      get: () => explaining(Reflect.get(RunView.prototype, 'artifacts', run) as object, run.flow, failure, cause),
      configurable: true,
    });
  }
  return run;
}

function explaining(
  artifacts: object,
  flow: string,
  { label, error }: NonNullable<RunState['firstFailure']>,
  cause: unknown,
): object {
  return new Proxy(artifacts, {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || name in target || PROBES.test(name)) return Reflect.get(target, name, receiver);
      throw new VarveError(
        'VARVE_TEST_RUN_FAILED',
        `${flow} left no '${name}': ${label} failed with ${error.name}: ${error.message}`,
        { cause, ...(error.hint !== undefined && { hint: error.hint }) },
      );
    },
  });
}
