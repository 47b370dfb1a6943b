import { type AmbientInputs, ambientInputs } from '@varve/core/internal';
import { type Evaluation, Evaluations } from './evaluations.ts';

/** Notes what modules look at that are evaluated when a task first asks for them, for every task that asks. */
export class LazyModules {
  private readonly evaluations: Evaluations;

  /** `isLoad`: true for the inputs of a flow's file, which count for all of its tasks anyway. */
  constructor(
    private readonly isLoad: (inputs: AmbientInputs) => boolean,
    /** Told of data whenever code asks for it. `path`: without the root of the file system. */
    private readonly onData: (path: string, data: unknown, inputs: AmbientInputs) => void = () => {},
  ) {
    this.evaluations = new Evaluations(isLoad);
  }

  /** Watches a module by the function that evaluates it when it is first called. `path`: of its file. */
  watch(init: () => unknown, path = ''): () => unknown {
    return path.endsWith('.json') ? this.watchData(init, path) : this.watchCode(init);
  }

  private watchData(init: () => unknown, path: string): () => unknown {
    return () => {
      const inputs = ambientInputs();
      const data = init();
      if (inputs) this.onData(path, data, inputs);
      return data;
    };
  }

  private watchCode(init: () => unknown): () => unknown {
    const evaluations: Evaluation[] = [];
    // A module of CommonJS that has failed is evaluated again.
    let isEvaluated = false;
    return () => {
      const inputs = ambientInputs();
      if (!isEvaluated) {
        isEvaluated = true;
        if (inputs && this.isLoad(inputs)) return init();
        const evaluation = this.evaluations.begin(inputs);
        evaluations.push(evaluation);
        if (inputs) this.evaluations.ask(inputs, evaluations);
        try {
          return evaluation.run(init);
        } catch (error) {
          isEvaluated = false;
          throw error;
        }
      }
      if (inputs && evaluations.length > 0) this.evaluations.ask(inputs, evaluations);
      return init();
    };
  }
}
