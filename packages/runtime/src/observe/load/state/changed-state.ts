import { fileURLToPath } from 'node:url';
import { type AmbientInputs, unobserved } from '@varve/core/internal';
import { readFileSync } from '../../shared/originals.ts';
import { type Bridge, Inspector } from './inner-values.ts';
import { ProgramText } from './program-text.ts';
import { areAsBefore, type Snapshot, Snapshots } from './snapshots.ts';
import type { Variables } from './variables.ts';

/** One variable, with all that it led to before any task ran. */
interface Watched {
  readonly label: string;
  readonly value: unknown;
  readonly snapshots: readonly Snapshot[];
}

/** Keeps from other runs the results of tasks that begin after others of their thread have changed what they use. */
export class ChangedState {
  private readonly programs = new Map<string, Program>();
  private readonly inspector: Inspector;

  constructor(
    private readonly variables: Variables,
    bridge: Bridge,
  ) {
    this.inspector = new Inspector(bridge);
    variables.onDeclare(() => {
      for (const program of this.programs.values()) unobserved(() => program.look());
    });
  }

  /** Call it before each task of a program begins, whose file `bundle` is, with the labels of the variables that count. */
  begin(bundle: string, labels: readonly string[], inputs: AmbientInputs): void {
    unobserved(() => {
      const program = this.programs.get(bundle) ?? this.take(bundle);
      program.begin(labels, inputs);
    });
  }

  private take(bundle: string): Program {
    const text = new ProgramText(readFileSync(bundle.startsWith('file:') ? fileURLToPath(bundle) : bundle, 'utf8'));
    const program = new Program(this.variables, new Snapshots(text, this.inspector));
    this.programs.set(bundle, program);
    return program;
  }
}

/** The variables of one program. */
class Program {
  private readonly values = new Map<string, unknown>();
  /** What is watched for some labels, as long as no more variables are known. */
  private readonly watched = new Map<string, { readonly size: number; readonly variables: readonly Watched[] }>();
  /** Tasks that have begun and not ended, and how many have begun at all. */
  private open = 0;
  private begun = 0;

  constructor(
    private readonly variables: Variables,
    private readonly snapshots: Snapshots,
  ) {
    this.look();
  }

  begin(labels: readonly string[], inputs: AmbientInputs): void {
    const watched = this.watch(labels);
    this.refuseChanged(watched, inputs);
    const isAlone = this.open === 0;
    const number = ++this.begun;
    this.open++;
    inputs.undo(() => {
      this.open--;
    });
    inputs.atEnd(() => {
      // What changed while other tasks ran may be a change of theirs.
      if (!isAlone || this.begun !== number) unobserved(() => this.refuseChanged(watched, inputs));
    });
  }

  /** Looks at variables that are new: those of a module that has just been evaluated. */
  look(): void {
    for (const label of this.variables.labels()) {
      const found = this.values.has(label) ? undefined : this.variables.at(label);
      if (!found) continue;
      this.values.set(label, found.value);
      this.snapshots.take(found.value);
    }
  }

  private watch(labels: readonly string[]): readonly Watched[] {
    const key = labels.join('\0');
    const known = this.watched.get(key);
    if (known?.size === this.values.size) return known.variables;
    const seen = new Set<Snapshot>();
    const all = new Set(labels.flatMap((label) => this.variables.behind(label)));
    const variables = [...all].flatMap((label) => {
      if (!this.values.has(label)) return [];
      const value = this.values.get(label);
      const snapshots = this.snapshots.snapshotsOf(value).filter((snapshot) => !seen.has(snapshot));
      for (const snapshot of snapshots) seen.add(snapshot);
      return [{ label, value, snapshots }];
    });
    this.watched.set(key, { size: this.values.size, variables });
    return variables;
  }

  private refuseChanged(watched: readonly Watched[], inputs: AmbientInputs): void {
    for (const { label, value, snapshots } of watched) {
      if (Object.is(this.variables.at(label)?.value, value) && areAsBefore(snapshots)) continue;
      return inputs.refuse(
        `another task had changed ${label} by then, which it may use; cache: {} says that its results do not depend on it`,
      );
    }
  }
}
