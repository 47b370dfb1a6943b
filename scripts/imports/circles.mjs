import { posix } from 'node:path';

/** Finds circular imports: for each group of nodes that import each other, the shortest way from its first node back.
 * @param {ReadonlyMap<string, readonly string[]>} graph What each node imports.
 * @returns {{ path: string[], size: number }[]} The path begins and ends with the same node; `size` counts the group. */
export function circlesIn(graph) {
  const rest = withoutLeaves(graph);
  /** @type {Set<string>} */
  const seen = new Set();
  const circles = [];
  for (const node of [...rest.keys()].sort()) {
    const path = seen.has(node) ? undefined : shortestPath(rest, node, node);
    if (path === undefined) continue;
    const group = reachableFrom(rest, node).filter((other) => shortestPath(rest, other, node) !== undefined);
    for (const member of group) seen.add(member);
    circles.push({ path, size: group.length });
  }
  return circles;
}

/** The imports of files by each other, as a graph; a module of another package is no file.
 * @param {ReadonlyMap<string, readonly string[]>} imports Specifiers by file.
 * @returns {Map<string, string[]>} */
export function fileGraph(imports) {
  const targetsOf = (/** @type {string} */ file) =>
    (imports.get(file) ?? []).flatMap((it) => fileOf(imports, file, it));
  return new Map([...imports.keys()].map((file) => [file, targetsOf(file)]));
}

/** @param {ReadonlyMap<string, unknown>} files @param {string} from @param {string} specifier @returns {string[]} */
function fileOf(files, from, specifier) {
  if (!specifier.startsWith('.')) return [];
  const path = posix.join(posix.dirname(from), specifier);
  const bare = path.replace(/\.([mc]?)js$/, '.$1ts');
  return [path, bare, `${path}.ts`, `${path}/index.ts`].filter((candidate) => files.has(candidate)).slice(0, 1);
}

/** Leaves out, again and again, what imports nothing that is left: it is in no circle, and it is nearly everything.
 * @param {ReadonlyMap<string, readonly string[]>} graph */
function withoutLeaves(graph) {
  const rest = new Map(graph);
  for (let before = -1; before !== rest.size; ) {
    before = rest.size;
    for (const [node, targets] of rest) if (!targets.some((target) => rest.has(target))) rest.delete(node);
  }
  return rest;
}

/** @param {ReadonlyMap<string, readonly string[]>} graph @param {string} from @param {string} to
 * @returns {string[] | undefined} At least one step long. */
function shortestPath(graph, from, to) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  for (const queue = [from]; queue.length > 0; ) {
    const node = queue.shift() ?? from;
    for (const next of graph.get(node) ?? []) {
      if (next === to) return [...wayBack(cameFrom, from, node), to];
      if (next === from || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}

/** @param {ReadonlyMap<string, string>} cameFrom @param {string} from @param {string} node @returns {string[]} */
function wayBack(cameFrom, from, node) {
  return node === from ? [from] : [...wayBack(cameFrom, from, cameFrom.get(node) ?? from), node];
}

/** @param {ReadonlyMap<string, readonly string[]>} graph @param {string} from */
function reachableFrom(graph, from) {
  const found = new Set([from]);
  for (const node of found) for (const next of graph.get(node) ?? []) found.add(next);
  return [...found];
}
