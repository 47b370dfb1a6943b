import { settle } from '@varve/test-support';
import { expect, it } from 'vitest';
import { Semaphore } from '../../src/store-kit/semaphore.ts';

/** An action that ends when the test says so. */
function held() {
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { act: () => ended, end };
}

it('lets so many actions run at once, and the others in the order of their coming', async () => {
  const semaphore = new Semaphore(2);
  const begun: number[] = [];
  const actions = [0, 1, 2, 3].map(held);
  const all = actions.map(({ act }, i) =>
    semaphore.pass(() => {
      begun.push(i);
      return act();
    }),
  );
  await settle();
  expect(begun).toEqual([0, 1]);
  actions[1]?.end();
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  for (const { end } of actions) end();
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('gives the place of one that fails to the next', async () => {
  const semaphore = new Semaphore(1);
  const failed = semaphore.pass(() => Promise.reject(new Error('no')));
  const next = semaphore.pass(async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

it('rejects who waits as soon as its signal aborts, and takes nobody else his turn', async () => {
  const semaphore = new Semaphore(1);
  const first = held();
  const running = semaphore.pass(first.act);
  const { signal, abort } = controlled();
  const left = semaphore.pass(async () => 'never', { signal });
  const stays = semaphore.pass(async () => 'here');
  const reason = new Error('enough');
  abort(reason);
  await expect(left).rejects.toBe(reason);
  await expect(semaphore.pass(async () => 'never', { signal })).rejects.toBe(reason);
  first.end();
  await running;
  expect(await stays).toBe('here');
});

function controlled() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: Error) => controller.abort(reason) };
}
