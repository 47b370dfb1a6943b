import { type Finding, VarveError } from '../../contract/index.ts';
import { OPTION_READERS } from '../describe/describe-steps.ts';
import type { FlowDescription } from '../describe/description.ts';
import { buildGraph, type Graph } from '../describe/graph.ts';
import type { Rule } from './rule.ts';
import * as names from './rules-names.ts';
import * as shape from './rules-shape.ts';

const RULES: readonly Rule[] = [
  names.noSteps,
  names.reservedName,
  names.reservedField,
  names.stepNameGrammar,
  names.stepIsField,
  names.similarNames,
  names.unknownOption(Object.keys(OPTION_READERS)),
  names.unknownParent,
  names.duplicateParent,
  names.unknownArtifact,
  names.catchParameter,
  shape.badOption,
  shape.argumentCount,
  shape.effectAndCache,
  shape.afterAndJoin,
  shape.foreachAndJoin,
  shape.foreachParents,
  shape.cycle,
  shape.unreachable,
  shape.joinOutsideForeach,
  shape.parentScopes,
];

/** Mistakes in the graph of a flow, in the order of the lines. */
export function checkFlow(description: FlowDescription): Finding[] {
  const checked = { flow: description, graph: buildGraph(description), steps: description.steps.map((s) => s.name) };
  const line = (finding: Finding) => finding.location?.line ?? 0;
  return RULES.flatMap((rule) => rule(checked)).sort((a, b) => line(a) - line(b));
}

/** The graph of a flow. Throws `VARVE_FLOW_INVALID` with all findings when there are any. */
export function checkedGraph(description: FlowDescription): Graph {
  if (description.findings.length > 0) {
    const count = description.findings.length;
    throw new VarveError(
      'VARVE_FLOW_INVALID',
      `${description.name} has ${count} ${count === 1 ? 'mistake' : 'mistakes'}`,
      {
        findings: description.findings,
      },
    );
  }
  return buildGraph(description);
}
