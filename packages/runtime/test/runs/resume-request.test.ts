import { RunView } from '@varve/client';
import type { RunEvent, RunRecord } from '@varve/core/contract';
import { fold, type Graph } from '@varve/core/internal';
import { digestOf, runRecord, step, succeeded } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { originOf } from '../../src/runs/resume-request.ts';

const BUNDLE = digestOf('bundle');
const VALUES = {
  readNow: () => 0,
  read: async () => 0,
  bytes: async () => new Uint8Array(),
  stream: async function* () {},
};
const graph: Graph = {
  steps: [
    step('clean', { children: ['train'] }),
    step('train', { parents: ['clean'], scope: ['train'], children: ['report'] }),
    step('report', { parents: ['train'] }),
  ],
};

const done = (task: string, text: string) => succeeded(task, { [task]: text }).event;
const cloned = (task: string, text: string, from: string): RunEvent =>
  ({ ...done(task, text), via: 'cloned', from }) as RunEvent;
const expanded = (...digests: string[]): RunEvent => ({
  ...{ type: 'foreach-expanded', at: 1, step: 'train', parent: 'clean', labels: digests, digests },
});
const keyed = (key: string): RunEvent => {
  const components = { digest: digestOf('c'), size: 1, codec: 'step-key/1' };
  return { type: 'run-keyed', at: 1, steps: { train: { key, components }, clean: { key, components } } };
};

function view(number: number, events: readonly RunEvent[], changes: Partial<RunRecord> = {}): RunView {
  const record = runRecord({ id: `01j9zq000000000000000000${number}a`, number, ...changes });
  return new RunView({ record }, fold(record, events), 'failed', VALUES, {} as never);
}

/** Newest first. */
function origin(chain: readonly RunView[], request = {}) {
  const [run] = chain;
  if (!run) throw new Error('no run');
  return originOf({ run, chain }, graph, BUNDLE, request).origin;
}

describe('what a resumed run takes over', () => {
  const first = view(1, [
    done('init', 'i'),
    done('clean', '1'),
    expanded('a', 'b'),
    done('train[0]', 'x'),
    done('train[1]', 'y'),
  ]);

  it('is what the run it resumes had finished, and where that had not come, what the one before had', () => {
    const { tasks, path } = origin([
      view(2, [cloned('init', 'i', 'Penguins/1/init'), cloned('clean', '1', 'Penguins/1/clean')]),
      first,
    ]);
    expect(path).toBe('Penguins/2');
    expect(tasks.get('clean')).toMatchObject({ from: 'Penguins/1/clean', sameBundle: true });
    expect(tasks.get('train[0]')).toMatchObject({ from: 'Penguins/1/train[0]' });
    expect(tasks.get('train[0]')?.outdated).toBeUndefined();
  });

  it('marks what does not follow from a newer result', () => {
    const { tasks } = origin([view(2, [done('init', 'i'), done('clean', '2')]), first]);
    expect(tasks.get('clean')?.from).toBe('Penguins/2/clean');
    expect(tasks.get('train[1]')).toMatchObject({ from: 'Penguins/1/train[1]', outdated: true });
  });

  it('is numbered as the newest list is, without elements that are gone', () => {
    const { tasks, elements } = origin([view(2, [done('init', 'i'), done('clean', '2'), expanded('c', 'b')]), first]);
    expect(tasks.get('train[1]')?.from).toBe('Penguins/1/train[1]');
    expect(tasks.has('train[0]')).toBe(false);
    expect(elements.get('train')).toEqual(['c', 'b']);
  });

  it('has the key of the run that executed it, however often it was taken over since', () => {
    const made = view(1, [keyed('old'), done('init', 'i'), done('clean', '1')], { bundle: digestOf('old') });
    const again = (number: number) =>
      view(number, [keyed('new'), cloned('init', 'i', 'Penguins/1/init'), cloned('clean', '1', 'Penguins/1/clean')]);
    const { tasks, initialisers } = origin([again(3), again(2), made]);
    expect(tasks.get('clean')).toMatchObject({ key: 'old', sameBundle: false });
    expect(initialisers).toBe('merge');
  });

  it('leaves out what failed, or was being executed once more', () => {
    const failed: RunEvent = {
      type: 'task-failed',
      at: 2,
      task: 'clean',
      attempt: 2,
      error: { name: 'E', message: 'm' },
      retrying: false,
      ms: 1,
    };
    expect(origin([view(1, [done('init', 'i'), done('clean', '1'), failed])]).tasks.has('clean')).toBe(false);
  });

  it('runs the initialisers again for new parameters and with --from init only', () => {
    expect(origin([first]).initialisers).toBe('reuse');
    expect(origin([first], { set: { folds: { value: '1', from: '--set' } } }).initialisers).toBe('rerun');
    expect(origin([first], { from: ['init'] }).initialisers).toBe('rerun');
  });

  it('is nothing when the initialisers had not ended: their values would be others', () => {
    const error = expect.objectContaining({
      code: 'VARVE_NOTHING_TO_RESUME',
      hint: expect.stringContaining('folds=5'),
    });
    expect(() => origin([view(1, [])])).toThrow(error);
  });

  it('is refused with all that makes no sense', () => {
    const wrong = { trust: 'blindly', from: ['trian', 'train[forest]'] };
    const refused = (() => {
      try {
        origin([first], wrong);
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(refused).toMatchObject({ code: 'VARVE_RESUME_OPTION', findings: [{}, {}, {}] });
    expect(origin([first], { from: ['train'] }).rerunSteps).toEqual(new Set(['train', 'report']));
  });
});
