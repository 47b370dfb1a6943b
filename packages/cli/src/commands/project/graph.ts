import { VarveError } from '@varve/core/contract';
import { checkedGraph, type Graph, type GraphStep } from '@varve/core/internal';
import { EXIT } from '../../exit-codes.ts';
import { print, printJson } from '../../print/stdout.ts';
import { withFlow } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';

const FORMATS = { text: renderText, mermaid: renderMermaid, dot: renderDot };

/** `varve graph` */
export async function graph(file: string, options: CommonOptions & { readonly format: string }): Promise<number> {
  const render = FORMATS[options.format as keyof typeof FORMATS];
  if (!render)
    throw new VarveError('VARVE_USAGE', `--format ${options.format}: there is no such format`, {
      hint: 'Formats: text, mermaid, dot.',
    });
  return withFlow(file, options, async ({ description }) => {
    const checked = checkedGraph(description);
    if (options.json) printJson({ flow: description.name, graph: checked });
    else print(render(checked));
    return EXIT.ok;
  });
}

/** One line per step with its parents, indented by the foreach steps around it. */
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

/** A Mermaid flowchart, for Markdown. */
export function renderMermaid(graph: Graph): string {
  const lines = graph.steps.map((step) => `  ${step.name}["${step.name}${step.foreach ? ` × ${step.foreach}` : ''}"]`);
  return ['flowchart LR', ...lines, ...edges(graph).map(([from, to]) => `  ${from} --> ${to}`)].join('\n');
}

/** A DOT graph, for Graphviz. */
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
