import { Random } from '@varve/test-support';
import { editProgram } from './edit.ts';
import { makeProgram } from './make.ts';
import { printProgram } from './print.ts';
import type { Program } from './program.ts';
import type { Compared, ToldTask, Workshop } from './workshop.ts';

/** Flows that are compiled together; each of them is edited and run separately. */
const FLOWS = 12;
/** Edits of a flow before others take its place. */
const ROUNDS = 25;

export interface AuditOptions {
  readonly seed: number;
  readonly edits: number;
  /** Stops at the first wrong hit. */
  readonly untilWrong?: boolean;
  /** Called after each generation of flows, with the report so far. */
  readonly onChain?: (report: AuditReport) => void;
}

/** A flow that gave other artifacts with cached results than without. */
export interface Wrong {
  readonly seed: number;
  readonly edit: string;
  readonly differences: readonly Difference[];
  /** All versions that ran until then, the wrong one last. */
  readonly versions: readonly Program[];
}

export interface AuditReport {
  edits: number;
  runs: number;
  tasks: number;
  cached: number;
  executed: number;
  skipped: number;
  failed: number;
  /** Tasks that were executed and wrote what an earlier task of the step had written. */
  repeated: number;
  /** Tasks that were executed after an edit that changes nothing. */
  needless: number;
  /** Edits that change nothing. */
  neutral: number;
  /** Warnings about different results from the same inputs. */
  warnings: string[];
  readonly kinds: Record<string, number>;
  readonly needlessBy: Record<string, number>;
  readonly wrong: Wrong[];
}

/** One flow of the audit with all its versions, and everything its steps ever wrote. */
interface Slot {
  program: Program;
  readonly versions: Program[];
  readonly left: Set<string>;
  edit: string;
  neutral: boolean;
}

/** Runs random flows with random edits over one growing store, and compares each run with one without results. */
export async function audit(workshop: Workshop, options: AuditOptions): Promise<AuditReport> {
  const report = newReport();
  for (let chain = 0; report.edits < options.edits; chain++) {
    const seed = options.seed + chain;
    await auditChain(workshop, new Random(seed), seed, options, report);
    options.onChain?.(report);
    if (options.untilWrong && report.wrong.length > 0) break;
    await workshop.renew();
  }
  return report;
}

async function auditChain(
  workshop: Workshop,
  random: Random,
  seed: number,
  options: AuditOptions,
  report: AuditReport,
): Promise<void> {
  let slots = makeSlots(random, seed);
  for (let round = 0; round <= ROUNDS && report.edits < options.edits; round++) {
    if (round > 0) for (const slot of slots) change(random, slot);
    // At last a run may use results, but only those that it has made itself.
    const compared = await workshop.run(
      slots.map(({ program }) => program),
      round === ROUNDS ? 'rw' : 'off',
    );
    slots = slots.filter((slot, i) => {
      const one = compared[i];
      return one !== undefined && judge(slot, one, round > 0, seed, report);
    });
    if (options.untilWrong && report.wrong.length > 0) return;
  }
}

function makeSlots(random: Random, seed: number): Slot[] {
  const programs: Program[] = [];
  for (let i = 0; i < FLOWS; i++) {
    const id = `F${seed}x${i}`;
    const before = programs.at(-1);
    // Another flow with the same steps: it uses the results of the first.
    if (before && random.chance(0.25)) programs.push(copyOf(before, id));
    else programs.push(makeProgram(random, id));
  }
  return programs.map((program) => ({ program, versions: [], left: new Set(), edit: 'none', neutral: false }));
}

function copyOf(program: Program, id: string): Program {
  return JSON.parse(JSON.stringify(program).replaceAll(program.id, id)) as Program;
}

/** Edits mostly the current version; sometimes an earlier one. */
function change(random: Random, slot: Slot): void {
  const from = random.chance(0.1) ? random.pick(slot.versions) : slot.program;
  const { program, kind, neutral } = editProgram(random, from);
  Object.assign(slot, { program, edit: kind, neutral: neutral && from === slot.program });
}

/** Returns false for a version that cannot run, after going back to the one before. */
function judge(slot: Slot, compared: Compared, isEdit: boolean, seed: number, report: AuditReport): boolean {
  if (compared.invalid) {
    const last = slot.versions.at(-1);
    if (last) slot.program = last;
    return last !== undefined;
  }
  report.runs++;
  if (isEdit) report.edits++;
  report.kinds[slot.edit] = (report.kinds[slot.edit] ?? 0) + 1;
  slot.versions.push(slot.program);
  if (slot.neutral) report.neutral++;
  for (const [name, task] of Object.entries(compared.cached.tasks)) count(slot, name, task, report);
  report.warnings.push(...compared.cached.warnings.filter((text) => text.startsWith('NONDETERMINISTIC')));
  const differences = differencesOf(compared);
  if (differences.length === 0) return true;
  report.wrong.push({ seed, edit: slot.edit, differences, versions: [...slot.versions] });
  return false;
}

function count(slot: Slot, name: string, task: ToldTask, report: AuditReport): void {
  if (name === 'init') return;
  report.tasks++;
  if (task.status !== 'succeeded') {
    report[task.status]++;
    return;
  }
  const left = `${name.replace(/\[.*/, '')} ${resultOf(task)}`;
  if (task.via === 'cached') report.cached++;
  else {
    report.executed++;
    if (slot.left.has(left)) report.repeated++;
    if (slot.neutral) {
      report.needless++;
      report.needlessBy[slot.edit] = (report.needlessBy[slot.edit] ?? 0) + 1;
    }
  }
  slot.left.add(left);
}

function newReport(): AuditReport {
  return {
    ...{ edits: 0, runs: 0, tasks: 0, cached: 0, executed: 0, skipped: 0, failed: 0, repeated: 0, needless: 0 },
    ...{ neutral: 0, warnings: [], kinds: {}, needlessBy: {}, wrong: [] },
  };
}

/** A task that differs between the run with earlier results and the one without. */
export interface Difference {
  readonly task: string;
  readonly cached: ToldTask | undefined;
  readonly fresh: ToldTask | undefined;
}

/** Compares tasks, paths and artifacts, in order. */
export function differencesOf(compared: Compared): readonly Difference[] {
  if (compared.invalid) return [];
  const { cached, fresh } = compared;
  const names = [...new Set([...Object.keys(fresh.tasks), ...Object.keys(cached.tasks)])];
  return names.flatMap((task) => {
    const pair = { task, cached: cached.tasks[task], fresh: fresh.tasks[task] };
    return resultOf(pair.cached) === resultOf(pair.fresh) ? [] : [pair];
  });
}

/** The result of a task as text. */
export function resultOf(task: ToldTask | undefined): string {
  if (!task) return 'no such task';
  const { status, writes, deletes, error } = task;
  return JSON.stringify([status, writes, deletes, error]);
}

/** Describes wrong hits so that they can be reproduced: seed, tasks, and the flow before and after. */
export function tell(wrong: readonly Wrong[]): string {
  return wrong.slice(0, 3).map(tellOne).join('\n\n');
}

function tellOne({ seed, edit, differences, versions }: Wrong): string {
  const told = differences.slice(0, 3).map(({ task, cached, fresh }) => {
    const why = cached?.from === undefined ? (cached?.why ?? '') : `the result of ${cached.from}`;
    return `${task}: ${why}\n  reads  ${cached?.reads.join(' ')}\n  cached ${cached?.writes.join(', ')}\n  fresh  ${fresh?.writes.join(', ')}`;
  });
  const [before, after] = versions.slice(-2).map((program) => {
    const { parameters, env } = program;
    const files = Object.entries(printProgram(program)).map(([name, text]) => `--- ${name}\n${text}`);
    return [JSON.stringify({ parameters, env }), ...files].join('\n');
  });
  return [`wrong hit (seed ${seed}, version ${versions.length}) after: ${edit}`, ...told, before, '======', after].join(
    '\n',
  );
}
