import assert from 'node:assert/strict';
import type { TaskLogLine } from '@varve/core/contract';
import type { Case } from '../case.ts';
import { failure, type RunnerSubject, taskOf, written } from './subject.ts';

/** Ms: long enough to start a worker, short enough for a test. */
const TIMEOUT = 2000;
/** Numbers in a text that fits no message and no batch of small values: about 600 kB. */
const LARGE = 100_000;

/** Cases about attempts that succeed: their results, reads and logs. */
export const resultCases: readonly Case<RunnerSubject>[] = [
  {
    name: 'says what it can do',
    async run({ runner }) {
      assert.match(runner.name, /^\S+$/, 'the name');
      assert.ok(['none', 'thread', 'process', 'remote'].includes(runner.capabilities.isolation), 'the isolation');
      assert.ok(Number.isInteger(runner.capabilities.width) && runner.capabilities.width >= 1, 'the width');
    },
  },
  {
    name: 'gives what a step assigns',
    async run(subject) {
      const outcome = await subject.runner.run(taskOf(subject, 'assign'), {});
      assert.deepEqual(await written(subject, outcome), { a: 1, b: { text: 'x' } });
      assert.ok(Number.isFinite(outcome.ms) && outcome.ms >= 0, `the wall time is ${outcome.ms}`);
    },
  },
  {
    name: 'lets a step read its inputs, and says which it read',
    async run(subject) {
      const inputs = { x: await subject.store(2), y: await subject.store(3), z: await subject.store('untouched') };
      const outcome = await subject.runner.run(taskOf(subject, 'add', { inputs }), {});
      assert.deepEqual(await written(subject, outcome), { sum: 5 }, 'what it wrote');
      assert.deepEqual(outcome.ok && outcome.reads, ['x', 'y'], 'what it read');
      assert.deepEqual(outcome.ok && outcome.deletes, [], 'what it deleted');
    },
  },
  {
    name: 'hands a step large inputs, and has stored large results when it says so',
    async run(subject) {
      const text = Array.from({ length: LARGE }, (_, n) => n).join(' ');
      const inputs = { text: await subject.store(text) };
      const { twice } = await written(subject, await subject.runner.run(taskOf(subject, 'double', { inputs }), {}));
      assert.ok(twice === text.repeat(2), `what it wrote is not its input twice: ${String(twice).slice(0, 40)}`);
    },
  },
  {
    name: 'says which name a step looked for in vain',
    async run(subject) {
      const outcome = await subject.runner.run(taskOf(subject, 'look'), {});
      assert.deepEqual(await written(subject, outcome), { found: false });
      assert.deepEqual(outcome.ok && outcome.reads, ['!missing']);
    },
  },
  {
    name: 'says what a step deleted',
    async run(subject) {
      const inputs = { x: await subject.store(2) };
      const outcome = await subject.runner.run(taskOf(subject, 'remove', { inputs }), {});
      assert.deepEqual(outcome.ok && outcome.deletes, ['x']);
    },
  },
  {
    name: 'gives a task of a foreach its element and index',
    async run(subject) {
      const elements = [{ list: await subject.store([10, 20, 30]), index: 1, label: '20' }];
      const outcome = await subject.runner.run(
        taskOf(subject, 'element', { task: 'element[1]', elements, isForeach: true }),
        {},
      );
      assert.deepEqual(await written(subject, outcome), { got: [20, 1] });
    },
  },
  {
    name: 'keeps many tasks at once apart',
    async run(subject) {
      const sums = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const inputs = { x: await subject.store(n), y: await subject.store(n * 100) };
          const outcome = await subject.runner.run(taskOf(subject, 'add', { inputs, task: `add[${n}]` }), {});
          return (await written(subject, outcome)).sum;
        }),
      );
      assert.deepEqual(
        sums,
        Array.from({ length: 20 }, (_, n) => n * 101),
      );
    },
  },
  {
    name: 'gives every line a task prints, in order',
    async run(subject) {
      const lines: TaskLogLine[] = [];
      const task = taskOf(subject, 'print', { label: 'print[knn]' });
      const outcome = await subject.runner.run(task, { onLog: (line) => lines.push(line) });
      assert.deepEqual(await written(subject, outcome), { a: 1 });
      for (const [stream, text] of [
        ['stdout', 'to stdout'],
        ['stderr', 'to stderr'],
      ] as const) {
        const found = lines.filter((line) => line.stream === stream).map((line) => ({ ...line }));
        assert.deepEqual(found, [{ task: 'print', label: 'print[knn]', stream, text }], `lines of ${stream}`);
      }
    },
  },
];

/** Cases about attempts that fail, time out or are aborted, and about closing. */
export const failureCases: readonly Case<RunnerSubject>[] = [
  {
    name: 'resolves with the error of a step that throws',
    async run(subject) {
      const { error, retryable } = failure(await subject.runner.run(taskOf(subject, 'fail'), {}));
      assert.deepEqual([error.name, error.message, retryable], ['RangeError', 'out of range ✗', true]);
    },
  },
  {
    name: 'says that a NonRetryableError is not worth another attempt',
    async run(subject) {
      const { error, retryable } = failure(await subject.runner.run(taskOf(subject, 'refuse'), {}));
      assert.deepEqual([error.message, retryable], ['never again', false]);
    },
  },
  {
    name: 'resolves also when what is thrown is no Error',
    async run(subject) {
      const { error } = failure(await subject.runner.run(taskOf(subject, 'toss'), {}));
      assert.match(error.message, /a string/);
    },
  },
  {
    name: 'fails a step that assigns what cannot be stored, names the field, and does not ask for a retry',
    async run(subject) {
      const { error, retryable } = failure(await subject.runner.run(taskOf(subject, 'unstorable'), {}));
      assert.match(error.message, /handler/);
      assert.equal(retryable, false, 'whether it is worth another attempt');
    },
  },
  {
    name: 'stops a step that waits for ever at its timeout',
    async run(subject) {
      const { cancelled } = failure(await subject.runner.run(taskOf(subject, 'hang', { timeoutMs: TIMEOUT }), {}));
      assert.notEqual(cancelled, true, 'a timeout is a failure, not a cancellation');
      const next = await subject.runner.run(taskOf(subject, 'assign'), {});
      assert.equal(next.ok, true, 'the next task');
    },
  },
  {
    name: 'stops a busy loop at its timeout',
    needs: ['isolation'],
    async run(subject) {
      failure(await subject.runner.run(taskOf(subject, 'spin', { timeoutMs: TIMEOUT }), {}));
      const next = await subject.runner.run(taskOf(subject, 'assign'), {});
      assert.equal(next.ok, true, 'the next task');
    },
  },
  {
    name: 'outlives a step that ends its process',
    needs: ['isolation'],
    async run(subject) {
      failure(await subject.runner.run(taskOf(subject, 'exit'), {}));
      const next = await subject.runner.run(taskOf(subject, 'assign'), {});
      assert.equal(next.ok, true, 'the next task');
    },
  },
  {
    name: 'resolves as cancelled when it is aborted, before or on the way',
    async run(subject) {
      const before = { signal: AbortSignal.abort(new Error('stop')) };
      assert.equal(
        failure(await subject.runner.run(taskOf(subject, 'hang'), before)).cancelled,
        true,
        'aborted before',
      );
      const controller = new AbortController();
      const running = subject.runner.run(taskOf(subject, 'hang'), { signal: controller.signal });
      setTimeout(() => controller.abort(new Error('stop')), 200);
      assert.equal(failure(await running).cancelled, true, 'aborted on the way');
    },
  },
  {
    name: 'can be closed twice',
    async run({ runner }) {
      await runner.close?.();
      await runner.close?.();
    },
  },
];
