import { describe, expect, it } from 'vitest';
import { CACHED, EXECUTED, session } from '../harness/session.ts';

/** One step reads files and variables, and leaves some of them out; another one reads the same and leaves out nothing. */
const members = (inputs: string) => `a!: string; b!: string;
  @step({ inputs: ${inputs} }) some() { this.a = look('some'); }
  @step() all() { this.b = look('all'); }`;
const LOOK = `const look = (dir: string) => [fs.readFileSync('data/a.txt', 'utf8'), fs.readFileSync('logs/x.log', 'utf8'),
  process.env.BUILD, process.env.SHOP, Object.keys(process.env).includes('NEW')].join();`;
const FILES = { 'data/a.txt': 'a', 'logs/x.log': 'x' };
const ENV = { BUILD: '1', SHOP: 'one' };
const LEFT_OUT = "{ env: { exclude: ['BUILD', 'NEW*'] }, files: { exclude: ['logs/**'] } }";

describe.each(['threads', 'process', 'inline'])('inputs of a step with the runner %s', (runner) => {
  it('leave out what it says, and of no other step', async () => {
    const { run, edit } = session(members(LEFT_OUT), FILES, LOOK, true);
    const args = ['--runner', runner];
    await run(args, { env: ENV });
    const statuses = async (env: Record<string, string> = {}) => (await run(args, { env: { ...ENV, ...env } })).status;
    expect(await statuses()).toEqual({ some: CACHED, all: CACHED });
    expect(await statuses({ BUILD: '2' })).toEqual({ some: CACHED, all: EXECUTED });
    expect(await statuses({ NEWS: '2' })).toEqual({ some: CACHED, all: EXECUTED });
    edit({ 'logs/x.log': 'y' });
    expect(await statuses()).toEqual({ some: CACHED, all: EXECUTED });
    expect(await statuses({ SHOP: 'two' })).toEqual({ some: EXECUTED, all: EXECUTED });
    expect(await statuses({ OTHER: 'two' })).toEqual({ some: EXECUTED, all: EXECUTED });
    edit({ 'data/a.txt': 'b' });
    expect(await statuses()).toEqual({ some: EXECUTED, all: EXECUTED });
  });
});

describe('inputs of a step', () => {
  const flow = (inputs: string) => ({
    'flow.ts': `import { Flow, step } from 'varve';\nimport fs from 'node:fs';\n${LOOK}\nexport default class Between extends Flow {\n${members(inputs)}\n}\n`,
  });

  it('are no code: a change of them is one of an option', async () => {
    const { run, edit } = session(members(LEFT_OUT), FILES, LOOK);
    await run();
    edit(flow("{ files: { exclude: ['logs/**'] } }"));
    const { run: again, status } = await run();
    expect(status).toEqual({ some: EXECUTED, all: CACHED });
    expect(again.tasks.find(({ step }) => step === 'some')?.why).toMatch(/^OPTION /);
    edit(flow(LEFT_OUT));
    expect((await run()).status).toEqual({ some: CACHED, all: CACHED });
  });

  it('are added to what the config says', async () => {
    const { run, edit } = session(
      members("{ files: { exclude: ['logs/**'] } }"),
      {
        ...FILES,
        'varve.config.mjs': "export default { inputs: { files: { exclude: ['data'] } } };\n",
      },
      LOOK,
    );
    await run();
    edit({ 'data/a.txt': 'b' });
    expect((await run()).status).toEqual({ some: CACHED, all: CACHED });
    edit({ 'logs/x.log': 'z' });
    expect((await run()).status).toEqual({ some: CACHED, all: EXECUTED });
  });
});
