import { expect, it } from 'vitest';
import { session } from '../harness/session.ts';

it('what several steps call is told of the first one at once, and of all others in one sentence', async () => {
  const { run } = session(
    `a!: string; b!: string; c!: string; d!: string;
    @step() one() { this.a = String(execFileSync('echo', ['a'])); }
    @step({ after: 'one' }) two() { this.b = String(execFileSync('echo', ['b'])); }
    @step({ after: 'two' }) three() { this.c = String(execSync('echo c')); }
    @step({ after: 'three' }) four() { this.d = String(Math.random()); }`,
    {},
    `import { execFileSync, execSync } from 'node:child_process';`,
  );
  const { warnings } = (await run()).run;
  expect(warnings).toEqual([
    expect.stringMatching(/^one calls child_process\.execFileSync \(flow\.ts:\d+\)/),
    expect.stringMatching(/^four calls Math\.random/),
    expect.stringMatching(/^so do two \(flow\.ts:\d+\) and three \(flow\.ts:\d+\) with child_process/),
  ]);
});

it('steps that run in a thread that another one has changed are named once', async () => {
  const { run } = session(
    `a!: number; b!: number; c!: number; d!: number;
    @step() one() { Math.hypot = () => 7; this.a = 1; }
    @step({ after: 'one' }) two() { this.b = 2; }
    @step({ after: 'two' }) three() { this.c = 3; }
    @step({ after: 'three' }) four() { this.d = 4; }`,
    {},
    '',
    true,
  );
  const { warnings } = (await run(['--runner', 'inline'])).run;
  expect(warnings).toEqual([
    expect.stringMatching(
      /^the result of two is not kept for other runs: .*one left a change \(Math\.hypot replaced\)/,
    ),
    expect.stringMatching(/^nor are results of three and four: .*one left a change/),
  ]);
});

it('a file that modules read after they have loaded is named as the reason, and in the next run as well', async () => {
  const { run } = session(
    `a!: number;\n  @step() async one() { await late; this.a = 1; }`,
    { 'in.txt': 'x' },
    `const late = new Promise((done) => setTimeout(() => done(fs.readFileSync('in.txt')), 200));`,
  );
  const why = 'its modules looked at in.txt after they had been loaded';
  expect((await run()).run.warnings.join()).toContain(why);
  const [task] = (await run()).run.tasks.filter(({ step }) => step === 'one');
  expect(task?.why).toBe(`NO_RECORD the last result was not kept: ${why}`);
});

it('a variable counts when the text for a shell puts it in, and not when a started program reads it', async () => {
  const { run } = session(
    `a!: string; b!: string;
    @step() shell() { this.a = String(execSync('echo $REGION')); }
    @step() program() { this.b = String(execFileSync(process.execPath, ['-p', 'process.env.REGION'])); }`,
    {},
    `import { execFileSync, execSync } from 'node:child_process';`,
  );
  await run([], { env: { REGION: 'eu' } });
  const other = await run([], { env: { REGION: 'us' } });
  expect(other.status).toMatchObject({ shell: 'succeeded', program: 'cached' });
});
