import { expect, test } from 'vitest';
import { bestOf, crossValidate, type Model } from '../models.ts';
import { shuffled } from '../shuffle.ts';
import { readPenguins, toRow } from '../sightings.ts';

const raw = await readPenguins();
const rows = raw.flatMap(toRow);

test('the data holds 344 penguins, 342 of them measured in full', () => {
  expect(raw).toHaveLength(344);
  expect(rows).toHaveLength(342);
  expect(rows[0]).toEqual({ features: [39.1, 18.7, 181, 3750], species: 0 });
  expect([0, 1, 2].map((species) => rows.filter((row) => row.species === species).length)).toEqual([151, 68, 123]);
});

test.each<[Model, number]>([
  ['knn', 261],
  ['tree', 327],
  ['forest', 332],
])('%s guesses %i of 342 species right in 5 folds', (model, right) => {
  expect(crossValidate(model, rows, 5)).toEqual({ model, accuracy: right / 342 });
});

test('cross-validation scores differ by the number of folds', () => {
  expect(crossValidate('tree', rows, 3).accuracy).not.toBe(crossValidate('tree', rows, 5).accuracy);
});

test('cross-validation takes frozen rows', () => {
  const frozen = rows.map((row) => Object.freeze({ ...row, features: Object.freeze([...row.features]) }));
  expect(crossValidate('knn', Object.freeze(frozen), 5)).toEqual(crossValidate('knn', rows, 5));
});

test('the best score is the highest, and the first of equal ones', () => {
  const scores = [
    { model: 'knn', accuracy: 0.5 },
    { model: 'tree', accuracy: 0.9 },
    { model: 'forest', accuracy: 0.9 },
  ] as const;
  expect(bestOf(scores)).toBe(scores[1]);
});

test('a shuffle keeps every item, depends on its seed, and leaves its argument alone', () => {
  const items = [...Array(50).keys()];
  const once = shuffled(items, 1);
  expect(shuffled(items, 1)).toEqual(once);
  expect(shuffled(items, 2)).not.toEqual(once);
  expect(once).not.toEqual(items);
  expect([...once].sort((a, b) => a - b)).toEqual(items);
});
