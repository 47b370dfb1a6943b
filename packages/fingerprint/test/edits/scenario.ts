import { expect, test } from 'vitest';
import type { FingerprintOptions } from '../../src/index.ts';
import { type Files, makeProject, stepsOf } from '../project.ts';
import { openCoveredRuns } from '../property/covered/covered-runs.ts';

/** Replacements in one file, or its whole new text, or `null` to remove it. */
type Change = readonly (readonly [from: string, to: string])[] | string | null;

/** One edit of a project, with the steps it must affect. */
export interface Edit {
  /** The thing that is edited. */
  readonly name: string;
  readonly change: Readonly<Record<string, Change>>;
  /** Steps whose fingerprints must change; all others must stay the same. */
  readonly must: readonly string[] | 'all';
}

/** A project and edits of it. */
export interface Scenario {
  /** A statement about fingerprints; the title of the test. */
  readonly name: string;
  readonly files: Files;
  readonly edits: readonly Edit[];
  readonly options?: FingerprintOptions;
  /** Pieces that run although no step names them: they are found when they are loaded. */
  readonly observed?: readonly string[];
}

const runs = openCoveredRuns();

export function edit(name: string, must: Edit['must'], change: Edit['change']): Edit {
  return { name, must, change };
}

/** Makes each edit alone, on real files, and compares the affected steps with the predicted ones. */
export function runScenario(scenario: Scenario): void {
  const { name, files, edits, options } = scenario;
  runCovered(scenario);
  test(`${name} (${edits.length} edits)`, async () => {
    const steps = stepsOf(files['flow.ts'] ?? '');
    expect(steps.length).toBeGreaterThan(0);
    const project = makeProject(files);
    const before = await project.fingerprint(steps, options);
    const rows: Record<string, readonly string[]> = {};
    const predicted: Record<string, readonly string[]> = {};
    for (const { name: what, change, must } of edits) {
      apply(files, change, project);
      const after = await project.fingerprint(steps, options);
      rows[what] = steps.filter((_, i) => before[i]?.code !== after[i]?.code);
      predicted[what] = must === 'all' ? steps : steps.filter((step) => must.includes(step));
      undo(files, change, project);
    }
    if (process.env.VARVE_FP_TABLE) console.info(tableOf(name, steps, rows));
    expect(rows).toEqual(predicted);
  });
}

/** Compares what runs with what the steps reach. A step may fail, and packages without content cannot be loaded. */
function runCovered({ name, files, observed = [] }: Scenario): void {
  test(`${name}: what runs is what the steps reach`, async () => {
    const path = makeProject(files).path('flow.ts');
    const calls = stepsOf(files['flow.ts'] ?? '').map((step) => ({ step }));
    const { loaded, steps } = await runs.cover({ path, name: 'Example', calls });
    expect([...loaded.missed, ...steps.flatMap(({ missed }) => missed)]).toEqual(observed);
  });
}

/** One line per edit: the steps whose fingerprint it changed. `VARVE_FP_TABLE=1` prints it. */
function tableOf(name: string, steps: readonly string[], rows: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(rows).map(([what, changed]) => {
    return `| ${what} | ${steps.map((step) => (changed.includes(step) ? 'X' : '.')).join(' ')} |`;
  });
  return [`${name} (${lines.length} x ${steps.length}: ${steps.join(' ')})`, ...lines].join('\n');
}

type Disk = ReturnType<typeof makeProject>;

function apply(files: Files, change: Edit['change'], project: Disk): void {
  for (const [file, edits] of Object.entries(change)) {
    if (edits === null) project.remove(file);
    else if (typeof edits === 'string') project.write({ [file]: edits });
    else project.write({ [file]: edits.reduce((text, pair) => replace(text, pair), files[file] ?? '') });
  }
}

function replace(text: string, [from, to]: readonly [string, string]): string {
  if (!text.includes(from)) throw new Error(`the edit finds no ${JSON.stringify(from)}`);
  return text.replace(from, () => to);
}

function undo(files: Files, change: Edit['change'], project: Disk): void {
  for (const file of Object.keys(change)) {
    const text = files[file];
    if (text === undefined) project.remove(file);
    else project.write({ [file]: text });
  }
}
