import { posix } from 'node:path';

/**
 * Where the files of a project go below one folder, so that their imports of one another still lead there: what lies
 * beside the project stays beside it, in as many folders as its paths lead upward.
 */
export function layOut(paths: readonly string[]): string[] {
  const depth = Math.max(0, ...paths.map(upward));
  if (depth === 0) return [...paths];
  const beside = new Set(paths.map((path) => path.replace(/^(\.\.\/)+/, '').split('/')[0]));
  let name = 'project';
  while (beside.has(name)) name += '_';
  const root = Array.from({ length: depth }, () => name).join('/');
  return paths.map((path) => posix.join(root, path));
}

function upward(path: string): number {
  return (/^(\.\.\/)*/.exec(path)?.[0].length ?? 0) / '../'.length;
}
