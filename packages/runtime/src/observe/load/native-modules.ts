import type { AmbientInputs } from '@varve/core/internal';
import { type Evaluation, Evaluations, takeOver } from './evaluations.ts';

/** Notes what local files look at that Node itself loads and evaluates, once a thread, for every task that loads them. */
export class NativeModules {
  private readonly evaluations = new Evaluations(() => false);
  private readonly known = new Map<string, Set<Evaluation>>();
  private readonly imported = new Set<string>();

  /** Evaluates a file with `init`, on behalf of a task or of another file. */
  evaluate(inputs: AmbientInputs, file: string, init: () => unknown): unknown {
    const evaluation = this.evaluations.begin(inputs);
    this.of(file).add(evaluation);
    this.asks(inputs, file);
    return evaluation.run(init);
  }

  /** Notes that a file is loaded which may have been evaluated before. */
  asks(inputs: AmbientInputs, file: string): void {
    const known = this.known.get(file);
    if (known) this.evaluations.ask(inputs, [...known]);
  }

  /** As `evaluate`, for an `import()`: Node evaluates a file once for each way to write its name. */
  import(inputs: AmbientInputs, file: string, target: string, init: () => unknown): unknown {
    if (!this.imported.has(target)) {
      this.imported.add(target);
      return this.evaluate(inputs, file, init);
    }
    this.asks(inputs, file);
    return init();
  }

  /** Adds what files of an ES module's imports have looked at: they were evaluated with the first that imports them. */
  async share(inputs: AmbientInputs, file: string, imports: ReadonlySet<string>): Promise<void> {
    const own = this.known.get(file) ?? new Set();
    const all = new Set<Evaluation>();
    for (const path of imports) {
      if (own.size === 0 && !this.known.has(path)) continue;
      const those = this.of(path);
      for (const evaluation of own) if (evaluation.inputs !== inputs) those.add(evaluation);
      for (const evaluation of those) if (evaluation.inputs !== inputs && !own.has(evaluation)) all.add(evaluation);
    }
    if (all.size > 0) await takeOver(inputs, all);
  }

  private of(file: string): Set<Evaluation> {
    const known = this.known.get(file) ?? new Set();
    this.known.set(file, known);
    return known;
  }
}
