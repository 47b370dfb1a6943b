import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Compilation, type Loader, VarveError } from '@varve/core/contract';
import type { OutsideInputs } from '@varve/core/internal';

/** Everything a thread needs to open the same parts, as plain data. */
export interface Setup {
  /** Folder of `varve.config.*`, else of the nearest `package.json`, else of the flow. Absolute. */
  readonly projectRoot: string;
  /** `<projectRoot>/.varve`. */
  readonly stateDir: string;
  /** Absolute path of the config as written, for messages. */
  readonly configFile?: string;
  /** File URL of what is imported for it. */
  readonly configUrl?: string;
  /** File URL of the module with the default plugins. */
  readonly defaults: string;
  readonly profile?: string;
  /** `--store`: file URL of a module whose default export makes a datastore plugin. */
  readonly storeUrl?: string;
  /** In a worker process: the process that started it, and without which it must not go on. */
  readonly parentPid?: number;
  /** `--store` as given, for messages. */
  readonly storeName?: string;
  /** Variables that the `.env` of the project has set. */
  readonly fromEnvFile?: readonly string[];
  /** Settings of what counts as an input of a step. */
  readonly inputs?: OutsideInputs;
  /** Runs of this setup are no history: they stay in the store, whatever the config says of metadata. */
  readonly scratch?: boolean;
}

export interface SetupOptions {
  /** Folder to look from. Default: the working directory. */
  readonly from?: string;
  /** Path of a config file to use instead of looking for one. */
  readonly config?: string;
  readonly profile?: string;
  /** Package or file whose default export makes a datastore plugin. */
  readonly store?: string;
}

const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `varve.config.${extension}`);
/** Names that people expect to be read. */
const UNREAD_NAMES = ['json', 'jsonc', 'cjs', 'cts', 'yaml', 'yml', 'toml'].map((ext) => `varve.config.${ext}`);

/** Looks upward for the project and its config; compiles a config written in TypeScript. */
export async function findSetup(
  defaults: string,
  loader: (bare: Setup) => Promise<Loader>,
  options: SetupOptions = {},
): Promise<Setup> {
  const from = resolve(options.from ?? process.cwd());
  const configFile = findConfig(from, options.config);
  const packageFile = findUpward(from, ['package.json']);
  const projectRoot = configFile ? dirname(configFile) : packageFile ? dirname(packageFile) : from;
  const stateDir = join(projectRoot, '.varve');
  const fromEnvFile = loadEnvFile(projectRoot);
  // An empty variable is one that is not set, as in most shells and CI services.
  const profile = options.profile ?? (process.env.VARVE_PROFILE || undefined);
  const store = options.store ?? (process.env.VARVE_STORE || undefined);
  if (store === '') throw new VarveError('VARVE_CONFIG', '--store names nothing', { hint: STORE_HINT });
  const bare = { defaults, projectRoot, stateDir };
  return {
    ...bare,
    fromEnvFile,
    ...(configFile !== undefined && { configFile, configUrl: await loadable(configFile, bare, loader) }),
    ...(profile !== undefined && { profile }),
    ...(store !== undefined && { storeName: store, storeUrl: placeStore(store, projectRoot, stateDir) }),
  };
}

const STORE_HINT = 'Give the name of an installed package, or a path to a file: --store ./my-store.mjs';

/** The config that was named, else the nearest. Throws `VARVE_CONFIG` for one that is not there, or in a form that nobody reads. */
function findConfig(from: string, named: string | undefined): string | undefined {
  const file = named === undefined ? findUpward(from, [...CONFIG_NAMES, ...UNREAD_NAMES]) : resolve(named);
  if (file === undefined) return undefined;
  if (!existsSync(file)) {
    throw new VarveError('VARVE_CONFIG', `there is no config file ${file}`, {
      hint: 'Correct --config, or leave it out.',
    });
  }
  if (/\.[mc]?[jt]s$/.test(file) && !UNREAD_NAMES.includes(basename(file))) return file;
  throw new VarveError(
    'VARVE_CONFIG',
    `${file} is not read: a config is code, because its settings are results of calls`,
    {
      hint: `Write it as varve.config.ts, .mts, .js or .mjs: export default defineConfig({ … }).`,
    },
  );
}

/** The project around a folder, without a config: for parts that are given as objects. */
export function setupWithoutConfig(defaults: string, from: string): Setup {
  const packageFile = findUpward(resolve(from), ['package.json']);
  const projectRoot = packageFile ? dirname(packageFile) : resolve(from);
  loadEnvFile(projectRoot);
  return { projectRoot, stateDir: join(projectRoot, '.varve'), defaults };
}

/** The nearest of these files, from a folder upward. */
export function findUpward(from: string, names: readonly string[]): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = names.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Writes what was compiled where Node can import it. Content-addressed, so that two runs never disturb each other. */
export function placeBundle(stateDir: string, name: string, compilation: Compilation): string {
  const digest = compilation.digest.replace(/^.*:/, '').slice(0, 16);
  return placeModule(stateDir, `${name}-${digest}.mjs`, compilation.code);
}

/** A whole module or none: another run may import it while it is being written. Throws `VARVE_STATE_DIR`. */
function placeModule(stateDir: string, name: string, code: string): string {
  const file = join(stateDir, 'build', name);
  if (touch(file)) return pathToFileURL(file).href;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Keeps the folder out of commits.
    if (!existsSync(join(stateDir, '.gitignore'))) writeFileSync(join(stateDir, '.gitignore'), '*\n');
    const part = `${file}.${randomUUID()}.part`;
    writeFileSync(part, code);
    renameSync(part, file);
  } catch (error) {
    throw new VarveError('VARVE_STATE_DIR', `cannot write to ${stateDir}: ${(error as Error).message}`, {
      cause: error,
      hint: 'varve keeps its compiled files there: make the folder writable, or run from a writable copy of the project.',
    });
  }
  return pathToFileURL(file).href;
}

async function loadable(file: string, bare: Setup, loader: (bare: Setup) => Promise<Loader>): Promise<string> {
  if (/\.m?js$/.test(file)) return pathToFileURL(file).href;
  const compiler = await loader(bare);
  const compiled = await compiler.compile(file).catch((error: unknown) => {
    throw VarveError.is(error, 'VARVE_COMPILE') ? unreadableConfig(file, error) : error;
  });
  return placeBundle(bare.stateDir, basename(file).replace(/\.\w+$/, ''), compiled);
}

/** True when the file exists. Sets its age to now, by which `varve gc` finds files out of use. */
function touch(file: string): boolean {
  const now = new Date();
  try {
    utimesSync(file, now, now);
    return true;
  } catch {
    return existsSync(file);
  }
}

/** A mistake in the config is one of the setup, not of the flow. */
function unreadableConfig(file: string, error: VarveError): VarveError {
  return new VarveError('VARVE_CONFIG', `${basename(file)} does not compile`, {
    cause: error,
    findings: error.findings,
  });
}

/** Values already in the environment win. Returns the names of those that it has set. Throws `VARVE_CONFIG`. */
function loadEnvFile(projectRoot: string): readonly string[] {
  const file = join(projectRoot, '.env');
  if (!existsSync(file)) return [];
  const before = new Set(Object.keys(process.env));
  try {
    process.loadEnvFile(file);
  } catch (error) {
    throw new VarveError('VARVE_CONFIG', `cannot read ${file}`, {
      cause: error,
      hint: '.env must be a readable text file of NAME=value lines: correct it, rename it, or take it away.',
    });
  }
  return Object.keys(process.env).filter((name) => !before.has(name));
}

/** True when `--store` names a file rather than a package. */
export function isPathLike(store: string): boolean {
  return /^[./]|^[A-Za-z]:/.test(store);
}

/** File URL of a module that hands on one export of a package, which Node resolves from the project. Throws `VARVE_STATE_DIR`. */
export function placeExport({ stateDir }: Pick<Setup, 'stateDir'>, specifier: string, name: string): string {
  const digest = createHash('sha256').update(`${name} ${specifier}`).digest('hex').slice(0, 16);
  return placeModule(
    stateDir,
    `store-${digest}.mjs`,
    `export { ${name} as default } from ${JSON.stringify(specifier)};\n`,
  );
}

/** A module in the project's folder that hands the store on: so Node itself resolves it from there, by its own rules. */
function placeStore(store: string, projectRoot: string, stateDir: string): string {
  const specifier = isPathLike(store) ? pathToFileURL(resolve(projectRoot, store)).href : store;
  const digest = createHash('sha256').update(specifier).digest('hex').slice(0, 16);
  return placeModule(stateDir, `store-${digest}.mjs`, `export { default } from ${JSON.stringify(specifier)};\n`);
}
