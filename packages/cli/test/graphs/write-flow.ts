import { CONDITIONS, LISTS, type Node, type Nodes } from './graph-data.ts';

export interface FlowOptions {
  /** Name of the class. */
  readonly name: string;
  /** Steps with `catch: 'error'`. */
  readonly catching?: readonly string[];
  /** Steps that are stopped after a second. */
  readonly limited?: readonly string[];
}

/**
 * A flow file for a graph. Every step does the same: it fails or hangs when a parameter names its task, and otherwise
 * leaves its `trail`: the tasks that its own data came through. A value that all tasks store alike is written once.
 */
export function writeFlow(nodes: Nodes, options: FlowOptions): string {
  return `${HEAD}
export default class ${options.name} extends Flow {
  failing = param.string('');
  failures = param.int(0);
  hanging = param.string('');
  busy = param.boolean(false);
${Object.entries(LISTS)
  .map(([name, list]) => `  ${name} = ${JSON.stringify(list)};`)
  .join('\n')}
  yes = true; no = false; kind = 'big'; count = 3; huge = 5n; nothing = null; even = true;
  untouched = { passed: ['on', 'by', 'reference'] };
  trail: string[]; element: string; same: string; error?: unknown;

${nodes.map((node) => writeStep(node, options)).join('\n')}
}
`;
}

function writeStep(node: Node, { catching = [], limited = [] }: FlowOptions): string {
  const options = [
    ...(node.after === undefined ? [] : [`after: ${JSON.stringify(node.after)}`]),
    ...(node.foreach === undefined ? [] : [`foreach: '${node.foreach}'`]),
    ...(node.join === undefined ? [] : [`join: '${node.join}'`]),
    ...(node.when === undefined ? [] : [`when: ${CONDITIONS[node.when].written}`]),
    ...(catching.includes(node.name) ? [`catch: 'error'`] : []),
    ...(limited.includes(node.name) ? [`timeout: '1s'`] : []),
    `retry: { times: 1, backoff: '1ms', on: 'RangeError' }`,
  ];
  return `  @step({ ${options.join(', ')} })\n  ${node.name}(...given) { return act(this, '${kindOf(node)}', ...given); }`;
}

function kindOf(node: Node): string {
  if (node.join !== undefined) return 'join';
  if (node.foreach !== undefined) return 'foreach';
  return Array.isArray(node.after) ? 'branches' : 'linear';
}

const HEAD = `// @ts-nocheck
import { Flow, param, step } from 'varve';

const named = (list, task) => list.split(' ').includes(task);

async function act(flow, kind, first, index) {
  const { task, attempt } = flow.run;
  console.log('log of ' + task);
  if (named(flow.failing, task) && attempt <= flow.failures) throw new RangeError('planned: ' + task);
  if (named(flow.hanging, task)) {
    if (flow.busy) for (;;) {}
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  if (kind === 'foreach') {
    flow.element = first;
    flow.even = index % 2 === 0;
  }
  flow.same = 'the same for all '.repeat(2000);
  flow.trail = [...new Set([...before(flow, kind, first), task])];
}

function before(flow, kind, first) {
  if (kind === 'join') return first.flatMap((one) => one.trail ?? []);
  if (kind === 'branches') return Object.values(first).flatMap((one) => one?.trail ?? []);
  return flow.trail ?? [];
}
`;
