import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FLOW = `import { appendFileSync } from 'node:fs';
import { Flow, param, step } from 'varve';
import { scale } from './scale.ts';
interface Seen { readonly made: number; readonly text: string }
export default class Spun extends Flow {
  size = param.int(3); half = this.size / 2; groups = [['a', 'b'], ['c']];
  rows!: number[]; big!: Uint8Array; row!: number; made!: number; text!: string; sent!: string; luck!: number;
  @step() load() { this.rows = Array.from({ length: this.size }, (_, i) => i + 1); this.big = new Uint8Array(40_000).fill(7); }
  @step({ after: 'load', foreach: 'rows', cache: false }) each(row: number, index: number) {
    console.log('row', row);
    if (scale === 0 && row > 1) throw new Error('cannot scale ' + row);
    this.made = row * scale + index; this.luck = this.random();
    this.big = this.big.map((b) => b + row);
  }
  @step({ join: 'each' }) sum(tasks: readonly Seen[]) { this.text = tasks.map((t) => t.made).join(' '); }
  @step({ after: 'sum', effect: true }) send() { appendFileSync('sent.txt', 'x'); this.sent = this.text; }
  @step({ after: 'load', when: 'half' }) left() { this.text = 'left ' + this.half; }
  @step({ after: ['sum', 'left'] }) meet(inputs: { readonly sum: Seen; readonly left: Seen }) {
    this.text = inputs.sum.text + ' | ' + inputs.left.text + ' | ' + this.rows.length;
  }
  @step({ after: 'load', foreach: 'groups' }) group(names: string[]) { this.made = names.length; }
  @step({ after: 'group', foreach: 'rows' }) inner(row: number) { this.row = row * 100 + this.made; }
  @step({ join: 'inner' }) innerEnd(tasks: readonly { readonly row: number }[]) { this.rows = tasks.map((t) => t.row); }
  @step({ join: 'innerEnd' }) end(tasks: readonly { readonly rows: number[] }[]) { this.rows = tasks.flatMap((t) => t.rows); }
}
`;
const scaled = (scale: number) => ({ 'scale.ts': `export const scale = ${scale};\n` });

interface Spun {
  readonly label: string;
  readonly status: string;
  readonly error?: { readonly message: string };
  readonly artifacts: readonly { readonly name: string; readonly change: string }[];
}

const project = new Project({ 'spun.ts': FLOW, ...scaled(10) });
const varve = (...args: string[]) => project.varve(args);
async function spin(code: number, ...args: string[]): Promise<Spun> {
  return JSON.parse(expectCode(await varve('spin', ...args, '--json'), code).stdout) as Spun;
}
const changes = ({ artifacts }: Spun) => Object.fromEntries(artifacts.map(({ name, change }) => [name, change]));

/** All objects of the store with their bytes. */
function storeOf(): string {
  const hash = createHash('sha256');
  const root = project.path('.varve/store');
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('live')) continue;
    hash.update(`${file}\n`);
    try {
      hash.update(readFileSync(join(root, file)));
    } catch {}
  }
  return hash.digest('hex');
}

beforeAll(async () => {
  await outcomeOf(project, ['run', 'spun.ts']);
});

describe('varve spin of one task', () => {
  it.each([
    ['load', { big: 'same', rows: 'same' }],
    ['each[2]', { big: 'same', luck: 'same', made: 'same' }],
    ['sum', { text: 'same' }],
    ['left', { text: 'same' }],
    ['meet', { text: 'same' }],
    ['group[1]', { made: 'same' }],
    ['inner[1,2]', { row: 'same' }],
    ['innerEnd[0]', { rows: 'same' }],
    ['end', { rows: 'same' }],
  ])('of %s gives the same artifacts again, and writes nothing', async (task, expected) => {
    const before = storeOf();
    expect(changes(await spin(0, task, '--from', 'Spun/1'))).toEqual(expected);
    expect(storeOf()).toBe(before);
  });

  it('shows the artifacts of changed code', async () => {
    project.write('scale.ts', scaled(20)['scale.ts']);
    const before = storeOf();
    const { stdout, stderr } = expectCode(await varve('spin', 'each[1]', '--from', 'Spun/1'), 0);
    project.write('scale.ts', scaled(10)['scale.ts']);
    expect(stderr).toContain('each[2#1] │ row 2');
    expect(stdout).toContain('≠ made');
    expect(stdout).toContain('21 → 41');
    expect(stdout).toContain('= luck');
    expect(stdout).toContain('= big');
    expect(stdout).toContain('nothing was written');
    expect(storeOf()).toBe(before);
    expect(await artifactOf(project, '@last/end', 'rows')).toEqual([102, 202, 302, 101, 201, 301]);
  });
});

describe('varve spin with replaced values', () => {
  it('takes artifacts from JSON or a file, elements, and parameters with the fields derived from them', async () => {
    project.write('rows.json', '[5]');
    const text = async (...args: string[]) => expectCode(await varve('spin', ...args), 0).stdout;
    expect(await text('meet', '--set', 'rows=[]')).toContain("'10 21 32 | left 1.5 | 3' → '10 21 32 | left 1.5 | 0'");
    expect(await text('meet', '--set', 'rows=@rows.json')).toContain('| 1');
    expect(await text('each[0]', '--element', '7')).toContain('10 → 70');
    expect(await text('left', '--set', 'size=8')).toContain("'left 1.5' → 'left 4'");
  });

  it('reports all unreadable values at once', async () => {
    const bad = expectCode(await varve('spin', 'meet', '--set', 'rows=abc', '--set', 'text=@no.json'), 2);
    expect(bad.stderr).toContain('rows:');
    expect(bad.stderr).toContain('text:');
    expect(expectCode(await varve('spin', 'left', '--set', 'size=many'), 2).stderr).toContain('whole number');
    expect(expectCode(await varve('spin', 'sum', '--element', '1'), 2).stderr).toContain('not a foreach');
    expect(expectCode(await varve('spin', 'sum', '--set', 'rows'), 2).stderr).toContain('name and a value');
    const odd = await varve('spin', 'meet', '--set', 'rwos=[]');
    expect(odd.stderr).toContain("Did you mean 'rows'?");
  });
});

it('varve spin executes an effect only with --effects', async () => {
  const sent = project.read('sent.txt');
  expect(expectCode(await varve('spin', 'send'), 2).stderr).toContain('VARVE_SPIN_EFFECT');
  expect(project.read('sent.txt')).toBe(sent);
  expect((await spin(0, 'send', '--effects')).status).toBe('succeeded');
  expect(project.read('sent.txt')).toBe(`${sent}x`);
});

it('varve spin reports unknown runs, steps and elements', async () => {
  for (const [args, text] of [
    [['nope'], 'no step'],
    [['each[9]'], 'each[1#0], each[2#1], each[3#2]'],
    [['sum', '--from', 'Spun/99'], 'VARVE_NO_RUN'],
    [['Spun/1/sum', '--from', 'Spun/1'], '--from names one too'],
  ] as const) {
    const result = await varve('spin', ...args);
    expect(result.code).not.toBe(0);
    expectNoStack(result);
    expect(result.stderr).toContain(text);
  }
});

describe('varve spin after a failed run', () => {
  const broken = new Project({ 'spun.ts': FLOW, ...scaled(0) });
  beforeAll(async () => {
    await outcomeOf(broken, ['run', 'spun.ts'], 1);
  });

  it('tries the failed element, and the run can be resumed once it is fixed', async () => {
    const failed = expectCode(await broken.varve(['spin', 'each']), 1);
    expect(failed.stderr).toContain('each[2#1] │ row 2');
    expect(failed.stdout).toContain('cannot scale 2');
    broken.write('scale.ts', scaled(3)['scale.ts']);
    const mended = expectCode(await broken.varve(['spin', 'each']), 0);
    expect(mended.stdout).toContain('varve resume Spun/1');
    const { executed } = await outcomeOf(broken, ['resume']);
    expect(executed).toEqual(expect.arrayContaining(['each[1]', 'each[2]', 'sum']));
  });

  it('reports why a task has no inputs', async () => {
    const early = expectCode(await broken.varve(['spin', 'sum', '--from', 'Spun/1']), 5);
    expect(early.stderr).toContain('VARVE_NO_INPUTS');
    expect(early.stderr).toContain('each[2#1] had not finished: failed');
  });

  it('tries a step and a field that are new in the code', async () => {
    const fresh = FLOW.replace("'c']];", "'c']]; extra = 'new';").replace(
      '@step({ join: ',
      "@step({ after: 'load' }) fresh() { this.text = this.extra + this.rows.length; }\n  @step({ join: ",
    );
    broken.write('spun.ts', fresh);
    const { stdout } = expectCode(await broken.varve(['spin', 'fresh', '--from', 'Spun/1']), 0);
    expect(stdout).toContain("'new3'");
    expect(stdout).toContain('Spun/1: not run');
    broken.write('spun.ts', FLOW);
  });

  it('uses the code of the run with --code stored', async () => {
    expectCode(await broken.varve(['spin', 'each[1]', '--from', 'Spun/1', '--code', 'stored']), 1);
    expectCode(await broken.varve(['spin', 'each[1]', '--from', 'Spun/1']), 0);
  });
});

describe('an attempt of varve spin --keep', () => {
  const kept = new Project({ 'spun.ts': FLOW, ...scaled(10) });
  beforeAll(async () => {
    await outcomeOf(kept, ['run', 'spun.ts']);
    kept.write('scale.ts', scaled(20)['scale.ts']);
    expectCode(await kept.varve(['spin', 'each[1]', '--keep', '--set', 'half=[1,2]']), 0);
    kept.write('scale.ts', scaled(0)['scale.ts']);
    expectCode(await kept.varve(['spin', 'each[2]', '--keep']), 1);
  });

  it('is in the history with its inputs, output and artifacts', async () => {
    expect(await artifactOf(kept, 'Spun/2', 'made')).toBe(41);
    expect(await artifactOf(kept, 'Spun/2', 'half')).toEqual([1, 2]);
    expect(expectCode(await kept.varve(['logs', 'Spun/2']), 0).stdout).toContain('row 2');
    expect(expectCode(await kept.varve(['show', 'Spun/3']), 0).stdout).toContain('cannot scale 3');
    expect(expectCode(await kept.varve(['show', 'Spun/3']), 0).stdout).toContain('spin of  Spun/1/each[3#2]');
    expect(expectCode(await kept.varve(['list']), 0).stdout).toContain('spin of Spun/1/each[2#1]');
    const { runs } = JSON.parse(expectCode(await kept.varve(['list', '--json']), 0).stdout);
    expect(runs.map(({ record }: { record: { spin?: string } }) => record.spin)).toEqual([
      ...['Spun/1/each[3#2]', 'Spun/1/each[2#1]', undefined],
    ]);
  });

  it('is neither @last nor a run to resume', async () => {
    expect(expectCode(await kept.varve(['show', '@last']), 0).stdout).toContain('Spun #1');
    expect(expectCode(await kept.varve(['resume']), 5).stderr).toContain('VARVE_NOTHING_TO_RESUME');
    expect(expectCode(await kept.varve(['resume', 'Spun/3']), 2).stderr).toContain('varve resume Spun/1');
    kept.write('scale.ts', scaled(10)['scale.ts']);
    const { executed } = await outcomeOf(kept, ['run', 'spun.ts']);
    expect([...executed].sort()).toEqual(['each[0]', 'each[1]', 'each[2]', 'send']);
  });

  it('survives varve gc with its inputs', async () => {
    expectCode(await kept.varve(['runs', 'rm', 'Spun/1']), 0);
    expectCode(await kept.varve(['gc', '--older', '0s', '--yes']), 0);
    expect(await artifactOf(kept, 'Spun/2', 'made')).toBe(41);
    expect(await artifactOf(kept, 'Spun/2', 'rows')).toEqual([1, 2, 3]);
  });
});

it('spin() can be called from code', async () => {
  project.write(
    'try.mjs',
    `import { client, spin } from 'varve';
const run = await client('Spun').run(1);
const lines = [];
const same = await spin(run, 'each[1]', { onLog: ({ text }) => lines.push(text) });
const other = await spin(run, 'meet', { set: { rows: [] } });
const element = await spin(run, 'each[0]', { element: 7, set: { size: 9 } });
const failing = await spin(run, 'sum', { set: { text: 1 } , code: 'stored' });
const wrong = await spin(run, 'nope').catch(({ code }) => code);
const effect = await spin(run, 'send').catch(({ code }) => code);
const kept = await spin(run, 'load', { keep: true });
const last = await client('Spun').last({ status: 'succeeded' });
console.log(JSON.stringify({
  same: [same.status, same.artifacts.made, same.changes.map(({ change }) => change), lines],
  other: [other.artifacts.text, other.changes], element: element.artifacts.made, failing: failing.status, wrong, effect,
  kept: [kept.kept, last.number], writes: kept.artifacts.rows,
}));
`,
  );
  const { stdout } = expectCode(await project.node('try.mjs'), 0);
  expect(JSON.parse(stdout)).toMatchObject({
    same: ['succeeded', 21, ['same', 'same', 'same'], ['row 2']],
    other: ['10 21 32 | left 1.5 | 0', [{ name: 'text', change: 'changed' }]],
    element: 70,
    failing: 'succeeded',
    wrong: 'VARVE_NO_TASK',
    effect: 'VARVE_SPIN_EFFECT',
    kept: ['Spun/2', 1],
    writes: [1, 2, 3],
  });
});

it('varve spin --inspect waits for a debugger, and has no timeout', async () => {
  const slow = (ms: number) => `import { Flow, step } from 'varve';
export default class Slow extends Flow {
  done!: number;
  @step({ timeout: 300 }) async load() { await new Promise((end) => setTimeout(end, ${ms})); this.done = 1; }
}
`;
  const looked = new Project({ 'slow.ts': slow(0) });
  await outcomeOf(looked, ['run', 'slow.ts']);
  looked.write('slow.ts', slow(600));
  const waiting = looked.start(['spin', 'load', '--inspect'], { NODE_OPTIONS: '--inspect-port=0' });
  await waiting.said('Debugger listening');
  const [, address = ''] = /ws:\/\/([\d.:]+)\//.exec(waiting.output.stderr) ?? [];
  const client = spawn(process.execPath, ['inspect', address], { stdio: ['pipe', 'ignore', 'ignore'] });
  await waiting.said('Waiting for the debugger to disconnect');
  client.kill('SIGKILL');
  expect(expectCode(await waiting.ended, 0).stdout).toContain('✔ load');
  expect(expectCode(await looked.varve(['spin', 'load']), 1).stdout).toContain('VARVE_TIMEOUT');
});
