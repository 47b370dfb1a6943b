import { referenceOf, step } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/flow/describe/graph.ts';
import { type ForeachFrame, openFanout, rootFrame } from '../../src/run/plan/frame.ts';
import { matchElements, type OriginTask, type ResumeSource, shortDigest } from '../../src/run/plan/resume-source.ts';
import { DirtyTasks, ResumePlan } from '../../src/run/reuse/resume-plan.ts';
import { extendScope } from '../../src/store/journal/artifact-scope.ts';

const NO_ARTIFACTS = extendScope(undefined, {});
const SHORT = { a: 'a'.repeat(16), b: 'b'.repeat(16), c: 'c'.repeat(16) };

function finished(from: string, changes: Partial<OriginTask> = {}): OriginTask {
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

function planFor(origin: Partial<ResumeSource>) {
  const warnings: string[] = [];
  const whole: ResumeSource = {
    ...{ path: 'F/1', tasks: new Map(), elements: new Map(), trust: 'verify', initialisers: 'reuse' },
    ...{ rerunSteps: new Set(), rerunTasks: new Set() },
    ...origin,
  };
  const plan = new ResumePlan(graph, whole, undefined, (message) => warnings.push(message));
  const jobOf = (name: string, frame: ForeachFrame) => ({
    step: byName.get(name) ?? step(name),
    frame,
    artifacts: NO_ARTIFACTS,
    attempt: 1,
  });
  return {
    warnings,
    find: (name: string, frame: ForeachFrame) => plan.find(jobOf(name, frame))?.from,
    settled: (name: string, frame: ForeachFrame, writes = {}) => plan.settled(jobOf(name, frame), writes, []),
    skipped: (name: string, frame: ForeachFrame) => plan.skipped(byName.get(name) ?? step(name), frame),
  };
}

function elementFrames(outer: ForeachFrame, ...digests: string[]): readonly ForeachFrame[] {
  const labels = digests.map((_, i) => String(i));
  return openFanout('each', outer, { artifacts: NO_ARTIFACTS, list: referenceOf('list'), labels, digests }).frames;
}
const tasks = (...all: OriginTask[]) => new Map(all.map((one) => [one.from.slice('F/1/'.length), one]));
const frameAt = (frames: readonly ForeachFrame[], index: number) => frames[index] ?? rootFrame();

describe('the elements of an earlier list', () => {
  it('are matched by value, and in order among equal ones', () => {
    expect(matchElements(['v', 'w', 'v', 'new', 'v'], ['w', 'v', 'v'])).toEqual([1, 0, 2, undefined, undefined]);
    expect(shortDigest(`json/1 sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789abcdef');
  });
});

describe('DirtyTasks', () => {
  it('finds a changed task at its path and from every path around it, and at no other', () => {
    const dirty = new DirtyTasks();
    dirty.add('step', [3, 1]);
    expect([[], [3], [3, 1]].map((path) => dirty.has('step', path))).toEqual([true, true, true]);
    expect([[1], [3, 0], [3, 1, 0]].map((path) => dirty.has('step', path))).toEqual([false, false, false]);
    expect(dirty.has('other', [])).toBe(false);
  });
});

describe('a finished task of the resumed run', () => {
  const root = rootFrame();

  it('is taken over as long as all results before it are the same', () => {
    const { find, settled } = planFor({
      tasks: tasks(finished('make', { writes: { x: referenceOf('1') } }), finished('join')),
    });
    expect(find('make', root)).toBe('F/1/make');
    settled('make', root, { x: referenceOf('1') });
    expect(find('join', root)).toBe('F/1/join');
    settled('next', root);
    expect(find('join', root)).toBeUndefined();
  });

  it('of one element depends on tasks of that element alone', () => {
    const frames = elementFrames(rootFrame(), 'a', 'b');
    const { find, settled } = planFor({
      tasks: tasks(finished('next[0]'), finished('next[1]'), finished('join'), finished('each[0]')),
    });
    settled('each', frameAt(frames, 0));
    settled('each', frameAt(frames, 1));
    expect(find('next', frameAt(frames, 0))).toBe('F/1/next[0]');
    expect(find('next', frameAt(frames, 1))).toBeUndefined();
  });

  it('of a step that is never cached is matched by its element, and taken over with one warning', () => {
    const plain = step('each', { parents: ['make'], scope: ['each'], cache: false });
    const frames = elementFrames(rootFrame(), SHORT.c, SHORT.a, SHORT.b);
    byName.set('each', plain);
    const { find, warnings } = planFor({
      tasks: tasks(finished('each[0]'), finished('each[2]')),
      elements: new Map([['each', [SHORT.a, SHORT.b, SHORT.c]]]),
    });
    expect(frames.map((frame) => find('each', frame))).toEqual(['F/1/each[2]', 'F/1/each[0]', undefined]);
    expect(warnings).toEqual([expect.stringContaining('although what leads to it has changed')]);
    byName.set('each', graph.steps[1] ?? plain);
  });

  it('that is skipped now makes the tasks that read it run again', () => {
    const { find, skipped } = planFor({ tasks: tasks(finished('next'), finished('join')) });
    skipped('next', root);
    expect(find('join', root)).toBeUndefined();
  });

  it('that had looked for a field which exists only now is executed again', () => {
    const { find, settled } = planFor({
      tasks: tasks(finished('init'), finished('make', { reads: ['!extra'] }), finished('plain', { reads: ['rows'] })),
      initialisers: 'merge',
    });
    settled('init', root, { extra: referenceOf('7') });
    expect([find('make', root), find('plain', root)]).toEqual([undefined, 'F/1/plain']);
  });

  it('with other code is executed again, unless positions are trusted or it is never cached', () => {
    const other = { tasks: tasks(finished('join', { sameBundle: false }), finished('plain', { sameBundle: false })) };
    const verified = planFor(other);
    expect([verified.find('join', root), verified.find('plain', root)]).toEqual([undefined, 'F/1/plain']);
    const trusting = planFor({ ...other, trust: 'position' });
    expect(trusting.find('join', root)).toBe('F/1/join');
    expect(trusting.warnings).toEqual([expect.stringContaining('join is kept from F/1 although its code has changed')]);
  });

  it('that a later run has outdated is executed again, unless it is never cached', () => {
    const { find } = planFor({
      tasks: tasks(finished('join', { outdated: true }), finished('plain', { outdated: true })),
    });
    expect([find('join', root), find('plain', root)]).toEqual([undefined, 'F/1/plain']);
  });

  it('is executed again when its step, label or name is to be rerun', () => {
    const frames = elementFrames(rootFrame(), 'a', 'b');
    const { find } = planFor({
      tasks: tasks(finished('make'), finished('each[0]'), finished('each[1]')),
      rerunSteps: new Set(['make']),
      rerunTasks: new Set(['each[1]']),
    });
    expect(find('make', root)).toBeUndefined();
    expect(find('each', frameAt(frames, 1))).toBeUndefined();
    expect(find('each', frameAt(frames, 0))).toBe('F/1/each[0]');
  });
});
