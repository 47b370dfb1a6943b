import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { failure, type RunnerSubject, taskOf, written } from './subject.ts';

/** Cases that caching relies on: a runner reports every read of a task, and gives it nothing that differs by chance. */
export const readCases: readonly Case<RunnerSubject>[] = [
  {
    name: 'says that a task looked at its element and index, or at its place in the run',
    async run(subject) {
      const elements = [{ list: await subject.store([10, 20]), index: 1, label: '20' }];
      const task = taskOf(subject, 'element', { task: 'element[1]', elements, isForeach: true });
      const outcome = await subject.runner.run(task, {});
      assert.deepEqual(outcome.ok && outcome.reads, ['@element', '@index']);
      const place = await subject.runner.run(taskOf(subject, 'place'), {});
      assert.deepEqual(place.ok && place.reads, ['@run.attempt', '@run.id']);
    },
  },
  {
    name: 'gives each of many tasks the numbers of its own seed, and the time of its run',
    async run(subject) {
      const list = await subject.store([0, 1, 2, 0]);
      const inputs = {};
      const draw = async (seed: string, index: number, attempt = 1) => {
        const elements = [{ list, index, label: String(index) }];
        const task = taskOf(subject, 'draw', { task: `draw[${index}]`, inputs, elements, attempt, seed, now: 42 });
        const { drawn } = await written(subject, await subject.runner.run(task, {}));
        return drawn as [number, number];
      };
      const [a, b, c, again] = await Promise.all(['aa', 'ab', 'ac', 'aa'].map((seed, index) => draw(seed, index)));
      assert.equal(new Set([a?.[0], b?.[0], c?.[0]]).size, 3, 'three seeds, three numbers');
      assert.deepEqual(again, a, 'the same seed');
      assert.deepEqual(await draw('aa', 0, 2), a, 'another attempt');
      assert.equal(a?.[1], 42, 'the time');
    },
  },
  {
    name: 'names an input whose bytes are lost, also when the step catches the error',
    async run(subject) {
      const { digest, size, codec } = await subject.store(2);
      const lost = digest.replace(/.$/, (last) => (last === 'f' ? 'e' : 'f'));
      const inputs = { x: { digest: lost, size, codec }, y: await subject.store(3) };
      for (const step of ['add', 'swallow']) {
        const outcome = failure(await subject.runner.run(taskOf(subject, step, { inputs }), {}));
        assert.equal(outcome.lost, lost, step);
      }
    },
  },
];
