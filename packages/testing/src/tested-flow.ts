import type { FlowClass } from '@varve/core';
import { type Finding, VarveError } from '@varve/core/contract';
import {
  checkedGraph,
  checkFlow,
  describeFlow,
  type Graph,
  type GraphStep,
  isFlowClass,
  type LoadedFlow,
  SEES_BOTH,
  type StepBody,
  suggest,
} from '@varve/core/internal';

/** A flow without mistakes, as the test has imported it, with the stubs of its steps. */
export interface TestedFlow {
  readonly loaded: LoadedFlow;
  readonly graph: Graph;
}

/** Checks a flow and its stubs. Throws `VARVE_NO_FLOW`, `VARVE_FLOW_INVALID` and `VARVE_TEST_STEP` with all findings. */
export function testedFlow(Class: FlowClass, stubs: Readonly<Record<string, unknown>> = {}): TestedFlow {
  if (!isFlowClass(Class)) {
    throw new VarveError('VARVE_NO_FLOW', `a test was given ${nameOf(Class)}, which is not a class that extends Flow`, {
      hint: 'Give it the class itself: testFlow(Penguins), with import Penguins from its file.',
    });
  }
  const described = describeFlow(Class);
  const graph = checkedGraph({ ...described, findings: [...described.findings, ...checkFlow(described)] });
  const bodies = bodiesOf(Class.name, graph, stubs);
  const steps = described.steps.map((step) => (bodies.has(step.name) ? { ...step, sees: SEES_BOTH } : step));
  return { loaded: { Class, description: { ...described, steps }, bodies }, graph };
}

/** Throws `VARVE_TEST_STEP`. */
export function stepNamed({ loaded, graph }: TestedFlow, name: string): GraphStep {
  const step = graph.steps.find((one) => one.name === name);
  if (step) return step;
  const { message, hint } = noSuchStep(loaded.Class.name, graph, name);
  throw new VarveError('VARVE_TEST_STEP', message, { ...(hint !== undefined && { hint }) });
}

function bodiesOf(flow: string, graph: Graph, stubs: Readonly<Record<string, unknown>>): ReadonlyMap<string, StepBody> {
  const given = Object.entries(stubs).filter(([, body]) => body !== undefined);
  const findings = given.flatMap(([name, body]): Finding[] => {
    if (!graph.steps.some((step) => step.name === name)) return [noSuchStep(flow, graph, name)];
    if (typeof body === 'function') return [];
    const message = `the stub of '${name}' is ${nameOf(body)}, not a function`;
    return [{ code: 'VARVE_TEST_STEP', message, hint: `Write it as a method: stub: { ${name}() { … } }` }];
  });
  if (findings.length === 0) return new Map(given as [string, StepBody][]);
  throw new VarveError('VARVE_TEST_STEP', `a test of ${flow} has stubs that fit no step`, { findings });
}

function noSuchStep(flow: string, graph: Graph, name: string): Finding {
  const hint = suggest(
    name,
    graph.steps.map((step) => step.name),
    'steps',
  );
  return { code: 'VARVE_TEST_STEP', message: `${flow} has no step '${name}'`, hint };
}

function nameOf(value: unknown): string {
  if (typeof value === 'function') return value.name || 'a function';
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
