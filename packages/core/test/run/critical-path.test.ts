import { expect, test } from 'vitest';
import type { StepKind } from '../../src/flow/describe/description.ts';
import { criticalPath, type PathStep, type TaskTime } from '../../src/run/loop/recorder.ts';

function steps(...list: [name: string, kind: StepKind, ...parents: string[]][]): Map<string, PathStep> {
  return new Map(list.map(([name, kind, ...parents]) => [name, { name, kind, parents }]));
}

function task(name: string, ms: number, ...path: number[]): TaskTime {
  return { step: name, path, ms };
}

const DIAMOND = steps(['a', 'root'], ['b', 'linear', 'a'], ['c', 'linear', 'a'], ['d', 'branch-join', 'b', 'c']);

test('the critical path goes through the longer of two branches', () => {
  expect(criticalPath(DIAMOND, [task('a', 1), task('b', 10), task('c', 20), task('d', 2)])).toBe(23);
});

test('the critical path may end in a branch that is not joined', () => {
  expect(criticalPath(DIAMOND, [task('a', 1), task('b', 10), task('c', 2)])).toBe(11);
});

test('the critical path goes through the slowest element of a foreach, with the steps inside it', () => {
  const graph = steps(['a', 'root'], ['f', 'foreach', 'a'], ['g', 'linear', 'f'], ['j', 'foreach-join', 'g']);
  const tasks = [task('a', 1), task('f', 5, 0), task('f', 1, 1), task('g', 1, 0), task('g', 9, 1), task('j', 2)];
  expect(criticalPath(graph, tasks)).toBe(13);
});

test('the critical path of an inner join waits only for the elements of its own list', () => {
  const graph = steps(
    ['f', 'foreach', 'a'],
    ['g', 'foreach', 'f'],
    ['inner', 'foreach-join', 'g'],
    ['outer', 'foreach-join', 'inner'],
  );
  const tasks = [
    ...[task('f', 1, 0), task('f', 1, 1), task('g', 30, 0, 0), task('g', 2, 1, 0), task('g', 3, 1, 1)],
    ...[task('inner', 1, 0), task('inner', 50, 1), task('outer', 1)],
  ];
  expect(criticalPath(graph, tasks)).toBe(1 + 3 + 50 + 1);
});

test('the critical path passes through an empty list and a skipped step in no time', () => {
  const graph = steps(
    ['a', 'root'],
    ['f', 'foreach', 'a'],
    ['j', 'foreach-join', 'f'],
    ['skipped', 'linear', 'j'],
    ['z', 'linear', 'skipped'],
  );
  expect(criticalPath(graph, [task('a', 7), task('j', 2), task('z', 1)])).toBe(10);
});

test('the critical path of a foreach over 100,000 elements is found', () => {
  const graph = steps(['a', 'root'], ['f', 'foreach', 'a'], ['j', 'foreach-join', 'f']);
  const wide = Array.from({ length: 100_000 }, (_, i) => task('f', i % 7, i));
  expect(criticalPath(graph, [task('a', 1), ...wide, task('j', 1)])).toBe(8);
});
