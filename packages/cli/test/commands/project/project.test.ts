import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

const CONFIG = `
import { defineConfig, type VarveConfig } from 'varve';
import { fsStore } from '@varve/store-fs';
import { root } from './config/root.ts';
enum Where { Other = 'other-store' }
const config: VarveConfig = defineConfig({ datastore: fsStore({ root }), profiles: { other: { datastore: fsStore({ root: Where.Other }) } } });
export default config;
`;

const FLOW = `
import { Flow, step } from 'varve';
export default class Where extends Flow {
  greeting!: string; cwd!: string;
  @step() look() { this.greeting = process.env.GREETING ?? 'none'; this.cwd = process.cwd(); }
}
`;

describe('a project', () => {
  const project = new Project({
    'varve.config.ts': CONFIG,
    'config/root.ts': "export const root: string = 'my-store';\n",
    '.env': 'GREETING=hello from .env\nVARVE_PARAM_UNUSED=1\n',
    'flows/deep/where.ts': FLOW,
    'flows/package.json': '{ "type": "module" }',
  });
  const inFlows = { cwd: 'flows/deep' };
  beforeAll(async () => {
    expectCode(await project.varve(['run', 'where.ts'], {}, inFlows), 0);
  });

  it('is the folder of the nearest config, which may be TypeScript, above the working directory', async () => {
    expect(existsSync(project.path('my-store'))).toBe(true);
    expect(existsSync(project.path('flows/deep/.varve'))).toBe(false);
    const listed = expectCode(await project.varve(['list'], {}, inFlows), 0);
    expect(listed.stdout).toContain('Where/1');
    const { stdout } = expectCode(await project.varve(['config'], {}, inFlows), 0);
    expect(stdout).toMatch(/datastore +store-fs +.*varve\.config\.ts/);
    expect(stdout).toContain(`project  ${project.root}\n`);
  });

  it('has a state folder that ignores itself in version control', () => {
    expect(project.read('.varve/.gitignore')).toBe('*\n');
  });

  it('has one history, whatever the working directory and however the flow is named', async () => {
    const elsewhere = new Project().root;
    symlinkSync(elsewhere, project.path('elsewhere'));
    expectCode(await project.varve(['run', 'flows/deep/where.ts', '-q', '--cache', 'off']), 0);
    const file = project.path('flows/deep/where.ts');
    expectCode(await project.varve(['run', file, '-q', '--cache', 'off'], {}, { cwd: 'elsewhere' }), 0);
    expect(existsSync(join(elsewhere, '.varve'))).toBe(false);
    const { runs } = await project.json<{ runs: { record: { number: number } }[] }>('list', '--json');
    expect(runs.map(({ record }) => record.number)).toEqual([3, 2, 1]);
    expect(await project.json('artifacts', 'get', 'Where/3', 'cwd')).toBe(elsewhere);
  });

  it('loads .env beside the config, and the environment wins over it', async () => {
    expect(await project.json('artifacts', 'get', 'Where/1', 'greeting')).toBe('hello from .env');
    expectCode(await project.varve(['run', 'flows/deep/where.ts', '--cache', 'off'], { GREETING: 'from outside' }), 0);
    expect(await project.json('artifacts', 'get', '@last', 'greeting')).toBe('from outside');
  });

  it('has profiles, chosen by --profile or VARVE_PROFILE', async () => {
    expectCode(await project.varve(['run', 'flows/deep/where.ts', '--cache', 'off', '--profile', 'other']), 0);
    expect(existsSync(project.path('other-store'))).toBe(true);
    const { stdout } = expectCode(await project.varve(['list', '--json'], { VARVE_PROFILE: 'other' }), 0);
    expect((JSON.parse(stdout) as { runs: unknown[] }).runs).toHaveLength(1);
    const chosen = expectCode(await project.varve(['config'], { VARVE_PROFILE: 'other' }), 0).stdout;
    expect(chosen).toMatch(/datastore +store-fs +varve\.config\.ts:6, profile other/);
    expect(chosen).toMatch(/loader +loader +default/);
  });
});

const LIBRARY = `
import { readFileSync } from 'node:fs';
export const words = (): string[] => readFileSync(new URL('../words.txt', import.meta.url), 'utf8').trim().split('\\n');
export const here: string = import.meta.url;
`;

const USING = `
import { here, words } from '@me/lib';
import { Flow, step, transient } from 'varve';
export default class Using extends Flow {
  @transient cache = new Map<string, number>();
  words!: string[]; here!: string[]; first!: string;
  @step() read() { this.words = words(); this.here = [here, import.meta.url]; }
  @step({ after: 'read' }) after() { this.cache.set('x', 1); this.first = this.words[0]! + this.cache.size; }
}
`;

describe('code that a flow imports', () => {
  const project = new Project({
    'packages/lib/package.json': '{ "name": "@me/lib", "type": "module", "exports": "./src/index.ts" }',
    'packages/lib/src/index.ts': LIBRARY,
    'packages/lib/words.txt': 'alpha\nbeta\n',
    'standard/using.ts': USING,
    'legacy/using.ts': USING,
    'legacy/tsconfig.json':
      '{ "compilerOptions": { "experimentalDecorators": true, "target": "es2022", "useDefineForClassFields": true } }',
    'old/using.ts': USING,
    'old/tsconfig.json':
      '{ "compilerOptions": { "experimentalDecorators": true, "useDefineForClassFields": false, "target": "es2020" } }',
    'node_modules/@me/.keep': '',
  });
  symlinkSync(project.path('packages/lib'), project.path('node_modules/@me/lib'));

  it.each(['standard', 'legacy', 'old'])(
    'may come from a linked workspace package, with its own import.meta.url (%s decorators)',
    async (folder) => {
      expectCode(await project.varve(['run', `${folder}/using.ts`]), 0);
      expect(await project.json('artifacts', 'get', '@last', 'words')).toEqual(['alpha', 'beta']);
      expect(await project.json('artifacts', 'get', '@last', 'first')).toBe('alpha1');
      const here = await project.json<string[]>('artifacts', 'get', '@last', 'here');
      expect(here[0]).toMatch(/\/packages\/lib\/src\/index\.ts$/);
      expect(here[1]).toMatch(new RegExp(`/${folder}/using\\.ts$`));
    },
  );
});
