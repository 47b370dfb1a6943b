import type { TaskOutcome, TaskSpec } from '../../contract/index.ts';
import { Leftovers } from './leftovers.ts';
import { reasonWithinStep } from './shared-thread.ts';

/** Something that was changed in a thread and that all of its code shares. */
export interface ThreadChange {
  /** `Array.prototype.last added`. */
  readonly name: string;
  /** True for what tasks of one step may leave for each other: a place where copies of a package keep what they share. */
  readonly isRegistry: boolean;
}

/** Names what was changed in the thread since the last call. */
export type LookAround = () => readonly ThreadChange[];

/** What the capture of a task's output and errors changes while a task runs. */
const OWN = /^process\.(exit|std(out|err)\.write) (added|replaced)$/;

interface Left {
  readonly step: string;
  /** For other steps. */
  readonly what: string;
  /** For other tasks of the step. */
  readonly within?: string | undefined;
}

/** What steps have left in this thread, by the step: it outlives the runner, and the run. */
const left = new Map<string, Left>();

/** Tells apart results that what another task has left in the thread may have changed. */
export class LeftBehind {
  private hasLooked = false;
  private readonly running = new Set<{ isAlone: boolean }>();

  constructor(
    private readonly lookAround: LookAround,
    private readonly leftovers: Pick<Leftovers, 'areActive'> = new Leftovers(),
  ) {}

  /** Call it when a task begins. Returns a function to call when it has ended, which returns why others must not use its result. */
  begin(spec: TaskSpec): () => string | undefined {
    // What the program has changed before its run is no doing of a step.
    if (!this.hasLooked) this.lookAround();
    this.hasLooked = true;
    const before = reasonAgainst(spec);
    const stay = { isAlone: this.running.size === 0 && !this.leftovers.areActive() };
    for (const other of this.running) other.isAlone = false;
    this.running.add(stay);
    return () => {
      this.running.delete(stay);
      this.look(spec);
      return before ?? (stay.isAlone ? undefined : reasonAgainst(spec));
    };
  }

  private look(spec: TaskSpec): void {
    const found = this.lookAround().filter(({ name }) => !OWN.test(name));
    const [first] = found;
    const name = nameOf(spec);
    const known = left.get(name);
    if (first === undefined || known?.within !== undefined) return;
    const within = found.find(({ isRegistry }) => !isRegistry)?.name;
    left.set(name, { step: spec.step, what: known?.what ?? first.name, within });
  }
}

function reasonAgainst(spec: TaskSpec): string | undefined {
  for (const [name, { step, what, within }] of left)
    if (name !== nameOf(spec))
      return `it runs in the thread in which ${step} left a change (${what}); other runners give each step a thread without it`;
    else if (within !== undefined) return reasonWithinStep(within);
  return undefined;
}

function nameOf({ code, step }: TaskSpec): string {
  return `${code.flow} ${step}`;
}

/** The outcome, kept from other runs for a reason if there is one. */
export function keptFromOthers(outcome: TaskOutcome, reason: string | undefined): TaskOutcome {
  const isRecorded = outcome.ok || outcome.reads !== undefined;
  if (!isRecorded || reason === undefined) return outcome;
  return { ...outcome, ambient: { tokens: {}, unrecorded: reason, ...outcome.ambient } };
}
