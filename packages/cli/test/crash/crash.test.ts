import { appendFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, type Result } from '../support/project.ts';
import { STORE } from '../support/stores.ts';
import { KINDS, type Kind } from './breakers.ts';
import { announced, CrashProject } from './crash-project.ts';

/** `all` tries every call, for a store over a network a larger sample; a number samples so many of each kind. */
const CRASHES = process.env.VARVE_CRASHES ?? '';
const ALL = CRASHES === 'all';
/** A run over a network is slow, and so is each of its five kinds of trouble. */
const FEW_OVER_WIRE = ALL ? { cached: 6, uncached: 2 } : { cached: 1, uncached: 1 };
const MODES = STORE === 'folder' || CRASHES !== '' ? [true, false] : [true];
/** Local copies change little of what reaches the service. */
const SHORT: readonly Kind[] = ['before', 'after'];
const TRIED = STORE === 'tiered' && CRASHES === '' ? SHORT : KINDS;
const TIMEOUT_MS = 600_000;

/** A store that loses acknowledged writes may lose results, but must give no wrong value, and allow a new run. */
const LOST = /^VARVE_(MISSING_ARTIFACT|CORRUPT_ARTIFACT)$/;

interface Tally {
  tried: number;
  survived: number;
  resumed: number;
  anew: number;
}

describe.each(MODES)('resuming after the store broke at each single call (cache: %s)', (cached) => {
  const breaking = new CrashProject(cached);
  const { store } = breaking.project;
  let calls = 0;
  const table = new Map<string, Tally>();

  it.each(TRIED)(
    `gives the same results: %s`,
    async (kind) => {
      if (calls === 0) calls = await breaking.learn();
      const tally: Tally = { tried: 0, survived: 0, resumed: 0, anew: 0 };
      table.set(kind, tally);
      for (const nth of instants(calls, kind, fewOf(breaking))) {
        const how = await tryAt(breaking, kind, nth).catch((error: Error) => {
          error.message = `${kind} at call ${nth} of ${calls}: ${error.message}`;
          throw error;
        });
        tally.tried++;
        tally[how]++;
      }
      note(`${store.name.padEnd(6)} ${cached ? 'cache on ' : 'cache off'} ${kind.padEnd(6)} ${JSON.stringify(tally)}`);
      expect(tally.tried).toBeGreaterThan(0);
      if (ALL && store.wire === undefined && kind !== 'lie' && kind !== 'error')
        expect(tally.resumed).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

/** How many calls to break in each way. */
function fewOf({ cached, project }: CrashProject): number {
  if (Number(CRASHES) > 0) return Number(CRASHES);
  if (project.store.wire !== undefined) return cached ? FEW_OVER_WIRE.cached : FEW_OVER_WIRE.uncached;
  if (ALL) return Number.POSITIVE_INFINITY;
  return cached ? 2 : 1;
}

function note(line: string): void {
  if (process.env.VARVE_CRASHES_TABLE) appendFileSync(process.env.VARVE_CRASHES_TABLE, `${line}\n`);
}

/** The order of calls varies between runs, so the sample is spread, with calls of each kind. */
function instants(calls: number, kind: Kind, few: number): number[] {
  if (few >= calls) return Array.from({ length: calls }, (_, i) => i + 1);
  const shift = KINDS.indexOf(kind) / KINDS.length;
  return Array.from({ length: few }, (_, i) => 1 + Math.floor(((i + 0.3 + shift * 0.6) * calls) / few));
}

/** Breaks one run, checks its results, and resumes it. */
async function tryAt(breaking: CrashProject, kind: Kind, nth: number): Promise<'survived' | 'resumed' | 'anew'> {
  breaking.reset();
  const broken = await breaking.run({ kind, nth });
  expectNoStack({ ...broken, stdout: '' });
  // A step that could not store its result has failed: its error is an event.
  if (broken.code === 1) expect(broken.stdout).toContain('"status":"failed"');
  else if (broken.code !== 0 && broken.code !== null) expect(broken.stderr).toMatch(/VARVE_[A-Z_]+/);
  breaking.expectWhole();
  breaking.age();
  const said = announced(broken);
  const { ended, notified } = await expectKept(breaking, kind, said);
  // The journal may have the end although the process died before it reported it.
  if (broken.code === 0 || ended) {
    if (kind !== 'lie') await breaking.expectComplete();
    return 'survived';
  }
  if (ALL || nth % 4 === 0) await expectReadable(breaking, kind);
  const effects = breaking.effects;
  if (kind === 'lie') return goOnAfterLie(breaking);
  const resumed = await breaking.goOn();
  const run = await breaking.expectComplete();
  breaking.expectWhole();
  // Announced tasks are not executed again.
  for (const task of said) expect(run.tasks?.[task]?.status, task).toMatch(/cloned|cached/);
  if (notified) expect(breaking.effects).toBe(effects);
  return resumed ? 'resumed' : 'anew';
}

/** Checks that announced tasks have the right results, and other finished tasks, too. */
async function expectKept(
  breaking: CrashProject,
  kind: Kind,
  said: readonly string[],
): Promise<{ readonly ended: boolean; readonly notified: boolean }> {
  const [run] = await breaking.read();
  breaking.expectRight(run, kind === 'lie' ? LOST : undefined);
  if (kind === 'lie') return { ended: false, notified: false };
  for (const task of said) expect(run?.tasks?.[task]?.status, task).toBe('succeeded');
  return { ended: run?.status === 'succeeded', notified: run?.tasks?.notify?.status === 'succeeded' };
}

async function expectReadable({ project }: CrashProject, kind: Kind): Promise<void> {
  const clear = (result: Result) => {
    expectNoStack(result);
    if (kind !== 'lie') expect([0, 5], result.stderr).toContain(result.code);
  };
  expectCode(await project.varve(['list']), 0);
  clear(await project.varve(['show', '@last']));
  if (kind !== 'lie') expectCode(await project.varve(['cache', 'verify']), 0);
}

/** The store may have lost the journal: then resume says so, and a new run gives the right result. */
async function goOnAfterLie(breaking: CrashProject): Promise<'resumed' | 'anew'> {
  const resumed = await breaking.resume();
  expectNoStack({ ...resumed, stdout: '' });
  if (resumed.code === 0) {
    await breaking.expectComplete();
    return 'resumed';
  }
  expect(resumed.stderr).toMatch(/VARVE_[A-Z_]+/);
  expectCode(await breaking.run(), 0);
  await breaking.expectComplete();
  return 'anew';
}
