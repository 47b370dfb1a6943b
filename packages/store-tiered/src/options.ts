import { isAbsolute, join } from 'node:path';
import { CONTRACT, type Datastore, isPlugin, type Plugin, type PluginContext, VarveError } from '@varve/core/contract';

/** A plugin of a store, as a config lists it, or the store itself. */
export type StorePart = Plugin<'datastore'> | Datastore;

export interface TieredOptions {
  /**
   * The folder of the copies; a relative one is meant from the project's root. Any number of processes and projects may
   * share it, and it may be deleted at any time. A store in its place, e.g. `fsStore({ root })`, keeps them under `copies/`.
   */
  readonly local: string | StorePart;
  /** The store that keeps everything. */
  readonly remote: StorePart;
  /** Most bytes of all copies: a number, or a text such as `'500MB'` or `'20GiB'`. Default `'10GB'`. */
  readonly maxBytes?: number | string;
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};
const SIZE = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?i?B)\s*$/i;
/** Bytes. Fewer could not be kept account of. */
const LEAST = 1e6;

/** Bytes of `10_000_000_000`, `'10GB'`, `'1.5 GiB'`. Throws `VARVE_CONFIG`. */
export function parseSize(size: number | string): number {
  const [, number = '', unit = ''] = typeof size === 'string' ? (SIZE.exec(size) ?? []) : [];
  const bytes = typeof size === 'number' ? size : Number(number || Number.NaN) * (UNITS[unit.toUpperCase()] ?? 1);
  if (bytes >= LEAST && (bytes === Infinity || Number.isFinite(bytes))) return Math.floor(bytes);
  throw new VarveError('VARVE_CONFIG', `tiered(): maxBytes is ${JSON.stringify(size) ?? String(size)}`, {
    hint: "Write a number of bytes or a text such as '10GB' or '500MB': 1MB at least.",
  });
}

/** The absolute path of a folder. Throws `VARVE_CONFIG`. */
export function folderOf(path: string, projectRoot: string): string {
  if (path.trim() === '') throw badPart('local', 'is empty', "Name a folder, e.g. local: '.varve/blobs'.");
  return isAbsolute(path) ? path : join(projectRoot, path);
}

/** Makes the store of a part. Throws `VARVE_CONFIG` for what is none. */
export async function openStore(name: 'local' | 'remote', part: unknown, context: PluginContext): Promise<Datastore> {
  if (isPlugin(part)) {
    const make = part.provides.datastore;
    const { datastore: theirs } = part.contract;
    if (typeof make !== 'function') throw badPart(name, `is the plugin ${part.name}, which provides no datastore`);
    if (theirs !== CONTRACT.datastore) throw otherContract(name, part.name, theirs);
    return make(context);
  }
  if (typeof part === 'function')
    throw badPart(name, 'is a function', 'Did you forget to call it, as in fsStore({ … })?');
  if (isStore(part)) return part;
  throw badPart(name, 'is no store', 'Write what a config would name as its datastore, e.g. fsStore({ … }).');
}

function isStore(part: unknown): part is Datastore {
  if (typeof part !== 'object' || part === null) return false;
  const store = part as Readonly<Record<string, unknown>>;
  return ['put', 'get', 'stat', 'list', 'delete'].every((call) => typeof store[call] === 'function');
}

function otherContract(part: string, plugin: string, theirs: number): VarveError {
  const what = `is the plugin ${plugin}, built for version ${theirs} of the datastore contract; this varve has version ${CONTRACT.datastore}`;
  return badPart(part, what, theirs > CONTRACT.datastore ? 'Update varve.' : `Update ${plugin}.`);
}

function badPart(part: string, what: string, hint?: string): VarveError {
  return new VarveError('VARVE_CONFIG', `tiered(): ${part} ${what}`, hint === undefined ? {} : { hint });
}
