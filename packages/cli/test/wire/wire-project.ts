import { existsSync, rmSync } from 'node:fs';
import type { Fault } from '@varve/test-servers/wire';
import { expect } from 'vitest';
import { announced } from '../crash/crash-project.ts';
import { ageHeartbeats } from '../support/heartbeats.ts';
import { artifactOf, readOutcome } from '../support/outcome.ts';
import { expectCode, expectNoStack, Project, type Result } from '../support/project.ts';
import type { Wire } from '../support/stores.ts';
import { expectWholeBlobs } from '../support/whole-blobs.ts';

/** An effect, elements, small artifacts, some that are compressed, and one that is sent in several requests. */
const FLOW = `import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Flow, step, type View } from 'varve';
/** Bytes that no compression makes fewer. */
function noisy(size: number, first: number): Uint8Array {
  const all = new Uint8Array(size);
  for (let i = 0, x = 1; i < size; i++) all[i] = x = (x * 48271) % 2147483647;
  all[0] = first;
  return all;
}
export default class Wired extends Flow {
  items = [1, 2, 3];
  sent!: string; part!: number; rows!: Uint8Array; large!: Uint8Array; total!: number;
  @step({ effect: true }) send() { appendFileSync('sent.txt', 'x'); this.sent = 'yes'; }
  @step({ after: 'send', foreach: 'items' }) each(item: number) {
    this.part = item * 10;
    this.rows = new Uint8Array(100_000).fill(item);
  }
  @step({ join: 'each' }) async sum(tasks: readonly View<Wired>[]) {
    while (existsSync('wait')) await sleep(10);
    this.large = noisy(9 * 1024 * 1024, tasks.length);
    this.total = tasks.reduce((sum, task) => sum + task.part, 0) + this.large[0]!;
  }
}
`;
const TOTAL = 63;
/** Ms. A run with a fault that lasts takes 5 attempts at each request that it cannot do without. */
const LONGEST = 120_000;
/** For a service that never comes back: a minute for each call is too long for a test. */
const IMPATIENT = { VARVE_STORE_PATIENCE: '5s' };

/** A project over a service that a test breaks. */
export class WireProject extends Project {
  readonly wire: Wire;

  constructor() {
    super({ 'wired.ts': FLOW });
    if (this.store.wire === undefined) throw new Error('these tests need a store that is reached over a network');
    this.wire = this.store.wire;
  }

  /** Takes the project back to before its first run. */
  forget(): void {
    this.store.empty();
    rmSync(this.path('sent.txt'), { force: true });
  }

  /**
   * Runs the flow in an empty store. `at`: the fault hits the request of that number, from 0; `times`: and those after it. A run
   * may make fewer requests than the one that was counted: then it is run again, with a lower number.
   */
  async runUnder(fault: Fault, at: number, times = 1): Promise<{ readonly result: Result; readonly hits: number }> {
    this.forget();
    let seen = 0;
    this.wire.faults.add({ on: () => seen++ >= at, times, fault });
    const result = await this.inBoundedTime(['run', 'wired.ts', '--json'], times === 1 ? {} : IMPATIENT);
    const hits = Math.max(0, Math.min(seen - at, times));
    return hits === 0 && seen > 1 ? this.runUnder(fault, Math.floor(seen * 0.9), times) : { result, hits };
  }

  /** Runs a command while every request fails. */
  varveUnder(fault: Fault, args: readonly string[]): Promise<Result> {
    this.wire.faults.add({ times: Number.POSITIVE_INFINITY, fault });
    return this.inBoundedTime(args, IMPATIENT);
  }

  private async inBoundedTime(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Result> {
    const began = Date.now();
    const result = await this.varve(args, env);
    this.wire.faults.clear();
    expect(Date.now() - began, `ms of varve ${args.join(' ')}`).toBeLessThan(LONGEST);
    return result;
  }

  /** From now on the user of this project lacks the right to write, until the faults are cleared. */
  denyWrites(): void {
    this.wire.faults.add({
      on: ({ changes }) => changes,
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'refuse', ...this.wire.denied },
    });
  }

  /** The number of requests of a run without faults. */
  async requests(): Promise<number> {
    let seen = 0;
    this.forget();
    this.wire.faults.add({ on: () => ++seen < 0, fault: { kind: 'drop' } });
    expectCode(await this.varve(['run', 'wired.ts', '--json']), 0);
    this.wire.faults.clear();
    return seen;
  }

  /** Checks that a run has the right results, or has ended with an error that says why; and that the next run has them. */
  async expectRightOrClear(result: Result): Promise<'completed' | 'refused'> {
    expectNoStack({ ...result, stdout: '' });
    expectWholeBlobs(this.store);
    if (result.code === 0) {
      await this.expectComplete(result);
      return 'completed';
    }
    expect(result.code).not.toBeNull();
    expect(result.stderr).toMatch(/VARVE_[A-Z_]+/);
    expectNoStack(expectCode(await this.varve(['list']), 0));
    const again = expectCode(await this.varve(['run', 'wired.ts', '--json']), 0);
    expect(await artifactOf(this, '@last', 'total')).toBe(TOTAL);
    expect(Object.values(readOutcome(again).tasks)).not.toContain('failed');
    return 'refused';
  }

  /**
   * Checks that a run has ended with an error that says why, and that resuming it, once the service is back, executes what had
   * finished no second time. A run that did not come as far as to be known is run again; one of which all but its summary is stored
   * has succeeded.
   */
  async expectGoesOn(result: Result): Promise<void> {
    expectNoStack({ ...result, stdout: '' });
    expectWholeBlobs(this.store);
    expect(result.code, result.stderr).not.toBe(0);
    expect(result.code).not.toBeNull();
    expect(result.stderr).toContain('VARVE_STORE_UNAVAILABLE');
    const finished = announced(result);
    ageHeartbeats(this.store);
    let again = await this.varve(['resume', '--json']);
    if (again.code === 5) {
      expect(again.stderr).toContain('VARVE_NOTHING_TO_RESUME');
      // What the run was refused last was no more than its summary: its journal has the end.
      if (finished.length > 0) return this.expectSucceeded();
      again = await this.varve(['run', 'wired.ts', '--json']);
    }
    const { tasks } = readOutcome(expectCode(again, 0));
    for (const task of finished) expect(tasks[task], task).toMatch(/^(cloned|cached)$/);
    if (finished.includes('send')) expect(this.read('sent.txt'), 'the effect happens once').toBe('x');
    expect(await artifactOf(this, '@last', 'total')).toBe(TOTAL);
    expectWholeBlobs(this.store);
  }

  private async expectSucceeded(): Promise<void> {
    const { runs } = await this.json<{ runs: readonly { readonly status: string }[] }>('list', '--json');
    expect(runs.map(({ status }) => status)).toEqual(['succeeded']);
    expect(this.read('sent.txt'), 'the effect happens once').toBe('x');
    expect(await artifactOf(this, '@last', 'total')).toBe(TOTAL);
  }

  private async expectComplete(result: Result): Promise<void> {
    expect(existsSync(this.path('sent.txt')) && this.read('sent.txt'), 'the effect happens once').toBe('x');
    expect([...readOutcome(result).executed].sort()).toEqual(['each[0]', 'each[1]', 'each[2]', 'send', 'sum']);
    expect(await artifactOf(this, '@last', 'total')).toBe(TOTAL);
  }
}
