import { client, run } from 'varve';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import Penguins from '../penguins.ts';
import { type Ended, freshState, varve } from './varve.ts';

const BEST = { model: 'forest', accuracy: 332 / 342 };

describe('Penguins, run from the command line,', () => {
  const state = freshState();
  let ended: Ended;

  beforeAll(async () => {
    ended = await varve(state.config, 'run', 'penguins.ts');
  });
  afterAll(state.remove);

  test('succeeds, and shows each task with its output', () => {
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toContain('Penguins #1   folds=5');
    expect(ended.stderr).toContain('clean │ kept 342 of 344 penguins');
    expect(ended.stderr).toContain('report │ forest 97.1 %');
    expect(ended.stderr).toContain('6 succeeded');
  });

  test('stores the best model and each score', async () => {
    const best = await varve(state.config, 'artifacts', 'get', 'Penguins/1', 'best');
    expect({ code: best.code, value: JSON.parse(best.stdout) }).toEqual({ code: 0, value: BEST });
    const score = await varve(state.config, 'artifacts', 'get', 'Penguins/1/train[knn]', 'score');
    expect(JSON.parse(score.stdout)).toEqual({ model: 'knn', accuracy: 261 / 342 });
  });

  test('is in the list of runs, and typed from the class', async () => {
    const last = await client(Penguins, { config: state.config }).last();
    expect([last.flow, last.number, last.status]).toEqual(['Penguins', 1, 'succeeded']);
    expect(last.artifacts.best.accuracy).toBe(BEST.accuracy);
    expect(last.artifacts.rows).toHaveLength(342);
    expect((await varve(state.config, 'list')).stdout).toContain('Penguins');
  });

  test('stores the output of each task', async () => {
    const logs = await varve(state.config, 'logs', 'Penguins/1/report');
    expect(logs.stdout).toMatch(/knn +76\.3 %/);
  });

  test('refuses too few folds before any task runs', async () => {
    const refused = await varve(state.config, 'run', 'penguins.ts', '--folds', '1');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/folds=1: .*\(cross-validation folds\)/);
    expect((await varve(state.config, 'artifacts', 'get', 'Penguins/2', 'best')).code).toBe(5);
  });
});

describe('Penguins, run from code,', () => {
  const state = freshState();
  afterAll(state.remove);

  test('resolves with its artifacts and tasks', async () => {
    const result = await run(Penguins, { folds: 3 }, { config: state.config });
    expect(result.status).toBe('succeeded');
    expect(result.artifacts.models).toEqual(['knn', 'tree', 'forest']);
    expect(result.tasks('train').map((task) => task.artifacts.score.model)).toEqual(['knn', 'tree', 'forest']);
    expect(result.artifacts.best.accuracy).toBeGreaterThan(0.95);
  });
});
