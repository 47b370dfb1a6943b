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

test('the longer of two branches counts', () => {
  expect(criticalPath(DIAMOND, [task('a', 1), task('b', 10), task('c', 20), task('d', 2)])).toBe(23);
});

test('a branch that ends nowhere may be the longest', () => {
  expect(criticalPath(DIAMOND, [task('a', 1), task('b', 10), task('c', 2)])).toBe(11);
});

test('of a foreach the slowest element counts, together with what follows it inside', () => {
  const graph = steps(['a', 'root'], ['f', 'foreach', 'a'], ['g', 'linear', 'f'], ['j', 'foreach-join', 'g']);
  const tasks = [task('a', 1), task('f', 5, 0), task('f', 1, 1), task('g', 1, 0), task('g', 9, 1), task('j', 2)];
  expect(criticalPath(graph, tasks)).toBe(13);
});

test('an inner join waits for the elements of its own list alone', () => {
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

test('an empty list and a skipped step pass on when their parents were done', () => {
  const graph = steps(
    ['a', 'root'],
    ['f', 'foreach', 'a'],
    ['j', 'foreach-join', 'f'],
    ['skipped', 'linear', 'j'],
    ['z', 'linear', 'skipped'],
  );
  expect(criticalPath(graph, [task('a', 7), task('j', 2), task('z', 1)])).toBe(10);
});

test('a foreach of 100,000 is measured in no time worth a word', () => {
  const graph = steps(['a', 'root'], ['f', 'foreach', 'a'], ['j', 'foreach-join', 'f']);
  const wide = Array.from({ length: 100_000 }, (_, i) => task('f', i % 7, i));
  expect(criticalPath(graph, [task('a', 1), ...wide, task('j', 1)])).toBe(8);
});
