import { readdirSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FLOW = `import { Flow, param, step } from 'varve';
export default class Others extends Flow {
  size = param.int(3); half = this.size / 2; models = param.json<string[]>({ default: ['a', 'b', 'c'] });
  text!: string; made!: string; score!: string; big!: Uint8Array;
  @step() load() { this.text = 'half of it: ' + this.half; }
  @step({ after: 'load', foreach: 'models' }) train(model: string) { this.made = 'made of ' + model; }
  @step({ after: 'train' }) rate() { this.score = 'rated ' + this.made; }
  @step({ join: 'rate' }) end(tasks: readonly { readonly score: string }[]) { this.text = tasks.map((t) => t.score).join(', '); }
}
`;

interface Spun {
  readonly label: string;
  readonly status: string;
  readonly artifacts: readonly { readonly name: string; readonly change: string }[];
}

const project = new Project({ 'others.ts': FLOW });
const varve = (...args: string[]) => project.varve(args);
async function spin(code: number, ...args: string[]): Promise<Spun> {
  return JSON.parse(expectCode(await varve('spin', ...args, '--json'), code).stdout) as Spun;
}
const changes = ({ artifacts }: Spun) => Object.fromEntries(artifacts.map(({ name, change }) => [name, change]));

beforeAll(async () => {
  await outcomeOf(project, ['run', 'others.ts']);
});

describe('varve spin --keep with other values', () => {
  const kept = new Project({ 'others.ts': FLOW });
  beforeAll(async () => {
    await outcomeOf(kept, ['run', 'others.ts']);
  });
  const keep = async (...args: string[]) => expectCode(await kept.varve(['spin', ...args, '--keep']), 0);

  it('passes a set parameter, and its run shows that value', async () => {
    await keep('load', '--set', 'size=8');
    expect(await artifactOf(kept, 'Others/2', 'text')).toBe('half of it: 4');
    expect(await artifactOf(kept, 'Others/2', 'half')).toBe(4);
    expect(expectCode(await kept.varve(['list', '--param', 'size=8']), 0).stdout).toContain('Others/2');
    expect(expectCode(await kept.varve(['list', '--param', 'size=3']), 0).stdout).not.toContain('Others/2');
  });

  it('passes a set artifact, and another element', async () => {
    await keep('rate[b]', '--set', 'made="new"');
    expect(await artifactOf(kept, 'Others/3', 'score')).toBe('rated new');
    await keep('train[b]', '--element', '"x"');
    expect(await artifactOf(kept, 'Others/4', 'made')).toBe('made of x');
  });
});

describe('varve spin after a list has changed', () => {
  it('matches inputs by element, not by index', async () => {
    const moved = await spin(0, 'rate[b]', '--set', 'models=["b","a"]');
    expect(changes(moved)).toEqual({ score: 'same' });
    const { stdout } = expectCode(await varve('spin', 'rate[b]', '--set', 'models=["b","a"]', '--set', 'made=1'), 0);
    expect(stdout).toContain("'rated made of b' → 'rated 1'");
  });

  it('has no inputs for a new element, and nothing to compare it with', async () => {
    const none = expectCode(await varve('spin', 'rate[z]', '--set', 'models=["z","a"]'), 5);
    expect(none.stderr).toContain('rate[a]');
    expect(changes(await spin(0, 'train[z]', '--set', 'models=["z","a"]'))).toEqual({ made: 'new' });
  });
});

describe('the output of varve spin', () => {
  const printing = (text: string) => `import { Flow, step } from 'varve';
console.log('as it is loaded');
export default class Printing extends Flow {
  big!: string; other!: number;
  @step() only() { this.big = '${text}'.repeat(30_000); this.other = 1; if ('${text}' === 'z') throw new Error('no z'); }
}
`;
  const loud = new Project({ 'printing.ts': printing('x') });
  beforeAll(async () => {
    await outcomeOf(loud, ['run', 'printing.ts']);
  });
  const spin = async (code: number, ...args: string[]) => expectCode(await loud.varve(['spin', 'only', ...args]), code);

  it('contains only the result, not what the flow prints on loading', async () => {
    const { stdout, stderr } = await spin(0, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'succeeded' });
    expect(stderr).toContain('as it is loaded');
  });

  it('lists no artifacts of a failed task', async () => {
    loud.write('printing.ts', printing('z'));
    expect(JSON.parse((await spin(1, '--json')).stdout)).toMatchObject({ status: 'failed', artifacts: [] });
  });

  it('is complete although the old artifacts are lost', async () => {
    loud.write('printing.ts', printing('y'));
    const objects = loud.path('.varve/store/cas/sha256');
    for (const folder of readdirSync(objects)) rmSync(`${objects}/${folder}`, { recursive: true });
    const { stdout } = await spin(0);
    expect(stdout).toContain('≠ big');
    expect(stdout).toContain('what it had written cannot be read: An artifact is gone');
    expect(stdout).toContain('= other');
  });
});
