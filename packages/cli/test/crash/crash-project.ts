import { existsSync, rmSync } from 'node:fs';
import { expect } from 'vitest';
import { ageHeartbeats } from '../support/heartbeats.ts';
import { expectCode, expectNoStack, Project, type Result, type RunEventLine } from '../support/project.ts';
import { expectWholeBlobs } from '../support/whole-blobs.ts';
import { type Break, breakerOf, largeFor } from './breakers.ts';
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
  readonly project = new Project({ 'read.mjs': READER });
  private readonly breaker = breakerOf(this.project);
  private expected: Left = {};

  constructor(
    /** `--cache off` for every run when false. */
    readonly cached: boolean,
  ) {
    const { store } = this.project;
    this.project.write('crash.ts', FLOW(largeFor(store)));
    if (store.wire === undefined) this.project.write('varve.config.mjs', CONFIG);
  }

  /** Runs once without faults, for the expected results. */
  async learn(): Promise<number> {
    this.reset();
    const calls = await this.counted();
    const [run] = await this.read();
    this.expected = leftBy(run);
    expect(Object.keys(this.expected).length).toBe(11);
    return calls;
  }

  private async counted(): Promise<number> {
    expectCode(await this.breaker.run(this.runArgs, 'count'), 0);
    return this.breaker.calls();
  }

  reset(): void {
    this.project.store.empty();
    for (const name of ['effects.txt', 'calls.txt', 'names.txt', 'fail'])
      rmSync(this.project.path(name), { recursive: true, force: true });
  }

  run(at?: Break): Promise<Result> {
    return this.breaker.run(this.runArgs, at);
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
    ageHeartbeats(this.project.store);
  }

  /** Checks that no object is half written. */
  expectWhole(): void {
    expectWholeBlobs(this.project.store);
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

  private get runArgs(): string[] {
    return ['run', 'crash.ts', '--size', '3', '--json', ...this.mode()];
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
