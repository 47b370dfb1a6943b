import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Project } from '../../support/project.ts';
import { printProgram } from './print.ts';
import type { Program } from './program.ts';

const CHILD = fileURLToPath(new URL('./workshop-child.mjs', import.meta.url));
const CONFIG = new URL('./config.mjs', import.meta.url).href;
const DEFAULTS = new URL('../../../dist/default-stack.js', import.meta.url).href;

/** Outcome of one task, from the journal. */
export interface ToldTask {
  readonly status: 'succeeded' | 'skipped' | 'failed';
  readonly via?: 'executed' | 'cached';
  /** Reason of its execution. */
  readonly why?: string;
  /** Task whose result it reused. */
  readonly from?: string;
  readonly reads: readonly string[];
  /** Name, codec and digest, in order. */
  readonly writes: readonly string[];
  readonly deletes: readonly string[];
  readonly error?: string;
}

export interface ToldRun {
  readonly status: string;
  readonly warnings: readonly string[];
  readonly tasks: Readonly<Record<string, ToldTask>>;
}

/** Outcomes of a flow with the results of all earlier runs, and without. */
export type Compared =
  | { readonly cached: ToldRun; readonly fresh: ToldRun; readonly invalid?: undefined }
  | { readonly invalid: readonly string[] };

export interface Workshop {
  /** Uses an empty store for runs without results. */
  renew(): Promise<void>;
  /** `rw`: uses results of the run itself, but not of other runs. */
  run(programs: readonly Program[], compare?: 'off' | 'rw'): Promise<readonly Compared[]>;
  close(): Promise<void>;
}

/** `fault`: one of those in `faults.mjs`. */
export async function openWorkshop(fault = 'none'): Promise<Workshop> {
  const project = new Project({ 'varve.config.mjs': `export { default } from ${JSON.stringify(CONFIG)};\n` });
  const child = fork(CHILD, [project.root, DEFAULTS], {
    env: { ...process.env, VARVE_AUDIT_FAULT: fault, VARVE_CACHE: 'rw' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(([code]) => [{ error: `the process has ended: ${code}` }]);
  const ask = async (question: object): Promise<unknown> => {
    const answer = new Promise((resolve) => child.once('message', (message) => resolve([message])));
    child.send(question);
    const [said] = (await Promise.race([answer, died])) as [{ answer?: unknown; error?: string }];
    if (said.error !== undefined) throw new Error(said.error);
    return said.answer;
  };
  await ask({ ask: 'open' });
  return {
    renew: async () => void (await ask({ ask: 'open' })),
    run: (programs, compare = 'off') => {
      const files = Object.assign({}, ...programs.map(printProgram)) as Record<string, string>;
      const flows = programs.map(({ id, parameters, env }) => ({
        ...{ id, parameters },
        env: Object.fromEntries(Object.entries(env).map(([name, value]) => [`AUDIT_${id}_${name}`, value])),
      }));
      return ask({ ask: 'make', files, flows, compare }) as Promise<readonly Compared[]>;
    },
    close: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
