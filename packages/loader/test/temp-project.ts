import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { createLoader } from '../src/esbuild-loader.ts';

export interface TempProject {
  readonly root: string;
  path(name: string): string;
  url(name: string): string;
  write(files: Readonly<Record<string, string>>): void;
  link(name: string, target: string): void;
  /** Compiles a file, writes the module far from it, and runs it in a process of its own. */
  run(entry: string): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: string }>;
}

/** Creates a folder of real files that is removed after the test. */
export function tempProject(files: Readonly<Record<string, string>>): TempProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-loader-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string) => join(root, name);
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    }
  };
  const link = (name: string, target: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    symlinkSync(path(target), path(name), 'junction');
  };
  const run = async (entry: string) => {
    const { code } = await createLoader().compile(path(entry));
    const bundle = join(mkdtempSync(join(root, 'elsewhere-')), 'bundle.mjs');
    writeFileSync(bundle, code);
    const done = spawnSync(process.execPath, ['--enable-source-maps', bundle], {
      encoding: 'utf8',
      cwd: dirname(bundle),
    });
    return { stdout: done.stdout, stderr: done.stderr, code };
  };
  write(files);
  return { root, path, url: (name) => pathToFileURL(path(name)).href, write, link, run };
}
