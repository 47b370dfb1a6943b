import { AmbientInputs, runReading } from '@varve/core/internal';

/** One evaluation of a module. What it looks at counts for everything that asks for the module. */
export class Evaluation {
  readonly inputs: AmbientInputs;
  /** Evaluations of other modules that this one has asked for. */
  readonly needs = new Set<Evaluation>();
  isSettled = false;
  isLate = false;
  private reads: ReturnType<AmbientInputs['end']> | undefined;

  constructor(asker: AmbientInputs | undefined) {
    const onLate = () => {
      this.isLate = true;
    };
    this.inputs = asker ? asker.part(onLate) : new AmbientInputs(onLate);
  }

  run(init: () => unknown): unknown {
    const settled = () => {
      this.isSettled = true;
    };
    try {
      const result = runReading(this.inputs, init);
      if (result instanceof Promise) result.then(settled, settled);
      else settled();
      return result;
    } catch (error) {
      settled();
      throw error;
    }
  }

  /** Adds what was looked at to the inputs of a task that has asked for the module. */
  async addTo(inputs: AmbientInputs): Promise<void> {
    if (!this.isSettled) return inputs.refuse('a module that it imports was still being evaluated when it ended');
    this.reads ??= this.inputs.end();
    const reads = await this.reads;
    for (const [name, token] of Object.entries(reads?.tokens ?? {})) inputs.read(name, token);
    for (const call of reads?.calls ?? []) inputs.call(call);
    if (reads?.unrecorded !== undefined) inputs.refuse(reads.unrecorded);
    if (this.isLate) inputs.refuse('a module that it imports read something after it was evaluated');
  }
}

/** Knows who has asked for which evaluations. */
export class Evaluations {
  private readonly asked = new WeakMap<AmbientInputs, Set<Evaluation>>();

  /** `isLoad`: true for the inputs of a flow's file, which count for all of its tasks anyway. */
  constructor(private readonly isLoad: (inputs: AmbientInputs) => boolean) {}

  /** Begins one, on behalf of a task or another evaluation. */
  begin(asker: AmbientInputs | undefined): Evaluation {
    const evaluation = new Evaluation(asker);
    this.asked.set(evaluation.inputs, evaluation.needs);
    return evaluation;
  }

  /** Lets evaluations count for whoever has asked for their module. */
  ask(inputs: AmbientInputs, evaluations: readonly Evaluation[]): void {
    let asked = this.asked.get(inputs);
    if (asked === undefined) {
      const fresh = new Set<Evaluation>();
      asked = fresh;
      this.asked.set(inputs, fresh);
      if (!this.isLoad(inputs)) inputs.atEnd(() => takeOver(inputs, fresh));
    }
    for (const evaluation of evaluations) asked.add(evaluation);
  }
}

/** Takes over what the modules have looked at, and those that they have asked for. They may ask for one another. */
export async function takeOver(inputs: AmbientInputs, asked: ReadonlySet<Evaluation>): Promise<void> {
  const all = new Set(asked);
  for (const evaluation of all) {
    await evaluation.addTo(inputs);
    for (const one of evaluation.needs) all.add(one);
  }
}
