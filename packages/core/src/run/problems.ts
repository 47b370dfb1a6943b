import { type StoredError, VarveError } from '../contract/index.ts';
import type { GraphStep } from '../flow/index.ts';
import type { PlanProblem } from './plan.ts';

/** What the user reads when the data does not fit the graph. */
export function problemError(step: GraphStep, problem: PlanProblem): VarveError {
  const { name } = problem;
  const location = step.location ? { location: step.location } : {};
  if (problem.kind === 'conflict') {
    const branches = (problem.branches ?? []).join(' and ');
    return new VarveError(
      'VARVE_BRANCHES_DIFFER',
      `${step.name} needs '${name}', but ${branches} left different values of it`,
      {
        ...location,
        hint: `Choose one in the step that joins them: this.${name} = inputs.${problem.branches?.[0] ?? 'branch'}.${name}`,
      },
    );
  }
  const use = problem.kind === 'missing-list' ? `foreach: '${name}'` : `when: '${name}'`;
  const parents = step.parents.join(', ') || 'the initialisers';
  return new VarveError(
    'VARVE_ARTIFACT_NOT_SET',
    `${step.name} has ${use}, but nothing has set '${name}' when ${parents} had finished`,
    {
      ...location,
      hint: `Assign this.${name} in ${step.parents[0] ?? 'the class body'}, or correct the name.`,
    },
  );
}

/** An error as plain data. */
export function storeError(error: unknown): StoredError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { code, hint } = error as { code?: unknown; hint?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' && { code }),
    ...(typeof hint === 'string' && { hint }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: storeError(error.cause) }),
  };
}
