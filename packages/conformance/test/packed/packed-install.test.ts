import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Installer, install, packAll, run, startExampleServer, type Tarballs } from './packages.ts';

const MINUTES = 60_000;
const FLOW = `import { Flow, step } from 'varve';

export default class Layers extends Flow {
  thickness!: number;
  @step() measure() { this.thickness = 3 + 4; }
  @step({ after: 'measure' }) print() { console.log('measured ' + this.thickness); }
}
`;
const READ = `import { client } from 'varve';

const run = await client('Layers').last();
console.log('read back ' + (await run.artifacts.thickness));
`;
const CONFIG = `import { httpStore } from 'example-custom-store';
import { defineConfig } from 'varve';

export default defineConfig({ datastore: httpStore({ url: process.env.STORE_URL ?? '' }) });
`;

const RUNNER_CONFIG = `import { pipeRunner } from 'example-custom-runner';
import { defineConfig } from 'varve';

export default defineConfig({ runner: pipeRunner({ width: 1 }) });
`;

const isOn = process.env.CI !== undefined || process.env.VARVE_PACKED === '1';
if (!isOn) process.stderr.write('SKIPPED: the packed install asks a registry for packages; VARVE_PACKED=1 runs it.\n');

describe.skipIf(!isOn)('the packages, packed and installed in an empty project', () => {
  const base = mkdtempSync(join(tmpdir(), 'varve-packed-'));
  let tarballs: Tarballs = {};
  beforeAll(async () => {
    mkdirSync(join(base, 'tarballs'));
    tarballs = await packAll(join(base, 'tarballs'));
  }, 5 * MINUTES);
  afterAll(() => rmSync(base, { recursive: true }));

  for (const installer of ['npm', 'pnpm'] satisfies Installer[]) {
    it(`run a flow when ${installer} installed them, also on the example store and the example runner`, {
      timeout: 5 * MINUTES,
    }, async () => {
      const cwd = join(base, installer);
      mkdirSync(cwd);
      await install(cwd, installer, tarballs);
      const varve = join(cwd, 'node_modules/.bin/varve');
      writeFileSync(join(cwd, 'layers.ts'), FLOW);
      writeFileSync(join(cwd, 'read.mjs'), READ);
      await run({ cwd }, varve, 'run', 'layers.ts');
      expect(await run({ cwd }, varve, 'list')).toContain('Layers');
      expect(await run({ cwd }, process.execPath, 'read.mjs')).toContain('read back 7');

      rmSync(join(cwd, '.varve'), { recursive: true });
      writeFileSync(join(cwd, 'varve.config.ts'), CONFIG);
      const url = await startExampleServer();
      const env = { STORE_URL: url };
      await run({ cwd, env }, varve, 'run', 'layers.ts');
      expect(await run({ cwd, env }, process.execPath, 'read.mjs')).toContain('read back 7');
      const stored = await (await fetch(`${url}/?prefix=runs/&after=`)).text();
      expect(stored).toContain('/batch/');

      writeFileSync(join(cwd, 'varve.config.ts'), RUNNER_CONFIG);
      await run({ cwd }, varve, 'run', 'layers.ts', '--runner', 'pipes');
      expect(await run({ cwd }, process.execPath, 'read.mjs')).toContain('read back 7');
    });
  }
});
