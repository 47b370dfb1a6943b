import type { RunEvent, StepOutline } from '@varve/core/contract';
import { describe, expect, it } from 'vitest';
import { done, expanded, skipped, viewOf } from './views.ts';

const names = (tasks: readonly { readonly name: string }[]) => tasks.map(({ name }) => name);

/** load -> clean -> train[…] -> report, as in the example. */
const PENGUINS: StepOutline[] = [
  { name: 'load', after: [] },
  { name: 'clean', after: ['load'] },
  { name: 'train', after: ['clean'], foreach: 'models' },
  { name: 'report', after: [], join: 'train' },
];

const PENGUIN_EVENTS = [
  done('init', { writes: { folds: '5', models: 'all' } }),
  done('load', { writes: { raw: 'raw' } }),
  done('clean', { writes: { rows: 'rows' }, reads: ['raw'] }),
  expanded('train', 'knn', 'tree', 'forest'),
  ...[2, 0, 1].map((i) => done(`train[${i}]`, { writes: { score: `s${i}` }, reads: ['@element', 'folds', 'rows'] })),
  done('report', { writes: { best: 's1' }, reads: ['@length', '[*].score'] }),
];

describe('lineage of a fan-out', () => {
  const run = viewOf(PENGUINS, PENGUIN_EVENTS);

  it('finds the task that wrote each artifact a task saw', () => {
    const train = run.task('train[tree]');
    expect(train.producerOf('rows')?.name).toBe('clean');
    expect(train.producerOf('raw')?.name).toBe('load');
    expect(train.producerOf('models')?.name).toBe('init');
    expect(train.producerOf('score')).toBeUndefined();
    expect(train.producerOf('nothing')).toBeUndefined();
    expect(run.task('load').producerOf('raw')).toBeUndefined();
    expect(run.task('report').producerOf('rows')?.name).toBe('clean');
    expect(run.task('report').producerOf('score')).toBeUndefined();
    expect(names(run.task('report').producersOf('score'))).toEqual(['train[0]', 'train[1]', 'train[2]']);
    expect(run.producerOf('best')?.name).toBe('report');
    expect(run.producerOf('rows')?.name).toBe('clean');
    expect(run.producerOf('score')).toBeUndefined();
  });

  it('finds the tasks that read what a task wrote or passed on', () => {
    expect(names(run.task('load').readersOf('raw'))).toEqual(['clean']);
    expect(names(run.task('clean').readersOf('rows'))).toEqual(['train[0]', 'train[1]', 'train[2]']);
    expect(names(run.task('train[2]').readersOf('score'))).toEqual(['report']);
    expect(names(run.task('init').readersOf('models'))).toEqual(['train[0]', 'train[1]', 'train[2]']);
    // Passed on by both tasks on its way, and not read after report.
    expect(names(run.task('load').readersOf('folds'))).toEqual(['train[0]', 'train[1]', 'train[2]']);
    expect(names(run.task('report').readersOf('folds'))).toEqual([]);
    expect(names(run.task('train[1]').readersOf('rows'))).toEqual([]);
    expect(names(run.task('report').readersOf('best'))).toEqual([]);
  });

  it('knows the parents and children of each task', () => {
    expect(names(run.task('load').parents())).toEqual([]);
    expect(names(run.task('clean').children())).toEqual(['train[0]', 'train[1]', 'train[2]']);
    expect(names(run.task('train[1]').parents())).toEqual(['clean']);
    expect(names(run.task('train[1]').children())).toEqual(['report']);
    expect(names(run.task('report').parents())).toEqual(['train[0]', 'train[1]', 'train[2]']);
    expect(names(run.task('init').children())).toEqual(['load']);
  });

  it('counts a read of the element as a read of its list, unlike reads of index and label', () => {
    const other = viewOf(PENGUINS, [
      ...PENGUIN_EVENTS.slice(0, 4),
      done('train[0]', { reads: ['@index', '@label'] }),
      done('train[1]', { reads: ['@element'] }),
    ]);
    expect(names(other.task('init').readersOf('models'))).toEqual(['train[1]']);
    expect(names(other.task('init').readersOf('folds'))).toEqual([]);
  });

  it('gives the reads of a task as data', () => {
    expect(run.task('train[0]').reads).toEqual([
      { kind: 'context', field: 'element' },
      { kind: 'own', name: 'folds', absent: false },
      { kind: 'own', name: 'rows', absent: false },
    ]);
  });
});

describe('lineage through branches', () => {
  const graph: StepOutline[] = [
    { name: 'load', after: [] },
    { name: 'left', after: ['load'] },
    { name: 'right', after: ['load'] },
    { name: 'merge', after: ['left', 'right'] },
    { name: 'last', after: ['merge'] },
  ];
  const run = viewOf(graph, [
    done('init'),
    done('load', { writes: { rows: 'r', both: 'old', gone: 'x' } }),
    done('left', { writes: { side: 'l', both: 'new' }, reads: ['rows'] }),
    done('right', { writes: { side: 'r', both: 'new' } }),
    done('merge', { reads: ['@branches', 'both', 'left.side'], deletes: ['gone'] }),
    done('last', { reads: ['!gone', '!side', 'rows'] }),
  ]);

  it('gives the writers in all branches, and as producer the first of those that agree', () => {
    const merge = run.task('merge');
    expect(merge.producerOf('both')?.name).toBe('left');
    expect(names(merge.producersOf('both'))).toEqual(['left', 'right']);
    expect(merge.producerOf('rows')?.name).toBe('load');
    expect(names(merge.producersOf('side'))).toEqual(['left', 'right']);
    expect(() => merge.producerOf('side')).toThrow(expect.objectContaining({ code: 'VARVE_BRANCHES_DIFFER' }));
    expect(run.task('last').producerOf('gone')).toBeUndefined();
    expect(run.task('last').producersOf('gone')).toEqual([]);
    // The branches differ for later tasks, too.
    expect(() => run.task('last').producerOf('side')).toThrow(
      expect.objectContaining({ code: 'VARVE_BRANCHES_DIFFER' }),
    );
    expect(names(run.task('last').producersOf('side'))).toEqual(['left', 'right']);
  });

  it('tells the views of two branches apart, and ignores reads that found nothing', () => {
    expect(names(run.task('left').readersOf('side'))).toEqual(['merge']);
    expect(names(run.task('right').readersOf('side'))).toEqual([]);
    expect(names(run.task('right').readersOf('both'))).toEqual(['merge']);
    expect(names(run.task('load').readersOf('gone'))).toEqual([]);
    expect(names(run.task('load').readersOf('both'))).toEqual([]);
    // `last` reads what came through both branches.
    expect(names(run.task('right').readersOf('rows'))).toEqual(['last']);
    expect(names(run.task('load').readersOf('rows'))).toEqual(['left', 'last']);
  });

  it('gives no producer for an artifact that the last steps left differently', () => {
    const open = viewOf(graph.slice(0, 3), [
      done('init', { writes: { base: 'b' } }),
      done('load', { writes: { rows: 'r' } }),
      done('left', { writes: { side: 'l', both: 'x' } }),
      done('right', { writes: { side: 'r', both: 'x' } }),
    ]);
    expect(open.producerOf('side')).toBeUndefined();
    expect(open.producerOf('both')?.name).toBe('left');
    expect(open.producerOf('rows')?.name).toBe('load');
    expect(open.producerOf('base')?.name).toBe('init');
    expect(viewOf(graph, [done('init', { writes: { base: 'b' } })]).producerOf('base')?.name).toBe('init');
  });

  it('leaves out a skipped branch', () => {
    const half = viewOf(graph, [
      done('init'),
      done('load', { writes: { rows: 'r' } }),
      done('left', { writes: { side: 'l' } }),
      skipped('right'),
      done('merge', { reads: ['left.side', 'side'] }),
    ]);
    expect(half.task('merge').producerOf('side')?.name).toBe('left');
    expect(names(half.task('merge').parents())).toEqual(['left', 'right']);
    expect(names(half.task('right').readersOf('side'))).toEqual([]);
    expect(half.task('right').producerOf('rows')?.name).toBe('load');
  });
});

describe('lineage in nested foreaches', () => {
  const graph: StepOutline[] = [
    { name: 'start', after: [] },
    { name: 'outer', after: ['start'], foreach: 'groups' },
    { name: 'inner', after: ['outer'], foreach: 'items' },
    { name: 'polish', after: ['inner'] },
    { name: 'best', after: [], join: 'polish' },
    { name: 'all', after: [], join: 'best' },
  ];
  const events: RunEvent[] = [
    done('init', { writes: { groups: 'g' } }),
    done('start'),
    expanded('outer', 'a', 'b', 'c'),
    ...[0, 1, 2].map((i) => done(`outer[${i}]`, { writes: { items: `i${i}` }, reads: ['@element'] })),
    expanded('inner[0]', 'x', 'y'),
    expanded('inner[1]', 'z'),
    expanded('inner[2]'),
    ...['0,0', '0,1', '1,0'].flatMap((path) => [
      done(`inner[${path}]`, { writes: { part: path }, reads: ['@element'] }),
      done(`polish[${path}]`, { writes: { shine: `s${path}` }, reads: ['part'] }),
    ]),
    done('best[0]', { writes: { top: '0' }, reads: ['[0].part', '[1].shine', 'items'] }),
    done('best[1]', { writes: { top: '1' }, reads: ['[*].shine'] }),
    done('best[2]', { writes: { top: '2' }, reads: ['@length'] }),
    done('all', { reads: ['[*].top', '[1].*'] }),
  ];
  const run = viewOf(graph, events);

  it('follows artifacts through every level', () => {
    expect(run.task('polish[0,1]').producerOf('items')?.name).toBe('outer[0]');
    expect(run.task('best[0]').producerOf('items')?.name).toBe('outer[0]');
    expect(names(run.task('best[0]').producersOf('part'))).toEqual(['inner[0,0]', 'inner[0,1]']);
    expect(run.task('all').producerOf('groups')?.name).toBe('init');
    expect(run.task('all').producerOf('items')).toBeUndefined();
    expect(names(run.task('all').producersOf('items'))).toEqual(['outer[0]', 'outer[1]', 'outer[2]']);
    expect(names(run.task('outer[0]').readersOf('items'))).toEqual(['inner[0,0]', 'inner[0,1]', 'best[0]']);
    expect(names(run.task('inner[0,0]').readersOf('part'))).toEqual(['polish[0,0]', 'best[0]']);
    expect(names(run.task('inner[0,1]').readersOf('part'))).toEqual(['polish[0,1]']);
    expect(names(run.task('polish[0,0]').readersOf('part'))).toEqual(['best[0]']);
    expect(names(run.task('polish[0,0]').readersOf('shine'))).toEqual([]);
    expect(names(run.task('polish[0,1]').readersOf('shine'))).toEqual(['best[0]']);
    expect(names(run.task('best[1]').readersOf('top'))).toEqual(['all']);
  });

  it('leads past a list without elements', () => {
    expect(names(run.task('best[2]').parents())).toEqual(['outer[2]']);
    expect(names(run.task('outer[2]').children())).toEqual(['best[2]']);
    expect(names(run.task('outer[1]').children())).toEqual(['inner[1,0]']);
    expect(names(run.task('best[0]').parents())).toEqual(['polish[0,0]', 'polish[0,1]']);
    expect(names(run.task('polish[1,0]').children())).toEqual(['best[1]']);
    expect(names(run.task('all').parents())).toEqual(['best[0]', 'best[1]', 'best[2]']);
  });

  it('holds for a foreach that was skipped', () => {
    const none = viewOf(graph, [
      done('init', { writes: { groups: 'g' } }),
      done('start'),
      ...['outer', 'inner', 'polish', 'best', 'all'].map(skipped),
    ]);
    expect(names(none.task('start').children())).toEqual(['outer']);
    expect(names(none.task('inner').parents())).toEqual(['outer']);
    expect(names(none.task('polish').children())).toEqual(['best']);
    expect(names(none.task('all').parents())).toEqual(['best']);
    expect(none.task('outer').producerOf('groups')?.name).toBe('init');
    expect(none.task('outer')).toMatchObject({ status: 'skipped', isFinished: true, isSuccessful: false });
  });

  it('holds for an inner foreach that was skipped for one outer element', () => {
    const some = viewOf(graph, [
      done('init', { writes: { groups: 'g' } }),
      done('start'),
      expanded('outer', 'a', 'b'),
      ...[0, 1].map((i) => done(`outer[${i}]`, { writes: { items: `i${i}` } })),
      ...['inner[0]', 'polish[0]', 'best[0]'].map(skipped),
      expanded('inner[1]', 'x'),
      ...['inner[1,0]', 'polish[1,0]', 'best[1]'].map((task) => done(task, { reads: ['items'] })),
      done('all', { reads: ['[*].items'] }),
    ]);
    expect(some.task('inner[0]').producerOf('items')?.name).toBe('outer[0]');
    expect(names(some.task('inner[0]').parents())).toEqual(['outer[0]']);
    expect(names(some.task('polish[0]').parents())).toEqual(['inner[0]']);
    expect(names(some.task('best[0]').parents())).toEqual(['polish[0]']);
    expect(names(some.task('outer[0]').children())).toEqual(['inner[0]']);
    expect(names(some.task('polish[0]').children())).toEqual(['best[0]']);
    expect(names(some.task('outer[1]').readersOf('items'))).toEqual(['inner[1,0]', 'polish[1,0]', 'best[1]', 'all']);
    expect(names(some.task('outer[0]').readersOf('items'))).toEqual([]);
  });

  it('knows the element of each task', () => {
    expect(run.task('polish[0,1]').element).toMatchObject({ index: 1, label: 'y' });
    expect(run.task('outer[2]').element).toMatchObject({ index: 2, label: 'c' });
    expect(run.task('start').element).toBeUndefined();
  });
});

it('a failed task has producers but no reads', () => {
  const run = viewOf(
    PENGUINS,
    [
      ...PENGUIN_EVENTS.slice(0, 4),
      {
        ...{ type: 'task-failed', at: 9, task: 'train[0]', attempt: 1, retrying: false, ms: 2 },
        error: { name: 'RangeError', message: 'too few' },
      },
    ],
    'failed',
  );
  const train = run.task('train[knn]');
  expect(train.reads).toEqual([]);
  expect(train.producerOf('rows')?.name).toBe('clean');
  expect(train.references).toEqual({});
  expect(names(run.task('clean').readersOf('rows'))).toEqual([]);
  expect(run.error).toMatchObject({ name: 'RangeError' });
});
