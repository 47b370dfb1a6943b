import { Flow } from '../../src/flow/authoring/flow.ts';
import { step } from '../../src/flow/authoring/step.ts';
import type { Inputs, View } from '../../src/flow/authoring/step-types.ts';

/** Each mistake is exactly one error, on its decorator. `messages.test.ts` reads the texts. */
export class Wrong extends Flow {
  models: string[] = [];
  count = 1;
  kind: 'big' | 'small' = 'big';
  left!: number;

  @step()
  start() {}

  // @ts-expect-error no step named 'strat' in this flow
  @step({ after: 'strat' })
  misspeltStep() {}

  // @ts-expect-error no step named 'strat' in this flow
  @step({ after: ['start', 'strat'] })
  misspeltOneOfTwo() {}

  // @ts-expect-error no step named 'trian' in this flow
  @step({ join: 'trian' })
  misspeltJoin(_tasks: readonly View<Wrong>[]) {}

  // @ts-expect-error no artifact named 'modles' in this flow
  @step({ after: 'start', foreach: 'modles' })
  misspeltArtifact(_item: string) {}

  // @ts-expect-error 'count' is not an array, so foreach cannot split it
  @step({ after: 'start', foreach: 'count' })
  notAnArray(_item: number) {}

  // @ts-expect-error is handed (element of 'models', index: number)
  @step({ after: 'start', foreach: 'models' })
  wrongElement(_item: number) {}

  @step({ after: 'start', foreach: 'models' })
  train(_item: string) {}

  // @ts-expect-error is handed (tasks: readonly View<Flow>[])
  @step({ join: 'train' })
  wrongJoin(_tasks: View<Wrong>) {}

  // @ts-expect-error is handed (inputs: Inputs<Flow, …>), a view for each name in after
  @step({ after: ['start', 'train'] })
  wrongInputs(_inputs: Inputs<Wrong, 'start' | 'other'>) {}

  // @ts-expect-error is handed no arguments
  @step({ after: 'start' })
  argument(_item: string) {}

  // @ts-expect-error returns a value, which is dropped: assign it to a field of this
  @step({ after: 'start' })
  returns() {
    return [this.count];
  }

  // @ts-expect-error returns a value, which is dropped: assign it to a field of this
  @step({ after: 'start' })
  async returnsLater() {
    return this.count;
  }

  // @ts-expect-error returns a value, which is dropped: assign it to a field of this
  @step({ after: 'start' })
  *yields() {
    yield this.count;
  }

  // @ts-expect-error no artifact named 'flga' in this flow
  @step({ after: 'start', when: 'flga' })
  misspeltFlag() {}

  // @ts-expect-error no artifact named 'knid' in this flow
  @step({ after: 'start', when: { knid: 'big' } })
  misspeltCondition() {}

  // @ts-expect-error 'kind' never has the value that 'when' asks for
  @step({ after: 'start', when: { kind: 'huge' } })
  impossibleCondition() {}

  // @ts-expect-error no artifact named 'problem' in this flow
  @step({ after: 'start', catch: 'problem' })
  misspeltCatch() {}

  // @ts-expect-error 'left' cannot hold what catch stores there: a StoredError
  @step({ after: 'start', catch: 'left' })
  wrongCatch() {}

  // @ts-expect-error a step has either 'after' or 'join', not both
  @step({ after: 'start', join: 'train' })
  both(_tasks: readonly View<Wrong>[]) {}
}

/** Mistakes in a value, not in a name: the error is inside of the options. */
export class WrongValues extends Flow {
  // @ts-expect-error "5 minutes"' is not assignable to type 'Duration
  @step({ timeout: '5 minutes' })
  timeout() {}

  // @ts-expect-error 'retires' does not exist
  @step({ retires: 3 })
  option() {}
}

/** Members of `Flow` are not artifacts. */
export class WrongViews extends Flow {
  models: string[] = [];

  @step()
  start() {}

  @step({ after: 'start', foreach: 'models' })
  train(_item: string) {}

  // @ts-expect-error no artifact named 'random' in this flow
  @step({ after: 'start', when: 'random' })
  chance() {}

  @step({ join: 'train' })
  report(tasks: readonly View<WrongViews>[]) {
    // @ts-expect-error Property 'now' does not exist on type
    void tasks.map((task) => task.now);
  }
}

/** Steps of a base class are accepted, unknown ones are not. */
export class WrongDerived extends Wrong {
  @step({ after: 'train' })
  fine() {}

  // @ts-expect-error no step named 'missing' in this flow
  @step({ after: 'missing' })
  inherited() {}
}
