import { referenceOf, step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/flow/describe/graph.ts';
import { type ForeachFrame, openFanout, rootFrame } from '../../src/run/plan/frame.ts';
import { matchElements, type OriginTask, type ResumeSource, shortDigest } from '../../src/run/plan/resume-source.ts';
import { DirtyTasks, ResumePlan } from '../../src/run/reuse/resume-plan.ts';
import { extendScope } from '../../src/store/journal/artifact-scope.ts';

const NO_ARTIFACTS = extendScope(undefined, {});
const SHORT = { a: 'a'.repeat(16), b: 'b'.repeat(16), c: 'c'.repeat(16) };

function was(from: string, changes: Partial<OriginTask> = {}): OriginTask {
  return {
    writes: {},
    deletes: [],
    reads: [],
    ms: 1,
    from: `F/1/${from}`,
    key: undefined,
    sameBundle: true,
    ...changes,
  };
}

const graph: Graph = {
  steps: [
    step('make', { children: ['each'] }),
    step('each', { parents: ['make'], scope: ['each'], children: ['next'] }),
    step('next', { parents: ['each'], scope: ['each'], children: ['join'] }),
    step('join', { parents: ['next'] }),
    step('plain', { parents: ['make'], cache: false }),
  ],
};
const byName = new Map(graph.steps.map((one) => [one.name, one]));

function keptIn(origin: Partial<ResumeSource>) {
  const warnings: string[] = [];
  const whole: ResumeSource = {
    ...{ path: 'F/1', tasks: new Map(), elements: new Map(), trust: 'verify', initialisers: 'reuse' },
    ...{ rerunSteps: new Set(), rerunTasks: new Set() },
    ...origin,
  };
  const kept = new ResumePlan(graph, whole, undefined, (message) => warnings.push(message));
  const jobOf = (name: string, frame: ForeachFrame) => ({
    step: byName.get(name) ?? step(name),
    frame,
    artifacts: NO_ARTIFACTS,
    attempt: 1,
  });
  return {
    warnings,
    find: (name: string, frame: ForeachFrame) => kept.find(jobOf(name, frame))?.from,
    settled: (name: string, frame: ForeachFrame, writes = {}) => kept.settled(jobOf(name, frame), writes, []),
    skipped: (name: string, frame: ForeachFrame) => kept.skipped(byName.get(name) ?? step(name), frame),
  };
}

function split(outer: ForeachFrame, ...digests: string[]): readonly ForeachFrame[] {
  const labels = digests.map((_, i) => String(i));
  return openFanout('each', outer, { artifacts: NO_ARTIFACTS, list: referenceOf('list'), labels, digests }).frames;
}
const tasks = (...all: OriginTask[]) => new Map(all.map((one) => [one.from.slice('F/1/'.length), one]));
const frameAt = (frames: readonly ForeachFrame[], index: number) => frames[index] ?? rootFrame();

describe('where elements stood before', () => {
  it('is found by value, and equal ones are told apart by their order', () => {
    expect(matchElements(['v', 'w', 'v', 'new', 'v'], ['w', 'v', 'v'])).toEqual([1, 0, 2, undefined, undefined]);
    expect(shortDigest(`json/1 sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789abcdef');
  });
});

describe('a place among changed tasks', () => {
  it('is known to hold a change, also further inside, and others are not', () => {
    const changed = new DirtyTasks();
    changed.add('step', [3, 1]);
    expect([[], [3], [3, 1]].map((path) => changed.has('step', path))).toEqual([true, true, true]);
    expect([[1], [3, 0], [3, 1, 0]].map((path) => changed.has('step', path))).toEqual([false, false, false]);
    expect(changed.has('other', [])).toBe(false);
  });
});

describe('a finished task', () => {
  const root = rootFrame();

  it('is taken over while what leads to it is the same, and only so long', () => {
    const { find, settled } = keptIn({ tasks: tasks(was('make', { writes: { x: referenceOf('1') } }), was('join')) });
    expect(find('make', root)).toBe('F/1/make');
    settled('make', root, { x: referenceOf('1') });
    expect(find('join', root)).toBe('F/1/join');
    settled('next', root);
    expect(find('join', root)).toBeUndefined();
  });

  it('of one element follows from tasks of that element alone', () => {
    const frames = split(rootFrame(), 'a', 'b');
    const { find, settled } = keptIn({ tasks: tasks(was('next[0]'), was('next[1]'), was('join'), was('each[0]')) });
    settled('each', frameAt(frames, 0));
    settled('each', frameAt(frames, 1));
    expect(find('next', frameAt(frames, 0))).toBe('F/1/next[0]');
    expect(find('next', frameAt(frames, 1))).toBeUndefined();
  });

  it('of a step that is never cached is found by its element, and kept with one warning', () => {
    const plain = step('each', { parents: ['make'], scope: ['each'], cache: false });
    const frames = split(rootFrame(), SHORT.c, SHORT.a, SHORT.b);
    byName.set('each', plain);
    const { find, warnings } = keptIn({
      tasks: tasks(was('each[0]'), was('each[2]')),
      elements: new Map([['each', [SHORT.a, SHORT.b, SHORT.c]]]),
    });
    expect(frames.map((frame) => find('each', frame))).toEqual(['F/1/each[2]', 'F/1/each[0]', undefined]);
    expect(warnings).toEqual([expect.stringContaining('although what leads to it has changed')]);
    byName.set('each', graph.steps[1] ?? plain);
  });

  it('that a condition passes by now makes what read it run again', () => {
    const { find, skipped } = keptIn({ tasks: tasks(was('next'), was('join')) });
    skipped('next', root);
    expect(find('join', root)).toBeUndefined();
  });

  it('that had looked for a field that is there only now is executed', () => {
    const { find, settled } = keptIn({
      tasks: tasks(was('init'), was('make', { reads: ['!extra'] }), was('plain', { reads: ['rows'] })),
      initialisers: 'merge',
    });
    settled('init', root, { extra: referenceOf('7') });
    expect([find('make', root), find('plain', root)]).toEqual([undefined, 'F/1/plain']);
  });

  it('with other code is executed, unless its place is trusted or it is never cached', () => {
    const other = { tasks: tasks(was('join', { sameBundle: false }), was('plain', { sameBundle: false })) };
    const verified = keptIn(other);
    expect([verified.find('join', root), verified.find('plain', root)]).toEqual([undefined, 'F/1/plain']);
    const trusting = keptIn({ ...other, trust: 'position' });
    expect(trusting.find('join', root)).toBe('F/1/join');
    expect(trusting.warnings).toEqual([expect.stringContaining('join is kept from F/1 although its code has changed')]);
  });

  it('that does not follow from what a later run has is executed, unless it is never cached', () => {
    const { find } = keptIn({ tasks: tasks(was('join', { outdated: true }), was('plain', { outdated: true })) });
    expect([find('join', root), find('plain', root)]).toEqual([undefined, 'F/1/plain']);
  });

  it('is executed when that was asked for, by step, label or place', () => {
    const frames = split(rootFrame(), 'a', 'b');
    const { find } = keptIn({
      tasks: tasks(was('make'), was('each[0]'), was('each[1]')),
      rerunSteps: new Set(['make']),
      rerunTasks: new Set(['each[1]']),
    });
    expect(find('make', root)).toBeUndefined();
    expect(find('each', frameAt(frames, 1))).toBeUndefined();
    expect(find('each', frameAt(frames, 0))).toBe('F/1/each[0]');
  });
});
