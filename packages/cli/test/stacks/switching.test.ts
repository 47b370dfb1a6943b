import { describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project } from '../support/project.ts';

const FLOW = `import { Flow, step } from 'varve';
export default class Kept extends Flow {
  rows!: Map<string, Uint8Array>; total!: number;
  @step() load() { this.rows = new Map([['a', Uint8Array.of(1, 2)], ['b', Uint8Array.of(3)]]); }
  @step({ after: 'load' }) sum() { this.total = [...this.rows.values()].reduce((t, v) => t + v.length, 0); }
}
`;
const IMPORTS = `import { superjson } from '@varve/serializer-superjson';
import { msgpack } from '@varve/serializer-msgpack';
import { blake3 } from '@varve/hasher-blake3';
`;

/** A project whose config changes from run to run. */
class Switching {
  readonly project = new Project({ 'flow.ts': FLOW });

  async run(config: string): Promise<number> {
    this.config(config);
    const events = await this.project.events(['flow.ts']);
    return events.filter((one) => one.type === 'task-started').length;
  }

  config(config: string): void {
    this.project.write('varve.config.ts', `${IMPORTS}export default ${config};\n`);
  }

  get(task: string, name: string) {
    return this.project.varve(['artifacts', 'get', task, name]);
  }
}

const STACKS = [
  '{}',
  '{ serializer: superjson(), readers: [msgpack(), blake3()] }',
  '{ serializer: msgpack(), hasher: blake3(), readers: [superjson()] }',
  '{ hasher: blake3(), readers: [msgpack(), superjson()] }',
];

describe('a stack whose serializer and hasher change', () => {
  it('reads what every earlier stack has written, and takes no result of another', async () => {
    const one = new Switching();
    for (const [at, stack] of STACKS.entries()) {
      expect(await one.run(stack), stack).toBe(2);
      expect(await one.run(stack), `${stack} again`).toBe(0);
      // Two runs with each stack so far: the first of them are 1, 3, 5, …
      for (let run = 1; run <= 2 * at + 1; run += 2) {
        const { stdout } = expectCode(await one.get(`Kept/${run}/load`, 'rows'), 0);
        expect(stdout, `run ${run} with ${stack}`).toContain('a');
      }
    }
  }, 120_000);

  it('says which reader is missing', async () => {
    const one = new Switching();
    await one.run('{ serializer: msgpack(), hasher: blake3() }');
    one.config('{}');
    const first = expectCode(await one.get('Kept/1/load', 'rows'), 4);
    expectNoStack(first);
    expect(first.stderr).toMatch(/blake3.*readers: \[theHasher\(\)\]/s);
    one.config('{ readers: [blake3()] }');
    const second = expectCode(await one.get('Kept/1/load', 'rows'), 4);
    expectNoStack(second);
    expect(second.stderr).toMatch(/msgpack\/1.*readers: \[theSerializer\(\)\]/s);
  });

  it('names every reader that is none', async () => {
    const one = new Switching();
    one.config('{ readers: [msgpack, 3, superjson()] }');
    const { stderr } = expectCode(await one.project.varve(['run', 'flow.ts']), 4);
    expect(stderr).toContain('readers[0] is a function, not a plugin');
    expect(stderr).toContain('readers[1] is not a plugin');
    one.config('{ readers: msgpack() }');
    expect((await one.project.varve(['list'])).stderr).toContain('readers is not a list');
  });

  it('resumes a run of another stack, and executes its steps again', async () => {
    const one = new Switching();
    one.project.write(
      'flow.ts',
      FLOW.replace('this.total =', "if (process.env.FAIL) throw new Error('no'); this.total ="),
    );
    one.config('{ serializer: superjson() }');
    expectCode(await one.project.varve(['run', 'flow.ts'], { FAIL: '1' }), 1);
    one.config('{ serializer: msgpack(), hasher: blake3(), readers: [superjson()] }');
    const { stderr } = expectCode(await one.project.varve(['resume']), 0);
    expect(stderr).toContain('load  started   ← runtime: serializer, hasher changed');
    expect(expectCode(await one.get('Kept/2/sum', 'total'), 0).stdout.trim()).toBe('3');
  });
});
