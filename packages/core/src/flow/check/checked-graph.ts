import { VarveError } from '../../contract/index.ts';
import type { FlowDescription } from '../describe/description.ts';
import { buildGraph, type Graph } from '../describe/graph.ts';

/** The graph of a flow without mistakes. Throws all findings at once. */
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
