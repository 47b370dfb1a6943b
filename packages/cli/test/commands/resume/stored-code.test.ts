import { existsSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { artifactOf, outcomeOf } from '../../support/outcome.ts';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FLOW = `import { existsSync } from 'node:fs';
import { Flow, step } from 'varve';
import { help } from '#lib/help.js';
import table from './data/table.json' with { type: 'json' };
import { scale } from '@acme/scale';
export default class Stored extends Flow {
  rows = table.rows; size!: number; text!: string;
  @step({ cache: false }) load() { this.size = help(this.rows) * scale; }
  @step({ after: 'load', foreach: 'rows' }) each(row: number) {
    if (row === 2 && existsSync('fail')) throw new Error('told to fail');
    this.text = row + ' of ' + this.size + ' ' + kind();
  }
  @step({ join: 'each' }) end(tasks: readonly { readonly text: string }[]) { this.text = tasks.map((t) => t.text).join(', '); }
}
class Kind { static own = 'static'; plain = 'field'; }
function kind() { return Object.keys(new Kind()).join(); }
`;
const FILES = {
  'package.json': '{ "name": "app", "type": "module", "imports": { "#lib/*": "./src/lib/*" } }\n',
  'tsconfig.json': '{ "compilerOptions": { "useDefineForClassFields": true } }\n',
  'src/flow.ts': FLOW,
  'src/lib/help.ts': "export { default as help } from './deep/sum.ts';\n",
  'src/lib/deep/sum.ts': 'export default (rows: number[]) => rows.reduce((a, b) => a + b, 0);\n',
  'src/data/table.json': '{ "rows": [1, 2, 3] }\n',
  'lib/scale/package.json': '{ "name": "@acme/scale", "type": "module", "exports": "./index.ts" }\n',
  'lib/scale/index.ts': 'export const scale = 10;\n',
};

describe('varve resume --code stored, after the sources have changed,', () => {
  const project = new Project(FILES);
  project.linkFolder('@acme/scale', 'lib/scale');
  const spoil = () => {
    project.write('src/lib/deep/sum.ts', 'export default () => 1000;\n');
    project.write('src/data/table.json', '{ "rows": [7] }\n');
    project.write('lib/scale/index.ts', 'export const scale = 99;\n');
    project.write('tsconfig.json', '{ "compilerOptions": { "useDefineForClassFields": false } }\n');
    project.write('src/flow.ts', "throw new Error('half a flow');\n");
    project.write('src/lib/help.js', "throw new Error('in the way');\n");
  };
  beforeAll(async () => {
    project.write('fail', '');
    await outcomeOf(project, ['run', 'src/flow.ts'], 1);
    rmSync(project.path('fail'));
    spoil();
  });

  it('compiles the stored code to the same bytes', async () => {
    const { tasks, warnings } = await outcomeOf(project, ['resume', 'Stored/1', '--code', 'stored']);
    expect(tasks).toMatchObject({ load: 'cloned', 'each[0]': 'cloned', 'each[1]': 'succeeded', end: 'succeeded' });
    expect(warnings.filter((text) => !text.includes('uses node:fs'))).toEqual([]);
    expect(await artifactOf(project, '@last', 'text')).toBe('1 of 60 plain, 2 of 60 plain, 3 of 60 plain');
    expect(bundleOf(await shown('Stored/2'))).toBe(bundleOf(await shown('Stored/1')));
  });

  it('executes all steps with the stored code with --from', async () => {
    const { tasks } = await outcomeOf(project, [
      'resume',
      'Stored/1',
      '--code',
      'stored',
      '--from',
      'load',
      '--cache',
      'off',
    ]);
    expect(tasks).toMatchObject({ load: 'succeeded', 'each[0]': 'succeeded', end: 'succeeded' });
    expect(await artifactOf(project, '@last', 'text')).toBe('1 of 60 plain, 2 of 60 plain, 3 of 60 plain');
  });

  it('stores results under the keys of the stored code, without warnings about changed files', async () => {
    const run = await outcomeOf(project, ['resume', 'Stored/1', '--code', 'stored']);
    expect(run.tasks).toMatchObject({ 'each[1]': 'cached', end: 'cached' });
    expect(run.warnings.filter((text) => !text.includes('uses node:fs'))).toEqual([]);
  });

  it('works from code', async () => {
    project.write(
      'again.mjs',
      `import { client, resume } from 'varve';
const run = await resume(await client('Stored').run(1), { code: 'stored', from: 'load' });
console.log(run.status, run.artifacts.text);
`,
    );
    const { stdout } = expectCode(await project.node('again.mjs'), 0);
    expect(stdout.trim()).toBe('succeeded 1 of 60 plain, 2 of 60 plain, 3 of 60 plain');
  });

  it('needs none of the files on disk', async () => {
    for (const name of ['src', 'tsconfig.json']) rmSync(project.path(name), { recursive: true });
    const { tasks } = await outcomeOf(project, [
      'resume',
      'Stored/1',
      '--code',
      'stored',
      '--from',
      'each[2]',
      '--cache',
      'off',
    ]);
    expect(tasks).toMatchObject({ load: 'cloned', 'each[2]': 'succeeded', end: 'succeeded' });
    expect(existsSync(project.path('src'))).toBe(false);
  });

  it('is complemented by varve code, which lists, prints and writes the stored code', async () => {
    const list = expectCode(await project.varve(['code', 'Stored/1']), 0).stdout;
    expect(list).toMatch(/src\/flow\.ts +\d+ B +gone/);
    expect(list).toMatch(/lib\/scale\/index\.ts +\d+ B +changed/);
    const one = expectCode(await project.varve(['code', 'Stored/1', 'src/lib/deep/sum.ts']), 0);
    expect(one.stdout).toBe(FILES['src/lib/deep/sum.ts']);
    expectCode(await project.varve(['code', 'Stored/1', '--output', 'out']), 0);
    for (const name of ['src/flow.ts', 'src/data/table.json', 'lib/scale/index.ts'] as const)
      expect(project.read(`out/${name}`)).toBe(FILES[name]);
    const json = JSON.parse(expectCode(await project.varve(['code', 'Stored/1', '--json']), 0).stdout);
    expect(json).toMatchObject({ v: 1, entry: 'src/flow.ts' });
  });

  it('refuses contradictory options and runs without code', async () => {
    const missing = await project.varve(['code', 'Stored/1', 'src/other.ts']);
    expect(missing.stderr).toContain('VARVE_NO_SUCH_FILE');
    const twice = expectCode(await project.varve(['resume', 'Stored/1', '--code', 'stored', '--file', 'x.ts']), 2);
    expect(twice.stderr).toContain('two different sources');
    expect(expectCode(await project.varve(['resume', 'Stored/1', '--code', 'old']), 2).stderr).toContain('now, stored');
    const full = await project.varve(['code', 'Stored/1', '--output', 'out']);
    expect(full.stderr).toContain('not empty');
  });

  async function shown(run: string) {
    return JSON.parse(expectCode(await project.varve(['show', run, '--json']), 0).stdout);
  }
});

describe('the stored code of a flow with files beside its project', () => {
  const flow = `import { Flow, step } from 'varve';
import { shared } from '../lib/shared.ts';
export default class Beside extends Flow {
  text!: string;
  @step() only() { this.text = shared; if (shared === 'broken') throw new Error('broken'); }
}
`;
  const files = {
    'packages/app/package.json': '{ "type": "module" }\n',
    'packages/app/flow.ts': flow,
    'packages/lib/shared.ts': "export const shared = 'broken';\n",
  };

  it.each([
    ['a project of its own', 'packages/app', undefined],
    ['a part of a larger one', '.', 'varve.config.mjs'],
  ])('can be %s', async (_, root, config) => {
    const project = new Project({ ...files, ...(config !== undefined && { [config]: 'export default {};\n' }) });
    const varve = (...args: string[]) => project.varve(args, {}, { cwd: 'packages/app' });
    expectCode(await varve('run', 'flow.ts'), 1);
    project.write('packages/lib/shared.ts', "export const shared = 'mended';\n");
    expectCode(await varve('resume', '--code', 'stored'), 1);
    const list = expectCode(await varve('code', '@last'), 0).stdout;
    expect(list).toContain(root === '.' ? 'packages/lib/shared.ts' : '../lib/shared.ts');
    expectCode(await varve('code', '@last', '--output', 'out'), 0);
    const out = root === '.' ? 'out/packages' : 'out';
    expect(project.read(`packages/app/${out}/lib/shared.ts`)).toContain('broken');
    expect(project.read(`packages/app/${out}/${root === '.' ? 'app' : 'project'}/flow.ts`)).toBe(flow);
    expectCode(await varve('resume'), 0);
  });
});

function bundleOf(shown: { readonly run?: { readonly bundle?: string }; readonly bundle?: string }): unknown {
  return shown.run?.bundle ?? shown.bundle;
}

it('varve resume --code stored warns when the stored code compiles to other bytes', async () => {
  const project = new Project({
    'flow.ts': `import { Flow, step } from 'varve';
import { fields } from './lib/fields.ts';
export default class Nested extends Flow { text!: string; @step({ cache: false }) only() { this.text = fields(); throw new Error(this.text); } }
`,
    'tsconfig.json': '{ "compilerOptions": { "useDefineForClassFields": true } }\n',
    'lib/tsconfig.json': '{ "compilerOptions": { "useDefineForClassFields": false } }\n',
    'lib/fields.ts': 'class Some { a; b = 1 }\nexport const fields = () => Object.keys(new Some()).join();\n',
  });
  await outcomeOf(project, ['run', 'flow.ts'], 1);
  const { warnings } = await outcomeOf(project, ['resume', '--code', 'stored'], 1);
  expect(warnings).toContainEqual(expect.stringContaining('compiles to something else'));
  const { stderr } = await project.varve(['spin', 'only', '--from', 'Nested/1', '--code', 'stored']);
  expect(stderr).toContain('compiles to something else');
});
