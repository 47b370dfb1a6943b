import { basename, dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ObserveOptions } from '../options.ts';

/** Whose a file of code is; `undefined` for code without a file, which belongs to the one that made it. */
export type Owner =
  | { readonly kind: 'user' | 'node' | 'varve' }
  | { readonly kind: 'package'; readonly name: string }
  | undefined;

const USER = { kind: 'user' } as const;
const NODE = { kind: 'node' } as const;
const VARVE = { kind: 'varve' } as const;
const BELOW = `${sep}node_modules${sep}`;

/**
 * Decides whose code a stack frame is. `name`: file as a frame names it, a path or a URL. A file below a folder
 * `node_modules` is a package, unless the whole project lies in such a folder; varve's own folders hold compiled flows,
 * which are the user's.
 */
export function ownerOf(name: string | undefined | null, { root, own }: Pick<ObserveOptions, 'root' | 'own'>): Owner {
  if (!name) return undefined;
  if (name.startsWith('node:')) return NODE;
  const file = pathOf(name);
  if (file === undefined) return undefined;
  if (isOfThisCheckout(file)) return VARVE;
  if (own.some((folder) => file.startsWith(folder + sep))) return USER;
  const from = file.startsWith(root + sep) ? root.length : 0;
  const at = file.lastIndexOf(BELOW);
  if (at < from) return USER;
  const packageName = nameOfPackage(file.slice(at + BELOW.length));
  return /^(varve$|@varve\/)/.test(packageName) ? VARVE : { kind: 'package', name: packageName };
}

/** Absolute path of the file that a stack frame names; `undefined` for code made at run time, and native code. */
export function pathOf(name: string): string | undefined {
  if (name.startsWith('file:')) return fileURLToPath(name.replace(/[?#].*$/, ''));
  return name.startsWith(sep) || /^[A-Za-z]:[\\/]/.test(name) ? name : undefined;
}

/** The folder of the package that a file belongs to; `undefined` for one that lies in no `node_modules`. */
export function packageFolderOf(name: string): string | undefined {
  const file = pathOf(name);
  const at = file?.lastIndexOf(BELOW) ?? -1;
  if (file === undefined || at < 0) return undefined;
  const below = file.slice(at + BELOW.length);
  return file.slice(0, at + BELOW.length) + nameOfPackage(below).replace('/', sep);
}

function nameOfPackage(below: string): string {
  const [first = '', second = ''] = below.split(sep);
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/** Folder of the packages of varve when it runs from its own repository; there they lie in no `node_modules`. */
const CHECKOUT = checkoutOf(fileURLToPath(import.meta.url));

function checkoutOf(file: string): string | undefined {
  if (file.includes(BELOW)) return undefined;
  const folder = /^(.*)[\\/](?:dist|src)[\\/]/.exec(file)?.[1];
  return folder !== undefined && basename(folder) === 'runtime' ? dirname(folder) + sep : undefined;
}

function isOfThisCheckout(file: string): boolean {
  if (CHECKOUT === undefined || !file.startsWith(CHECKOUT)) return false;
  return /^(dist|src|bin)$/.test(file.slice(CHECKOUT.length).split(sep)[1] ?? '');
}
