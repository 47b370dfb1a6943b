import { expect, it } from 'vitest';
import { EXECUTED, expectSameResults, session } from '../harness/session.ts';

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
