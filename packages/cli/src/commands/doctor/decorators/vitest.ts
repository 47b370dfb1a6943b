import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withStdoutOnStderr } from '../../../print/stdout.ts';
import type { VitestAnswer } from './judge.ts';
import { DECORATOR_LEFT } from './probe.ts';

/** The part of Vite that is needed. */
interface Vite {
  createServer(config: object): Promise<{
    readonly config: { readonly test?: { readonly projects?: unknown; readonly workspace?: unknown } };
    transformRequest(file: string, options: { readonly ssr: true }): Promise<{ readonly code: string } | null>;
    close(): Promise<void>;
  }>;
}

const CONFIGS = ['vitest.config', 'vite.config'].flatMap((name) =>
  ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((extension) => `${name}.${extension}`),
);
/** The last version of Vite whose compiler is esbuild. */
const LAST_WITH_ESBUILD = 7;

/** Has the project's own vitest, with its config, compile a file. Rejects never. */
export async function askVitest(projectRoot: string, file: string): Promise<VitestAnswer> {
  const vite = findVite(projectRoot);
  if (vite === undefined) return { kind: 'missing' };
  const before = { VITEST: process.env.VITEST, NODE_ENV: process.env.NODE_ENV };
  Object.assign(process.env, { VITEST: 'true', NODE_ENV: 'test' });
  try {
    return await withStdoutOnStderr(() => transform(vite, projectRoot, file));
  } catch (error) {
    return { kind: 'failed', message: headOf(error instanceof Error ? error.message : String(error)) };
  } finally {
    restore(before);
  }
}

async function transform({ url, major }: FoundVite, root: string, file: string): Promise<VitestAnswer> {
  const { createServer } = (await import(url)) as Vite;
  const config = configFrom(root);
  const server = await createServer({
    root,
    configFile: config ?? false,
    mode: 'test',
    logLevel: 'silent',
    clearScreen: false,
    appType: 'custom',
    server: { middlewareMode: true, watch: null, ws: false, hmr: false },
    optimizeDeps: { noDiscovery: true, include: [] },
    // As vitest sets it.
    ...(major <= LAST_WITH_ESBUILD && { esbuild: { target: 'node18' } }),
  });
  try {
    const code = (await server.transformRequest(file, { ssr: true }))?.code ?? '';
    if (!DECORATOR_LEFT.test(code)) return { kind: 'compiled' };
    const { projects, workspace } = server.config.test ?? {};
    if (projects === undefined && workspace === undefined) return { kind: 'left' };
    return { kind: 'projects', config: relative(root, config ?? '') };
  } finally {
    await server.close();
  }
}

/** The config that vitest takes when it is started in a folder: of that folder, or the nearest one above it. */
function configFrom(folder: string): string | undefined {
  const found = CONFIGS.map((name) => join(folder, name)).find((path) => existsSync(path));
  return found ?? (dirname(folder) === folder ? undefined : configFrom(dirname(folder)));
}

/** The title and the first error: what follows shows lines of the config. */
function headOf(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(0, 2).join(' ');
}

interface FoundVite {
  readonly url: string;
  readonly major: number;
}

/** The Vite that the project's vitest uses; `undefined` when vitest is not installed. */
function findVite(projectRoot: string): FoundVite | undefined {
  try {
    const vitest = createRequire(join(projectRoot, 'package.json')).resolve('vitest/package.json');
    const { resolve } = createRequire(vitest);
    const { version } = JSON.parse(readFileSync(resolve('vite/package.json'), 'utf8')) as { readonly version: string };
    return { url: pathToFileURL(resolve('vite')).href, major: Number.parseInt(version, 10) };
  } catch {
    return undefined;
  }
}

function restore(before: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
