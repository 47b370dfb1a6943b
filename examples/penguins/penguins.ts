import { Flow, param, step, type View } from 'varve';
import { bestOf, crossValidate, type Model, type Row, type Score } from './models.ts';
import { readPenguins, type Sighting, toRow } from './sightings.ts';

/** Which of three models tells the species of a penguin from its measurements best? */
export default class Penguins extends Flow {
  folds = param.int(5, { min: 2, help: 'cross-validation folds' });
  models: Model[] = ['knn', 'tree', 'forest'];

  raw!: Sighting[];
  rows!: Row[];
  score!: Score;
  best!: Score;

  @step()
  async load() {
    this.raw = await readPenguins();
  }

  @step({ after: 'load' })
  clean() {
    this.rows = this.raw.flatMap(toRow);
    console.log(`kept ${this.rows.length} of ${this.raw.length} penguins`);
  }

  @step({ after: 'clean', foreach: 'models' })
  train(model: Model) {
    this.score = crossValidate(model, this.rows, this.folds);
  }

  @step({ join: 'train' })
  report(tasks: readonly View<Penguins>[]) {
    const scores = tasks.map((task) => task.score);
    for (const { model, accuracy } of scores) console.log(`${model.padEnd(6)} ${(accuracy * 100).toFixed(1)} %`);
    this.best = bestOf(scores);
  }
}
