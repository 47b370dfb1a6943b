import { resolve, sep } from 'node:path';

/** The name of a path in reads: relative to the project with `/`, `.` for the project itself, absolute outside of it. */
export function portableName(root: string, path: string): string {
  if (path === root) return '.';
  const isInside = path.startsWith(root) && path[root.length] === sep;
  return withSlashes(isInside ? path.slice(root.length + 1) : path);
}

/** The absolute path of a name. */
export function pathOfName(root: string, name: string): string {
  return resolve(root, name);
}

export function withSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** True for a path in one of the folders, which are absolute. */
export function isInside(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => path.startsWith(folder) && path[folder.length] === sep);
}
