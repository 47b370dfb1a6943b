import type { Graph, GraphStep } from '@varve/core/app';

/** One line a step, indented by the foreaches around it, with what it follows. */
export function renderText(graph: Graph): string {
  const width = Math.max(...graph.steps.map((step) => step.name.length + step.scope.length * 2));
  return graph.steps
    .map((step) => `${`${'  '.repeat(step.scope.length)}${step.name}`.padEnd(width)}  ${describe(step)}`.trimEnd())
    .join('\n');
}

function describe(step: GraphStep): string {
  const after =
    step.parents.length === 0
      ? ''
      : step.kind === 'foreach-join'
        ? `joins ${step.parents[0]}`
        : `after ${step.parents.join(' and ')}`;
  const each = step.foreach === undefined ? '' : `for each of ${step.foreach}`;
  const when =
    step.when === undefined ? '' : `when ${step.when.artifact}${step.when.text ? ` is ${step.when.text}` : ''}`;
  return [after, each, when].filter((part) => part !== '').join(', ');
}

/** A flowchart for Markdown. */
export function renderMermaid(graph: Graph): string {
  const lines = graph.steps.map((step) => `  ${step.name}["${step.name}${step.foreach ? ` × ${step.foreach}` : ''}"]`);
  return ['flowchart LR', ...lines, ...edges(graph).map(([from, to]) => `  ${from} --> ${to}`)].join('\n');
}

/** For Graphviz. */
export function renderDot(graph: Graph): string {
  const lines = graph.steps.map(
    (step) => `  "${step.name}" [label="${step.name}${step.foreach ? ` × ${step.foreach}` : ''}"];`,
  );
  return [
    'digraph flow {',
    '  rankdir=LR;',
    ...lines,
    ...edges(graph).map(([from, to]) => `  "${from}" -> "${to}";`),
    '}',
  ].join('\n');
}

function edges(graph: Graph): [string, string][] {
  return graph.steps.flatMap((step) => step.parents.map((parent): [string, string] => [parent, step.name]));
}
