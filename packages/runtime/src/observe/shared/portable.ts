import { relative, resolve, sep } from 'node:path';

/**
 * The name of a path in reads: relative to the project with `/`, `.` for the project itself. Absolute outside of it, but for
 * packages that are installed in a folder around the project: these move with it.
 */
export function portableName(root: string, path: string): string {
  if (path === root) return '.';
  const isInside = path.startsWith(root) && path[root.length] === sep;
  if (isInside) return withSlashes(path.slice(root.length + 1));
  return withSlashes(isInstalledAround(root, path) ? relative(root, path) : path);
}

const MODULES = `${sep}node_modules${sep}`;

function isInstalledAround(root: string, path: string): boolean {
  const at = path.indexOf(MODULES);
  return at > 0 && root.startsWith(path.slice(0, at) + sep);
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
