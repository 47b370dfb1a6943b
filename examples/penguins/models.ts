import { DecisionTreeClassifier } from 'ml-cart';
import KNN from 'ml-knn';
import { RandomForestClassifier } from 'ml-random-forest';
import { shuffled } from './shuffle.ts';

export type Model = 'knn' | 'tree' | 'forest';

/** One penguin: its four measurements, and the number of its species. */
export interface Row {
  readonly features: readonly number[];
  readonly species: number;
}

export interface Score {
  readonly model: Model;
  /** Share of the penguins whose species was guessed right, 0 to 1. */
  readonly accuracy: number;
}

type Predict = (features: readonly number[][]) => readonly number[];

const SEED = 1;
const NEIGHBOURS = 5;
const FOREST = { nEstimators: 80, maxFeatures: 3, replacement: false, noOOB: true, seed: SEED };

/** Guesses every row with a model that was trained on the other folds. The same rows always give the same score. */
export function crossValidate(model: Model, rows: readonly Row[], folds: number): Score {
  const order = shuffled(rows, SEED);
  let right = 0;
  for (let fold = 0; fold < folds; fold++) {
    const held = order.filter((_, i) => i % folds === fold);
    const predict = trainers[model](order.filter((_, i) => i % folds !== fold));
    const guesses = predict(featuresOf(held));
    right += held.filter((row, i) => row.species === guesses[i]).length;
  }
  return { model, accuracy: right / rows.length };
}

export function bestOf(scores: readonly Score[]): Score {
  return scores.reduce((best, score) => (score.accuracy > best.accuracy ? score : best));
}

const trainers: Record<Model, (rows: readonly Row[]) => Predict> = {
  knn(rows) {
    const knn = new KNN(featuresOf(rows), speciesOf(rows), { k: NEIGHBOURS });
    return (features) => knn.predict(features);
  },
  tree(rows) {
    const tree = new DecisionTreeClassifier();
    tree.train(featuresOf(rows), speciesOf(rows));
    return (features) => tree.predict(features);
  },
  forest(rows) {
    const forest = new RandomForestClassifier(FOREST);
    forest.train(featuresOf(rows), speciesOf(rows));
    return (features) => forest.predict([...features]);
  },
};

const featuresOf = (rows: readonly Row[]) => rows.map((row) => [...row.features]);
const speciesOf = (rows: readonly Row[]) => rows.map((row) => row.species);
