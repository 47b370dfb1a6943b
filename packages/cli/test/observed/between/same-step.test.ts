import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, type Seen, session } from '../harness/session.ts';

/** What one element leaves, and what a later one in the same thread finds of it. */
const CHANNELS: readonly (readonly [what: string, leave: string, look: string])[] = [
  ['a method of a prototype', `(Array.prototype as any).left = () => 'left';`, `([] as any).left?.()`],
  ['a hidden method', `Object.defineProperty(Array.prototype, 'left', { value: 'left' });`, `([] as any).left`],
  ['a global', `(globalThis as any).left ??= 'left';`, `(globalThis as any).left`],
  ['a replaced function', `Math.hypot = () => 7;`, `Math.hypot(3, 4)`],
  ['seeded chance', `Math.random = () => 0.5;`, `String(Math.random).includes('0.5')`],
  ['a replaced method of a prototype', `String.prototype.trim = () => 'left';`, `' x '.trim()`],
  ['how values are printed', `util.inspect.defaultOptions.depth = 0;`, `util.inspect({ a: { b: { c: 1 } } })`],
];

function flowOf(body: string, options = ''): string {
  return `off = param.boolean(false); items = ['a', 'b', 'c', 'd']; r!: string; all!: string;
  @step({ foreach: 'items'${options} }) async each(item: string) { ${body} }
  @step({ join: 'each' }) join(tasks: any) { this.all = tasks.map((t: any) => t.r).join(); }`;
}

function eachOf({ status }: Seen, wanted: string): string[] {
  return Object.keys(status).filter((task) => task.startsWith('each') && status[task] === wanted);
}

describe.each(['threads', 'inline'])('what an element leaves in its thread with the runner %s', (runner) => {
  const args = ['--runner', runner, '--workers', '1'];
  // What is left in the thread of a process outlives its runs.
  const isApart = runner === 'inline';

  it.each(isApart ? CHANNELS.slice(0, 3) : CHANNELS)(
    'is in no result of another one that is used again: %s',
    async (_, leave, look) => {
      const body = `this.r = String(${look}); if (item === 'a' && !this.off) { ${leave} }`;
      const { run } = session(flowOf(body), {}, `import util from 'node:util';\nvoid util;`, isApart);
      const clean = await run([...args, '--off', '--cache', 'off']);
      const polluted = await run(args);
      expect(polluted.run.warnings.join()).toMatch(/each.*another task has left a change in the same thread/);
      const again = await run(args);
      expect(eachOf(again, CACHED)).toContain('each[0]');
      for (const task of eachOf(again, CACHED)) expect([task, again.result[task]]).toEqual([task, clean.result[task]]);
    },
  );

  it('is in no result of another one that runs beside it', async () => {
    const body = `await new Promise((go) => setTimeout(go, item === 'a' ? 1 : 40));
      if (item === 'a' && !this.off) (Array.prototype as any).left = 'left';
      this.r = String(([] as any).left);`;
    const { run } = session(flowOf(body, ', concurrency: 4'), {}, '', isApart);
    const clean = await run([...args, '--off', '--cache', 'off']);
    await run(args);
    const again = await run(args);
    for (const task of eachOf(again, CACHED)) expect([task, again.result[task]]).toEqual([task, clean.result[task]]);
  });

  it('keeps no result from other runs when it is taken back, or when it is what copies of a package share', async () => {
    const body = `const kept = Math.hypot; Math.hypot = () => 7; Math.hypot = kept;
      (globalThis as any)[Symbol.for('lib')] ??= {}; (globalThis as any).__libRegistry ??= {}; performance.mark('each');
      this.r = String(Math.hypot(3, 4));`;
    const { run } = session(flowOf(body), {}, '', isApart);
    expect((await run(args)).run.warnings.join()).not.toMatch(/each is not kept/);
    expect(eachOf(await run(args), EXECUTED)).toEqual([]);
  });
});

it('with the runner inline, a step after one that changed its thread is kept only from a run in which that one was cached', async () => {
  const { run } = session(
    `a!: number; r!: string;
    @step() one() { Math.hypot = () => 7; this.a = 1; }
    @step({ after: 'one' }) two() { this.r = String(Math.hypot(3, 4)); }`,
    {},
    '',
    true,
  );
  const args = ['--runner', 'inline'];
  const polluted = await run(args);
  const second = await run(args);
  expect(second.status).toMatchObject({ one: CACHED, two: EXECUTED });
  // Nothing has changed the thread of this run.
  expect(second.result.two).not.toBe(polluted.result.two);
  const third = await run(args);
  expect(third.status).toMatchObject({ one: CACHED, two: CACHED });
  expect(third.result.two).toBe(second.result.two);
});
