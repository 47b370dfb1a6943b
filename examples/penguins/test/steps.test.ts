import { logOf, runStep, testFlow } from 'varve/testing';
import { describe, expect, test, vi } from 'vitest';
import type { Row, Score } from '../models.ts';
import Penguins from '../penguins.ts';
import { readPenguins, type Sighting } from '../sightings.ts';

vi.mock('../sightings.ts', async (original) => ({
  ...(await original<typeof import('../sightings.ts')>()),
  readPenguins: vi.fn(() => Promise.reject(new Error('no disk in tests'))),
}));

const adelie: Sighting = {
  Species: 'Adelie',
  'Beak Length (mm)': 39.1,
  'Beak Depth (mm)': 18.7,
  'Flipper Length (mm)': 181,
  'Body Mass (g)': 3750,
};
const gentoo: Sighting = { ...adelie, Species: 'Gentoo', 'Flipper Length (mm)': 217, 'Body Mass (g)': 5400 };
const unmeasured: Sighting = { ...adelie, 'Body Mass (g)': null };

const rows: Row[] = Array.from({ length: 12 }, (_, i) => ({ features: [i, i % 2, 0, 0], species: i % 2 }));

test('the flow scores three models on other data', async () => {
  const run = await testFlow(Penguins, {
    params: { folds: 2 },
    stub: {
      load() {
        this.raw = [adelie, gentoo, adelie, gentoo, unmeasured];
      },
    },
  });
  expect(run.error).toBeUndefined();
  expect(run.artifacts.rows).toHaveLength(4);
  expect(run.task('train[knn]').artifacts.score.model).toBe('knn');
  expect(run.tasks('train').map((task) => task.status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  expect((await run.task('report').log()).map((line) => line.text)).toHaveLength(3);
});

test('clean drops penguins without all measurements', async () => {
  const after = await runStep(Penguins, 'clean', { raw: [adelie, unmeasured] });
  expect(after.rows).toEqual([{ features: [39.1, 18.7, 181, 3750], species: 0 }]);
  expect(logOf(after).map((line) => line.text)).toEqual(['kept 1 of 2 penguins']);
});

test('train scores the model of its element', async () => {
  const after = await runStep(Penguins, 'train', { rows, folds: 3 }, { element: 'tree' });
  expect(after.score.model).toBe('tree');
});

test('report keeps the best score of all tasks', async () => {
  const scores: Score[] = [
    { model: 'knn', accuracy: 0.5 },
    { model: 'tree', accuracy: 0.9 },
  ];
  const after = await runStep(Penguins, 'report', {}, { tasks: scores.map((score) => ({ score })) });
  expect(after.best).toEqual(scores[1]);
});

describe('the error of a failed load', () => {
  test('is in the run of testFlow', async () => {
    const run = await testFlow(Penguins);
    expect(run.status).toBe('failed');
    expect(run.error?.message).toBe('no disk in tests');
    expect(() => run.artifacts.best).toThrow("Penguins left no 'best': load failed with Error: no disk in tests");
  });

  test('is the one that runStep rejects with', async () => {
    vi.mocked(readPenguins).mockRejectedValueOnce(new RangeError('once'));
    await expect(runStep(Penguins, 'load')).rejects.toThrow(RangeError);
  });
});
