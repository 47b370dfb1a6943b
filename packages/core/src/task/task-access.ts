import { type TaskSpec, VarveError } from '../contract/index.ts';
import type { RunContext } from '../flow/authoring/flow.ts';
import type { FlowDescription } from '../flow/describe/description.ts';
import type { ArtifactAccess } from '../flow/instance/task-state.ts';
import type { AttemptAbort } from './attempt-abort.ts';
import { createRandom } from './random.ts';
import { createRunContext } from './run-context.ts';
import type { TaskReads } from './task-reads.ts';

/** What the instance of a task asks for. */
export function accessOf(
  spec: TaskSpec,
  description: FlowDescription,
  reads: TaskReads,
  abort: AttemptAbort,
): ArtifactAccess {
  const parameters = new Set(description.params.map((p) => p.name));
  let run: RunContext | undefined;
  let next: (() => number) | undefined;
  return {
    names: Object.keys(spec.inputs),
    load: (name) => reads.field(name),
    conflict: (name) => conflictError(spec, name),
    isParameter: (name) => parameters.has(name),
    run() {
      run ??= createRunContext(spec, abort, (field) => reads.record.context(field));
      return run;
    },
    random() {
      next ??= randomOf(spec, reads);
      return next();
    },
    now: () => spec.now ?? Date.now(),
  };
}

function randomOf(spec: TaskSpec, reads: TaskReads): () => number {
  if (spec.seed === undefined) {
    throw new VarveError('VARVE_NO_SEED', `${spec.step} calls this.random(), but its runner was given no seed`, {
      hint: 'Use the same version of varve and of the runner plugin, or draw from a generator of your own.',
    });
  }
  if (spec.elements.length > 0) reads.record.context('element');
  return createRandom(spec.seed);
}

/** Names the step and not the task: a step may catch the error, and must not learn from it which element it has. */
function conflictError(spec: TaskSpec, name: string): VarveError | undefined {
  const branches = spec.conflicts && Object.hasOwn(spec.conflicts, name) ? spec.conflicts[name] : undefined;
  if (!branches) return undefined;
  return new VarveError(
    'VARVE_BRANCHES_DIFFER',
    `${spec.step} reads '${name}', but ${branches.join(' and ')} left different values of it`,
    {
      hint: `Read it from one branch: inputs.${branches[0]}.${name}, or assign this.${name} where the branches join.`,
    },
  );
}
