import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ageHeartbeats } from '../support/heartbeats.ts';
import { expectNoStack, Project, type Result, type RunEventLine } from '../support/project.ts';
import { CONFIG, FLOW, READER } from './crash-flow.ts';

/** By name of task and artifact: reference and value. */
export type Left = Readonly<
  Record<string, Readonly<Record<string, { readonly digest: string; readonly value: string }>>>
>;

export interface SeenRun {
  readonly number: number;
  readonly status?: string;
  readonly origin?: string;
  readonly error?: string;
  readonly tasks?: Readonly<Record<string, { readonly status: string; readonly writes: Left[string] }>>;
}

/** Error codes of a run that cannot be resumed. */
const NOTHING = 'VARVE_NOTHING_TO_RESUME';
const DONE = ['succeeded', 'cached', 'cloned'];

/** A project whose store breaks on demand. */
export class CrashProject {
  readonly project = new Project({ 'crash.ts': FLOW, 'varve.config.mjs': CONFIG, 'read.mjs': READER });
  private expected: Left = {};

  constructor(
    /** `--cache off` for every run when false. */
    readonly cached: boolean,
  ) {}

  /** Runs once without faults, for the expected results. */
  async learn(): Promise<number> {
    this.reset();
    const { code } = await this.run('count:0');
    expect(code).toBe(0);
    const [run] = await this.read();
    this.expected = leftBy(run);
    expect(Object.keys(this.expected).length).toBe(11);
    return this.project.read('calls.txt').length;
  }

  reset(): void {
    for (const name of ['.varve/store', 'effects.txt', 'calls.txt', 'names.txt', 'fail'])
      rmSync(this.project.path(name), { recursive: true, force: true });
  }

  run(fault = 'none:0'): Promise<Result> {
    return this.project.varve(['run', 'crash.ts', '--size', '3', '--json', ...this.mode()], {
      VARVE_TEST_FAULT: fault,
    });
  }

  resume(...args: readonly string[]): Promise<Result> {
    return this.project.varve(['resume', ...args, '--json', ...this.mode()]);
  }

  get effects(): number {
    return existsSync(this.project.path('effects.txt')) ? this.project.read('effects.txt').split('\n').length - 1 : 0;
  }

  async read(): Promise<SeenRun[]> {
    const { stdout, stderr } = await this.project.node('read.mjs');
    expect(stderr).toBe('');
    return JSON.parse(stdout) as SeenRun[];
  }

  age(): void {
    ageHeartbeats(this.project.path('.varve/store'));
  }

  /** Checks that the artifacts of a run equal those of the run without faults, as far as it got. */
  expectRight(run: SeenRun | undefined, damage: RegExp = /^$/): void {
    for (const [task, writes] of Object.entries(leftBy(run))) {
      for (const [name, { digest, value }] of Object.entries(writes)) {
        const right = this.expected[task]?.[name];
        expect(digest, `${task}.${name}`).toBe(right?.digest);
        if (!damage.test(value)) expect(value, `${task}.${name}`).toBe(right?.value);
      }
    }
  }

  /** Checks that the newest run has the results of the run without faults. */
  async expectComplete(): Promise<SeenRun> {
    const [run] = await this.read();
    expect(run?.status).toBe('succeeded');
    this.expectRight(run);
    expect(Object.keys(leftBy(run)).sort()).toEqual(Object.keys(this.expected).sort());
    return run as SeenRun;
  }

  /** Runs `resume`, or `run` when there is nothing to resume. Returns `true` after a resume. */
  async goOn(): Promise<boolean> {
    const resumed = await this.resume();
    expectNoStack({ ...resumed, stdout: '' });
    if (resumed.code === 0) return true;
    expect(resumed.code, resumed.stderr).toBe(5);
    expect(resumed.stderr).toContain(NOTHING);
    expect((await this.run()).code).toBe(0);
    return false;
  }

  private mode(): string[] {
    return this.cached ? [] : ['--cache', 'off'];
  }
}

function leftBy(run: SeenRun | undefined): Left {
  const tasks = Object.entries(run?.tasks ?? {}).filter(([, { status }]) => DONE.includes(status));
  return Object.fromEntries(tasks.map(([name, { writes }]) => [name, writes]));
}

/** Tasks reported as succeeded. Ignores the last line of a killed process, which may be cut. */
export function announced({ stdout }: Result): string[] {
  return stdout.split('\n').flatMap((line) => {
    try {
      const event = JSON.parse(line) as RunEventLine;
      return event.type === 'task-ended' && DONE.includes(String(event.status)) ? [String(event.task)] : [];
    } catch {
      return [];
    }
  });
}

export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
