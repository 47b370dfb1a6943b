import { fileURLToPath } from 'node:url';
import { type AmbientInputs, type Leftovers, unobserved } from '@varve/core/internal';
import { readFileSync } from '../../shared/originals.ts';
import { portableName } from '../../shared/portable.ts';
import type { LoadedModule } from '../common-js.ts';
import { type Bridge, Inspector } from './inner-values.ts';
import { NativeTexts, ProgramText } from './program-text.ts';
import { areAsBefore, type Snapshot, Snapshots, UNKNOWN } from './snapshots.ts';
import type { Variables } from './variables.ts';

/** One variable, with all that it led to before any task ran. */
interface Watched {
  readonly label: string;
  readonly value: unknown;
  readonly snapshots: readonly Snapshot[];
}

/** A task that has begun. */
interface Turn {
  readonly bundle: string;
  readonly number: number;
  /** True when nothing but the task itself can change anything until it ends or another one begins. */
  readonly isAlone: boolean;
}

/** Keeps from other runs the results of tasks that begin after others of their thread have changed what they use. */
export class ChangedState {
  private readonly programs = new Map<string, Program>();
  private readonly inspector: Inspector;
  private readonly texts = new NativeTexts();
  private readonly native: NativeExports;
  private readonly turns = new WeakMap<AmbientInputs, Turn>();
  /** Tasks that have begun and not ended, and how many have begun at all. */
  private open = 0;
  private begun = 0;

  constructor(
    private readonly variables: Variables,
    bridge: Bridge,
    private readonly leftovers: Pick<Leftovers, 'areActive'> = { areActive: () => false },
  ) {
    this.inspector = new Inspector(bridge);
    this.native = new NativeExports(new Snapshots(new ProgramText('', this.texts), this.inspector));
    variables.onDeclare(() => {
      for (const program of this.programs.values()) unobserved(() => program.look());
    });
  }

  /**
   * Call it before each task of a program begins, whose file `bundle` is, with the labels of the variables that count;
   * `undefined` when no task of the run uses variables, as far as its code tells.
   */
  begin(bundle: string, labels: readonly string[] | undefined, inputs: AmbientInputs): void {
    // Most runs share no variables: their tasks pay for nothing else.
    if (labels === undefined) {
      this.turns.set(inputs, { bundle, number: ++this.begun, isAlone: this.begun === 1 });
      return;
    }
    const isAlone = this.open === 0 && !this.leftovers.areActive();
    const turn = { bundle, number: ++this.begun, isAlone };
    this.turns.set(inputs, turn);
    this.open++;
    inputs.undo(() => {
      this.open--;
    });
    this.watch(inputs, turn, (program) => program.watch(labels), false);
  }

  /** Call it before a task loads files that are compiled with its program, by a name that its code computes. */
  uses(files: readonly string[], inputs: AmbientInputs): void {
    const turn = this.turns.get(inputs);
    if (turn) this.watch(inputs, turn, (program) => program.watch(files), true);
  }

  /** Takes what a local file exports that Node itself has loaded with the flow. */
  loaded(file: string, module: LoadedModule | undefined): void {
    this.takeNative(file, (module as { readonly exports?: unknown } | undefined)?.exports);
  }

  /** Call it when a task has loaded a local file by Node itself. `name`: by which it did, if that makes another module. */
  usesNative(file: string, exported: unknown, inputs: AmbientInputs, name = file): void {
    this.takeNative(file, exported, name);
    const turn = this.turns.get(inputs);
    const label = portableName(this.variables.root, file);
    const check = () => {
      if (this.native.isChanged(name, turn?.number === 1))
        inputs.refuse(`another task had changed by then what ${label} holds, which it loads; ${wayOut(true)}`);
    };
    unobserved(check);
    if (turn) this.checkAtEnd(inputs, turn, check);
  }

  private takeNative(file: string, exported: unknown, name = file): void {
    if (this.native.has(name)) return;
    unobserved(() => {
      this.texts.add(file, readOrNothing);
      this.native.take(name, exported);
    });
  }

  /** `byName`: true when the task has loaded what is watched by a name that its code computes. */
  private watch(
    inputs: AmbientInputs,
    turn: Turn,
    find: (program: Program) => readonly Watched[],
    byName: boolean,
  ): void {
    unobserved(() => {
      const program = this.programs.get(turn.bundle) ?? this.take(turn.bundle);
      const check = () => {
        const why = program.changeIn(find(program), turn.number === 1);
        if (why !== undefined) inputs.refuse(`${why}; ${wayOut(byName)}`);
      };
      check();
      this.checkAtEnd(inputs, turn, check);
    });
  }

  /** What changed while other tasks ran, or what they have left running, may be a change of theirs. */
  private checkAtEnd(inputs: AmbientInputs, { isAlone, number }: Turn, check: () => void): void {
    inputs.atEnd(() => {
      if (!isAlone || this.begun !== number) unobserved(check);
    });
  }

  private take(bundle: string): Program {
    const source = readFileSync(bundle.startsWith('file:') ? fileURLToPath(bundle) : bundle, 'utf8');
    const text = new ProgramText(source, this.texts);
    const program = new Program(this.variables, new Snapshots(text, this.inspector));
    this.programs.set(bundle, program);
    return program;
  }
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What local files export that Node itself has loaded. */
class NativeExports {
  private readonly exported = new Map<string, readonly Snapshot[]>();

  constructor(private readonly snapshots: Snapshots) {}

  has(name: string): boolean {
    return this.exported.has(name);
  }

  take(name: string, exported: unknown): void {
    this.snapshots.take(exported);
    this.exported.set(name, this.snapshots.snapshotsOf(exported));
  }

  isChanged(name: string, isFirst: boolean): boolean {
    const snapshots = this.exported.get(name) ?? [];
    return !areAsBefore(snapshots) || (!isFirst && snapshots.includes(UNKNOWN));
  }
}

/** The variables of one program. */
class Program {
  private readonly values = new Map<string, unknown>();
  /** What is watched for some labels, as long as no more variables are known. */
  private readonly watched = new Map<string, { readonly size: number; readonly variables: readonly Watched[] }>();

  constructor(
    private readonly variables: Variables,
    private readonly snapshots: Snapshots,
  ) {
    this.look();
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

  /** What some labels stand for, as far as it was evaluated. */
  watch(labels: readonly string[]): readonly Watched[] {
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

  /** Why results may depend on what other tasks did. `isFirst`: true for the first task of the thread, which none came before. */
  changeIn(watched: readonly Watched[], isFirst: boolean): string | undefined {
    for (const { label, value, snapshots } of watched) {
      if (!isFirst && snapshots.includes(UNKNOWN))
        return `${label} leads to more functions with variables of their own than are looked into, and another task may have changed one`;
      if (!Object.is(this.variables.at(label)?.value, value) || !areAsBefore(snapshots))
        return `another task had changed ${label} by then, which it may use`;
    }
    return undefined;
  }
}

/** A step is taken at its word only for what its code names. */
function wayOut(byName: boolean): string {
  return byName
    ? 'import it by its name to say with cache: {} that results do not depend on it'
    : 'cache: {} says that its results do not depend on it';
}
