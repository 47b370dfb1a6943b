import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunSummary, StoredError } from '@varve/core/contract';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));
const CORE = import.meta.resolve('@varve/runtime');
const DEFAULTS = new URL('../../dist/default-stack.js', import.meta.url).href;

export const RUNNERS = ['inline', 'threads', 'process'] as const;
export type RunnerName = (typeof RUNNERS)[number];

export interface FlowRun {
  readonly file: string;
  readonly flow: string;
  /** Default: as configured. */
  readonly runner?: RunnerName;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly workers?: number;
  /** Interrupts the run when a task prints this line. */
  readonly stopAfter?: string;
}

/** A task as read by the client. */
export interface SeenTask {
  readonly name: string;
  readonly label: string;
  readonly status: string;
  readonly attempts: readonly { readonly attempt: number; readonly error?: StoredError }[];
  readonly caught?: string;
  readonly reason?: string;
  readonly reads: readonly string[];
  readonly log: readonly string[];
  readonly trail?: readonly string[];
  readonly element?: string;
  readonly untouched?: unknown;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
  readonly same?: { readonly digest: string; readonly size: number };
}

export interface SeenRun {
  readonly summary: RunSummary;
  readonly status: string;
  readonly tasks: readonly SeenTask[];
  readonly steps: readonly { readonly name: string; readonly total: number }[];
  readonly said: readonly { readonly type: string; readonly task?: string; readonly status?: string }[];
  /** Set when the run could not start. */
  readonly failed?: { readonly code: string; readonly message: string; readonly findings?: readonly unknown[] };
}

/** Runs flows one after the other in a separate process, and returns what the client reads. */
export function runFlows(runs: readonly FlowRun[], env: Readonly<Record<string, string>> = {}): Promise<SeenRun[]> {
  const job = JSON.stringify({ core: CORE, defaults: DEFAULTS, runs });
  return new Promise((resolve, reject) => {
    // The runners are under test: the same flow must be executed on each of them, without cached results.
    const own = { ...process.env, VARVE_CACHE: 'off', ...env };
    const options = { maxBuffer: 256 * 1024 * 1024, timeout: 120_000, env: own };
    execFile(process.execPath, [CHILD, job], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout) as SeenRun[]);
    });
  });
}

export function taskIn(run: SeenRun, name: string): SeenTask {
  const task = run.tasks.find((one) => one.name === name);
  if (!task) throw new Error(`no task ${name}, only ${run.tasks.map((t) => t.name).join(' ')}`);
  return task;
}
