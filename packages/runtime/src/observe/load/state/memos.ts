import type { AmbientInputs } from '@varve/core/internal';
import { MODULES } from '../task-modules.ts';
import type { Variables } from './variables.ts';

/** Reads that a task takes over from those that filled a variable before it. More of them cannot be told apart any more. */
const READS_MAX = 1000;

/** A task that ran while a variable was not filled: what it read until then may be in the variable. */
interface Filling {
  readonly inputs: AmbientInputs;
  readonly names: Set<string>;
}

/** A variable that one task fills and later ones use. */
interface Memo {
  readonly label: string;
  readonly fillings: Filling[];
  /** True once it holds what more reads gave than can be told apart. */
  isLost: boolean;
}

/** Counts what was read to fill a variable of a module for all tasks that use it. */
export class Memos {
  /** By compiled module and label. */
  private readonly memos = new Map<string, Memo>();

  constructor(private readonly variables: Variables) {}

  /** Call it before a task begins that uses these. */
  begin(bundle: string, labels: readonly string[], inputs: AmbientInputs): void {
    const memos = labels.map((label) => this.memo(bundle, label));
    const open = memos.filter(({ label }) => !this.isFilled(label));
    const fillings = open.map((memo) => ({ memo, filling: addFilling(memo, inputs) }));
    if (fillings.length > 0)
      inputs.watch((name) => {
        for (const { memo, filling } of fillings) if (!this.isDone(memo.label)) filling.names.add(name);
      });
    inputs.atEnd(() => {
      for (const { memo, filling } of fillings) if (this.isLeftEmpty(memo.label)) drop(memo, filling);
      for (const memo of memos) takeOver(memo, inputs);
    });
  }

  private memo(bundle: string, label: string): Memo {
    const key = `${bundle}\0${label}`;
    const known = this.memos.get(key);
    if (known) return known;
    const memo: Memo = { label, fillings: [], isLost: false };
    this.memos.set(key, memo);
    return memo;
  }

  /** True when a variable holds something, so that later reads are not in it. Nothing is known of parts that are filled. */
  private isFilled(label: string): boolean {
    return Boolean(this.variables.at(label)?.value);
  }

  /** As `isFilled`; what a promise stands for is still being read. */
  private isDone(label: string): boolean {
    const value = this.variables.at(label)?.value;
    return Boolean(value) && typeof (value as { readonly then?: unknown }).then !== 'function';
  }

  /** True when a task that has ended has not filled a variable: nothing that it has read is in it. */
  private isLeftEmpty(label: string): boolean {
    return this.variables.has(label) && !this.isFilled(label);
  }
}

function addFilling({ fillings }: Memo, inputs: AmbientInputs): Filling {
  const filling: Filling = { inputs, names: new Set() };
  fillings.push(filling);
  return filling;
}

function drop({ fillings }: Memo, filling: Filling): void {
  fillings.splice(fillings.indexOf(filling), 1);
}

/** Adds what was read to fill a variable to the reads of a task that uses it. */
function takeOver(memo: Memo, inputs: AmbientInputs): void {
  const reads = new Map<string, string>();
  for (const filling of memo.fillings) {
    const reason = filling.inputs === inputs ? undefined : addReads(reads, filling, inputs);
    if (reason !== undefined) inputs.refuse(`${memo.label}: ${reason}`);
    if (reads.size > READS_MAX) memo.isLost = true;
  }
  if (memo.isLost) {
    memo.fillings.length = 0;
    return inputs.refuse(
      `${memo.label} holds what tasks read from more than ${READS_MAX} files and variables: which of them count is not known`,
    );
  }
  for (const [name, token] of reads) inputs.read(name, token);
}

/** Returns the reason for not using the result, when something is missing that the other task has not noted. */
function addReads(
  reads: Map<string, string>,
  { inputs, names }: Filling,
  { counts }: AmbientInputs,
): string | undefined {
  if (inputs.counts !== counts && leavesOut(inputs.counts)) return 'a step that leaves out inputs has filled it';
  if (names.size === 0) return undefined;
  if (inputs.refusal !== undefined) return inputs.refusal;
  const isOver = inputs.names !== undefined;
  if (names.has(MODULES) && !isOver) return STILL_READING;
  // What a module loads is noted at the end, under names of its own.
  for (const name of names.has(MODULES) ? (inputs.names ?? []) : names) {
    const token = name.startsWith('@wrote ') ? undefined : inputs.tokenOf(name);
    if (token !== undefined) reads.set(name, token);
    else if (!isOver && name !== MODULES) return STILL_READING;
  }
  return undefined;
}

function leavesOut(counts: AmbientInputs['counts']): boolean {
  return [counts?.env?.exclude, counts?.files?.exclude].some((names = []) => names.length > 0);
}

const STILL_READING = 'what another task reads to fill it is not known yet';
