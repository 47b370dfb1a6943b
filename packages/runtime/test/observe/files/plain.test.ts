import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openProject, type Project } from './observed.ts';
import { calls, RECORD, TREE } from './random-calls.ts';

/** The same calls in an observed thread and in one of plain Node, on two copies of a tree. */
let observed: Project;
let plain: Project;
beforeAll(async () => {
  [observed, plain] = await Promise.all([openProject(), openProject({}, { isObserved: false })]);
});
beforeEach(() => {
  observed.reset(TREE);
  plain.reset(TREE);
});
afterAll(() => Promise.all([observed.close(), plain.close()]));

it.each(Array.from({ length: 60 }, (_, seed) => seed))('behaves as plain Node does (seed %i)', async (seed) => {
  const code = `${RECORD}${calls(seed, 25)}\nresult.push(await fsp.readdir(ROOT, { recursive: true }).then((all) => all.filter((one) => !one.startsWith('.varve')).sort(), () => []));`;
  const answer = await observed.run(code);
  expect(answer.error).toBeUndefined();
  expect(answer.result).toEqual((await plain.run(code)).result);
  expect(answer.unrecorded ?? '').not.toContain('could not be observed');
});

it('looks like plain Node', async () => {
  const code = `
    const shape = (all) => Object.entries(all).filter(([, one]) => typeof one === 'function').map(([name, one]) =>
      [name, one.name, one.length, Reflect.ownKeys(one).filter((key) => key !== 'prototype').map(String).sort()]);
    export const result = [shape(fs), shape(fsp), fs.promises === fsp, fs === require('fs'), fsp === require('fs/promises'), Object.keys(fs).length];`;
  expect((await observed.run(code)).result).toEqual((await plain.run(code)).result);
});

it('leaves rejections that nobody handles unhandled', async () => {
  const code = `
    const caught = new Promise((done) => process.once('unhandledRejection', (error) => done(error.code)));
    fsp.readFile(ROOT + '/no');
    export const result = await caught;`;
  expect((await observed.run(code)).result).toBe('ENOENT');
});

it('keeps the frames of the code that waits', async () => {
  const code = `
    async function waiting() { return await fsp.readFile(ROOT + '/no'); }
    export const result = await waiting().catch((error) => error.stack.includes('waiting'));`;
  expect((await observed.run(code)).result).toBe(true);
});
