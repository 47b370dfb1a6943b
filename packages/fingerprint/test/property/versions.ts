import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createLoader } from '@varve/loader';
import { createFingerprinter } from '../../src/index.ts';

const STEPS = ['step0', 'step1', 'step2', 'step3', 'step4'] as const;

/** Output and fingerprint of each step of one version. */
export interface Version {
  readonly outputs: readonly string[];
  readonly codes: readonly string[];
}

/** Runs and fingerprints versions of a program in one folder. */
export interface ProgramRunner {
  /** Compiles a program, runs each step in fresh modules, and fingerprints the steps. */
  make(files: Readonly<Record<string, string>>): Promise<Version>;
  close(): Promise<void>;
}

const FRAMEWORK: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "app", "type": "module" }',
  'node_modules/varve/package.json': '{ "name": "varve", "version": "1.0.0", "type": "module", "main": "index.js" }',
  'node_modules/varve/index.js':
    'export class Flow {} export const step = () => () => {}; export const transient = () => {};',
};

/** With `freshWorkers`, each version gets a thread of its own, so that packages are loaded anew. */
export function openProgramRunner({ freshWorkers = false } = {}): ProgramRunner {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-fp-random-')));
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  };
  write(FRAMEWORK);
  const [loader, fingerprinter] = [createLoader(), createFingerprinter()];
  const start = () => new Worker(new URL('run-steps.mjs', import.meta.url));
  let worker = start();
  const runSteps = async (bundle: string): Promise<readonly string[]> => {
    worker.postMessage({ bundle, steps: STEPS });
    const [outputs] = (await once(worker, 'message')) as [readonly string[]];
    if (freshWorkers) {
      await worker.terminate();
      worker = start();
    }
    return outputs;
  };
  return {
    async make(files) {
      write(files);
      const { code, graph } = await loader.compile(join(root, 'flow.ts'));
      const found = await fingerprinter.fingerprint(graph, 'Example', STEPS);
      const bundle = join(root, 'bundle.mjs');
      writeFileSync(bundle, code);
      return { outputs: await runSteps(bundle), codes: found.map((each) => each.code) };
    },
    async close() {
      await worker.terminate();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
