import { expect, it } from 'vitest';
import { CACHED, EXECUTED, expectSameResults, session } from '../harness/session.ts';

it('a second attempt that asked for its number is no result of the first, which may not fail any more', async () => {
  const { run, edit, fresh } = session(
    `r!: string;
    @step({ retry: { times: 1, backoff: '1ms' } }) read() {
      if (this.run.attempt === 1) this.r = JSON.parse(fs.readFileSync(['in', 'json'].join('.'), 'utf8')).r;
      else this.r = 'otherwise';
    }`,
    { 'in.json': '{ half' },
  );
  await run();
  edit({ 'in.json': '{ "r": "whole" }' });
  const again = await run();
  expect(again.status.read).toBe(EXECUTED);
  expectSameResults(again, await fresh());
});

const RETRY = "retry: { times: 2, backoff: '1ms' }";
const NAME = "['in', 'txt'].join('.')";

it('a result is found again whichever attempt made it, also when it tells the number', async () => {
  const { run, edit, fresh } = session(
    `a!: number; b!: string; c!: number;
    @step({ ${RETRY} }) read() { if (this.run.attempt < 3) throw new Error('not yet'); this.a = this.run.attempt; }
    @step({ after: 'read', ${RETRY} }) file() {
      const text = fs.readFileSync(${NAME}, 'utf8');
      if (this.run.attempt === 1) throw new Error('not yet');
      this.b = text;
    }
    @step({ after: 'file', ${RETRY} }) first() { this.c = this.run.attempt; }`,
    { 'in.txt': 'one' },
  );
  await run();
  const again = await run();
  expect(again.status).toMatchObject({ read: CACHED, file: CACHED, first: CACHED });
  edit({ 'in.txt': 'two' });
  const edited = await run();
  expect(edited.status).toMatchObject({ read: CACHED, file: EXECUTED, first: CACHED });
  expectSameResults(edited, await fresh());
});

it('a result that tells the number is not found again when the first attempt would not fail any more', async () => {
  const { run, project, fresh } = session(
    `r!: number;
    @step({ ${RETRY} }) read() {
      if (!fs.existsSync(${NAME})) { fs.writeFileSync(${NAME}, 'x'); throw new Error('not yet'); }
      this.r = this.run.attempt;
    }`,
  );
  await run();
  expect(project.read('in.txt')).toBe('x');
  const again = await run();
  expect(again.status.read).toBe(EXECUTED);
  expectSameResults(again, await fresh());
});

it('a result that tells the number is made again after an attempt of which nothing is known', async () => {
  const { run } = session(
    `r!: number;
    @step({ ${RETRY}, timeout: '300ms' }) async read() {
      if (this.run.attempt === 1) await new Promise((resolve) => setTimeout(resolve, 60_000));
      this.r = this.run.attempt;
    }`,
  );
  await run();
  expect((await run()).status.read).toBe(EXECUTED);
});
