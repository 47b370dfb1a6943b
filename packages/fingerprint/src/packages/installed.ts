import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An installed package, as its `package.json` describes it. */
export interface Installed {
  readonly name: string;
  readonly version: string;
  /** Absolute real path. */
  readonly directory: string;
  /** Names of the packages it may load. */
  readonly dependencies: readonly string[];
  /** Contains or builds a native addon. */
  readonly native: boolean;
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly optionalDependencies?: Readonly<Record<string, unknown>>;
  readonly peerDependencies?: Readonly<Record<string, unknown>>;
  readonly gypfile?: unknown;
  readonly os?: unknown;
  readonly cpu?: unknown;
  readonly binary?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
}

const BUILDERS = /node-gyp|prebuild|node-pre-gyp|cmake-js|napi/;

/** Reads the package in a folder; `undefined` if there is none. */
export function readInstalled(directory: string): Installed | undefined {
  const manifest = readManifest(join(directory, 'package.json'));
  if (!manifest) return undefined;
  const { name, version, dependencies, optionalDependencies, peerDependencies } = manifest;
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).sort();
  return {
    name: String(name ?? ''),
    version: String(version ?? ''),
    directory,
    dependencies: names,
    native: isNative(directory, manifest),
  };
}

function readManifest(file: string): Manifest | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isNative(directory: string, { gypfile, os, cpu, binary, scripts }: Manifest): boolean {
  if (gypfile === true || os !== undefined || cpu !== undefined || binary !== undefined) return true;
  if (BUILDERS.test(String(scripts?.install ?? ''))) return true;
  return existsSync(join(directory, 'binding.gyp'));
}

/** Real path of a package as code in folder `from` finds it: in the nearest `node_modules` upward that has it. */
export function findPackage(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}
