import { beforeAll, describe, expect } from 'vitest';
import { Project } from '../../support/project.ts';
import { sharedDesk } from './desk.ts';
import { declareTest } from './known-faults.ts';
import { runWorld, type SeenRun } from './run-world.ts';
import { sample } from './sample.ts';
import { tell } from './tally.ts';
import { Stage, type World } from './world.ts';

/**
 * Code that runs while modules load and changes what a step sees. Each is a flow of its own, in a folder of its own, with its
 * name in the result: one must not hide what another does, nor lend it a result. `use` is executed again when `'one'` becomes
 * `'two'` in the edited file.
 */
export interface Effect {
  readonly kind: string;
  readonly way: string;
  /** Top of the flow's file. */
  readonly top: string;
  /** Expression of the step. */
  readonly use: string;
  /** Files beside the flow; those below `node_modules/` belong to the project. `$ID` is the name of the row. */
  readonly files: Readonly<Record<string, string>>;
  /** File in which `'one'` becomes `'two'`; or what files become. */
  readonly edit: string | Readonly<Record<string, string>>;
  /** Members of the flow besides the step. */
  readonly members?: string;
  /** Options of the step. */
  readonly options?: string;
}

interface Placed extends Effect {
  readonly id: string;
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
}

/** Declares a test for each effect: executed again after the edit, because of it. */
export function declareEffects(name: string, effects: readonly Effect[], env: Readonly<Record<string, string>> = {}) {
  const placed = sample(effects.map(place), 3);
  const runs = new Map<string, Runs>();
  describe(name, () => {
    beforeAll(async () => {
      for (const [id, seen] of await runAll(placed, env)) runs.set(id, seen);
    }, 1_200_000);
    for (const { id, kind, way } of placed) {
      declareTest(`${kind}: ${way}: edited -> miss`, () => {
        const verdict = verdictOf(runs.get(id));
        tell([name, kind, way, 'edited', 'miss', ...verdict]);
        expect(verdict[0], verdict.join(': ')).toBe('right');
      });
    }
  });
}

interface Runs {
  readonly first: SeenRun | Error;
  readonly edited: SeenRun | Error;
}

async function runAll(placed: readonly Placed[], env: Readonly<Record<string, string>>): Promise<Map<string, Runs>> {
  const project = new Project();
  const stage = new Stage(project);
  const varve = sharedDesk(project);
  const world = (files: Readonly<Record<string, string>>): World => ({ files, env: { ...env, VARVE_CACHE: 'rw' } });
  const run = (id: string) =>
    runWorld(varve, world({}), { file: `${id}/flow.ts` }).catch((error: unknown) => error as Error);
  const all = (which: 'before' | 'after') => Object.assign({}, ...placed.map((one) => one[which]));
  stage.place(world(all('before')));
  const seen = new Map<string, Runs>();
  const earlier = new Map<string, SeenRun | Error>();
  for (const { id } of placed) earlier.set(id, await run(id));
  stage.place(world({ ...all('before'), ...all('after') }));
  for (const [id, first] of earlier) seen.set(id, { first, edited: await run(id) });
  return seen;
}

/** Reasons of a step whose result is never kept: that it is executed again says nothing. */
const NEVER_KEPT = /^(IMPURE|NO_RECORD|DISABLED)/;

/** A verdict as in the table, and what was seen. */
function verdictOf(runs: Runs | undefined): readonly [string, string] {
  const [first, edited] = runs ? [runs.first, runs.edited].map(useOf) : [];
  if (!first || !edited) return ['failed', 'not run'];
  const failed = [first, edited].find(({ status }) => status !== 'succeeded' && status !== 'cached');
  if (failed) return ['failed', `${failed.status} ${failed.error}`];
  if (edited.status === 'cached') return ['stale', `cached; ${edited.reads.join(', ')}`];
  if (edited.result === first.result) return ['invisible', edited.why ?? ''];
  const { why = '' } = edited;
  return [NEVER_KEPT.test(why) ? 'unproven' : 'right', why];
}

function useOf(run: SeenRun | Error) {
  if (run instanceof Error) return { status: 'no run', error: run.message, result: '', reads: [], why: '' };
  return run.tasks.find(({ step }) => step === 'use');
}

function place(effect: Effect, at: number): Placed {
  const id = `e${at}`;
  const fill = (text: string) => text.replaceAll('$ID', id);
  const pathOf = (path: string) => fill(path.startsWith('node_modules/') ? path : `${id}/${path}`);
  const put = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [pathOf(path), fill(text)]));
  const before = put({ ...effect.files, 'flow.ts': flowOf(effect) });
  return { ...effect, id, before, after: put(editOf(effect)) };
}

/** An effect in a folder of its own, and the files of each state that edits may bring it to. */
export interface ChangingEffect {
  readonly id: string;
  readonly kind: string;
  readonly way: string;
  readonly states: readonly Readonly<Record<string, string>>[];
}

/** Words as long as the first one, so that an edited file keeps its size. */
const WORDS = ['two', 'six', 'ten'];

/** Gives effects more states than the two of their tests. */
export function changing(effects: readonly Effect[]): readonly ChangingEffect[] {
  return effects.map(place).map(({ id, kind, way, before, after }) => {
    const edited = WORDS.map((word) => ({
      ...before,
      ...mapTexts(after, (text) => text.replaceAll("'two'", `'${word}'`)),
    }));
    return { id, kind, way, states: [before, ...edited] };
  });
}

function mapTexts(files: Readonly<Record<string, string>>, change: (text: string) => string) {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, change(text)]));
}

function editOf({ edit, files, ...effect }: Effect): Readonly<Record<string, string>> {
  if (typeof edit !== 'string') return edit;
  const text = edit === 'flow.ts' ? flowOf({ edit, files, ...effect }) : (files[edit] ?? '');
  if (!text.includes("'one'")) throw new Error(`${effect.way}: nothing to edit in ${edit}`);
  return { [edit]: text.replaceAll("'one'", "'two'") };
}

function flowOf({ top, use, members = '', options = '' }: Omit<Effect, 'kind' | 'way'>): string {
  return `import { Flow, step } from 'varve';
${top}

export default class Effects extends Flow {
  r!: unknown; p!: number;
  ${members}
  @step(${options}) async use() { this.r = '$ID ' + String(${use}); }
  @step() plain() { this.p = 1; }
}
`;
}
