import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLE = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(dirname(createRequire(import.meta.url).resolve('varve/package.json')), 'bin/varve.js');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Creates a folder for the state of runs: varve keeps it beside the config. */
export function freshState() {
  const folder = mkdtempSync(join(tmpdir(), 'varve-penguins-'));
  const config = join(folder, 'varve.config.mjs');
  writeFileSync(config, 'export default {};\n');
  return { config, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs the command in the example's folder, as a user would. */
export function varve(config: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args, '--config', config], { cwd: EXAMPLE }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}
