import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FLOW = `import { appendFileSync, existsSync } from 'node:fs';
import { Flow, param, step, type View } from 'varve';
export default class Options extends Flow {
  folds = param.int(3);
  name = param.string();
  where = param.url('https://example.org/a');
  weights = param.json<{ a: string }>({ a: 'x' });
  notes = param.file();
  list = ['knn', 'tree'].slice(0, this.folds);
  loaded!: string; score!: string; sent!: number; report!: string;
  @step() load() { this.loaded = this.name + ' ' + this.where + ' ' + this.weights.a + ' ' + new TextDecoder().decode(this.notes); }
  @step({ after: 'load', foreach: 'list' }) train(model: string) { this.score = model + this.folds; }
  @step({ join: 'train' }) gather(tasks: readonly View<Options>[]) { this.report = tasks.map((task) => task.score).join(' '); }
  @step({ after: 'gather', effect: true }) send() { appendFileSync('sent.txt', 'x'); this.sent = this.folds; }
  @step({ after: 'send' }) last() {
    if (existsSync('broken')) throw new Error('broken');
    this.report += ' ' + this.loaded;
  }
}
`;
const OTHER = `import { Flow, step } from 'varve';
export class Other extends Flow { @step() load() {} }
`;

describe('the options of varve resume', () => {
  const project = new Project({ 'flows/options.ts': FLOW, 'other.ts': OTHER, 'notes.txt': 'noted', broken: '' });
  const from = ['--name', 'ada', '--weights', '{"a":"w"}', '--where', 'https://host.test/', '--notes', 'notes.txt'];
  const refused = async (code: number, ...args: string[]) => {
    const result = expectCode(await project.varve(['resume', 'Options/1', ...args]), code);
    expectNoStack(result);
    expect(result.stdout).toBe('');
    return result.stderr;
  };
  beforeAll(async () => {
    await outcomeOf(project, ['run', 'flows/options.ts', ...from], 1);
  });

  it('are checked before a run starts', async () => {
    expect(await refused(2, '--from', 'tran')).toMatch(/VARVE_RESUME_OPTION[\s\S]*Did you mean 'train'/);
    expect(await refused(2, '--from', 'train[forest]')).toMatch(/there was no such task[\s\S]*train/);
    expect(await refused(2, '--trust', 'blindly')).toMatch(/verify, position/);
    expect(await refused(2, '--set', 'folds')).toContain('VARVE_USAGE');
    expect(await refused(2, '--set', 'fold=2')).toMatch(/Did you mean 'folds'/);
    expect(await refused(2, '--set', 'folds=many')).toContain('VARVE_PARAMETERS');
    expect(await refused(2, '--folds', '4')).toMatch(/unknown option '--folds'/);
    expect(await refused(2, '--file', 'other.ts#Other')).toMatch(/Options\/1 cannot go on as Other/);
    expect(expectCode(await project.varve(['resume', 'Options/9']), 5).stderr).toContain('VARVE_NO_RUN');
    const { runs } = await project.json<{ runs: unknown[] }>('list', '--json');
    expect(runs.length).toBe(1);
  });

  it('keep parameters of every kind', async () => {
    const { executed } = await outcomeOf(project, ['resume', 'Options/1'], 1);
    expect(executed).toEqual([]);
    project.write('notes.txt', 'changed since');
    const set = await outcomeOf(project, ['resume', 'Options/1', '--set', 'folds=1'], 1);
    // The list is derived from the parameter.
    expect(Object.keys(set.tasks).filter((task) => task.startsWith('train'))).toEqual(['train[0]']);
    expect(set.tasks).toMatchObject({ load: 'cached', send: 'cloned' });
    const kept = set.warnings.filter((warning) => !warning.includes('its result is cached all the same'));
    expect(kept).toEqual([expect.stringMatching(/^send is kept .*what leads to it has changed/)]);
    expect(await artifactOf(project, '@last', 'loaded')).toBe('ada https://host.test/ w noted');
    const { run } = await project.json<{ run: { parameters: Record<string, string> } }>('show', '@last', '--json');
    expect(run.parameters).toMatchObject({ folds: '1', name: 'ada' });
  });

  it('execute the step of --from and all later ones again, also effects', async () => {
    const before = project.read('sent.txt').length;
    const { executed } = await outcomeOf(project, ['resume', 'Options/1', '--from', 'gather'], 1);
    expect(executed).toEqual(['gather', 'send']);
    expect(project.read('sent.txt').length).toBe(before + 1);
  });

  it('execute one element of --from by its name or index', async () => {
    for (const element of ['train[tree]', 'train[1]']) {
      const { executed, tasks } = await outcomeOf(project, ['resume', 'Options/1', '--from', element], 1);
      expect(executed, element).toEqual(['train[1]']);
      expect(tasks).toMatchObject({ 'train[0]': 'cloned', gather: 'cloned', send: 'cloned' });
    }
  });

  it('work from another folder, and with a moved file', async () => {
    project.write('moved/options.ts', project.read('flows/options.ts'));
    const there = await project.varve(['resume', 'Options/1', '--json'], {}, { cwd: 'flows' });
    // The step looks for the file that breaks it in the working directory of the command, which is an input therefore.
    expectCode(there, 0);
    expect(there.stdout).toContain('"cloned"');
    project.write('flows/options.ts', 'export const nothing = 1;\n');
    expect(await refused(3)).toContain('VARVE_NO_FLOW');
    rmSync(project.path('broken'));
    const { executed, tasks } = await outcomeOf(project, ['resume', 'Options/1', '--file', 'moved/options.ts']);
    expect(executed).toEqual(['last']);
    expect(tasks).toMatchObject({ load: 'cloned', send: 'cloned' });
  });
});

const GROWN = (more: string) => `import { Flow, param, step } from 'varve';
export default class Grown extends Flow {
  a = param.int(1);
  ${more}
  sum!: number;
  @step() only() { ${more ? 'this.sum = this.a + this.b;' : "throw new Error('broken');"} }
}
`;

it('varve resume takes the default of a new parameter, and requires --set without one', async () => {
  const project = new Project({ 'grown.ts': GROWN('') });
  await outcomeOf(project, ['run', 'grown.ts', '--a', '5'], 1);
  project.write('grown.ts', GROWN('b = param.int();'));
  const asked = expectCode(await project.varve(['resume']), 2);
  expect(asked.stderr).toMatch(/VARVE_PARAMETERS[\s\S]*b is required/);
  expect(asked.stderr).toContain('--set');
  await outcomeOf(project, ['resume', '--set', 'b=2']);
  expect(await artifactOf(project, '@last', 'sum')).toBe(7);
  project.write('grown.ts', GROWN('b = param.int(10);'));
  await outcomeOf(project, ['resume', 'Grown/1']);
  expect(await artifactOf(project, '@last', 'sum')).toBe(15);
});

it('varve resume rejects other parameters for a run that stopped before its first task was stored', async () => {
  const broken = GROWN('b = param.int(1);').replace(
    'sum!: number;',
    "sum = ((): number => { throw new Error('no'); })();",
  );
  const project = new Project({ 'grown.ts': GROWN('b = param.int(1);') });
  const guard = broken.replace("throw new Error('no');", "if (this.a === 5) throw new Error('no'); return 0;");
  project.write('grown.ts', guard);
  await outcomeOf(project, ['run', 'grown.ts', '--a', '5'], 1);
  project.write('grown.ts', GROWN('b = param.int(1);'));
  const nothing = expectCode(await project.varve(['resume']), 5);
  expect(nothing.stderr).toMatch(/VARVE_NOTHING_TO_RESUME[\s\S]*varve run grown.ts, with a=5/);
});
