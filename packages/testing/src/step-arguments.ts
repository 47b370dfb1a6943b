import { type Finding, VarveError } from '@varve/core/contract';
import type { GraphStep } from '@varve/core/internal';

import type { UncheckedArguments } from './types.ts';

const OPTIONS = ['element', 'index', 'tasks', 'inputs'] as const;
/** Larger ones are mistakes. The elements before it are made up, so each costs memory. */
const INDEX_MAX = 100_000;

/** Checks that the arguments fit the kind of the step. Throws `VARVE_TEST_INPUT` with all findings. */
export function checkStepArguments(step: GraphStep, args: UncheckedArguments): void {
  const wanted = optionsOf(step);
  const findings: Finding[] = OPTIONS.filter((name) => args[name] !== undefined && !wanted.includes(name)).map((name) =>
    finding(`'${step.name}' is not handed '${name}': it ${sayKind(step)}`, hintFor(step)),
  );
  if (step.kind === 'foreach-join' && !isList(args.tasks))
    findings.push(finding(`'${step.name}' joins tasks, and no list of 'tasks' was given`, hintFor(step)));
  if (step.kind === 'branch-join') findings.push(...checkInputs(step, args.inputs));
  const { index } = args;
  if (index !== undefined && !(Number.isSafeInteger(index) && (index as number) >= 0 && (index as number) <= INDEX_MAX))
    findings.push(finding(`index ${String(index)} is not a whole number from 0 to ${INDEX_MAX}`, 'Correct it.'));
  if (findings.length > 0)
    throw new VarveError('VARVE_TEST_INPUT', `a test of '${step.name}' does not fit the step`, { findings });
}

function checkInputs({ name, parents }: GraphStep, inputs: unknown): Finding[] {
  if (!isRecord(inputs)) return [finding(`'${name}' joins branches, and no 'inputs' were given`, inputsHint(parents))];
  return Object.keys(inputs)
    .filter((branch) => !parents.includes(branch))
    .map((branch) => finding(`'${name}' does not join '${branch}'`, inputsHint(parents)));
}

function optionsOf({ kind, scope }: GraphStep): readonly string[] {
  const around = scope.length > 0 ? ['element', 'index'] : [];
  if (kind === 'foreach-join') return [...around, 'tasks'];
  return kind === 'branch-join' ? [...around, 'inputs'] : around;
}

function sayKind({ kind, scope }: GraphStep): string {
  if (kind === 'foreach-join') return 'joins tasks';
  if (kind === 'branch-join') return 'joins branches';
  return scope.length > 0 ? 'runs for one element' : 'is called without arguments';
}

function hintFor({ kind, parents, scope }: GraphStep): string {
  if (kind === 'foreach-join') return 'Give it what each task left: { tasks: [{ … }, { … }] }';
  if (kind === 'branch-join') return inputsHint(parents);
  return scope.length > 0 ? 'Give it its element: { element: …, index: 0 }' : 'Leave it out.';
}

function inputsHint(parents: readonly string[]): string {
  return `Give it what each branch left: { inputs: { ${parents.map((name) => `${name}: { … }`).join(', ')} } }`;
}

function finding(message: string, hint: string): Finding {
  return { code: 'VARVE_TEST_INPUT', message, hint };
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
