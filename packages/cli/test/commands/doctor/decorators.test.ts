import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Project } from '../../support/project.ts';
import { diagnose } from './diagnose.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const VITEST = dirname(createRequire(import.meta.url).resolve('vitest/package.json'));
const LEGACY = '{ "compilerOptions": { "experimentalDecorators": true }, "include": ["src"] }';

/** A project that tests with these packages; vitest is really installed. */
function testing(packages: readonly string[], files: Readonly<Record<string, string>> = {}, test = 'vitest run') {
  const devDependencies = Object.fromEntries(packages.map((name) => [name, '*']));
  const manifest = JSON.stringify({ type: 'module', devDependencies, scripts: { test } });
  const project = new Project({ 'package.json': manifest, ...files });
  if (packages.includes('vitest')) project.linkFolder('vitest', VITEST);
  return project;
}

describe('varve doctor on decorators', () => {
  it('says which kind the compiler options of the project give', async () => {
    expect((await diagnose(new Project())).of('decorators').message).toContain('standard decorators');
    const legacy = new Project({ 'base.json': LEGACY, 'tsconfig.json': '{ "extends": "./base.json" }' });
    expect((await diagnose(legacy)).of('decorators').message).toContain('legacy decorators');
  });

  it('reports compiler options that cannot be read', async () => {
    const report = await diagnose(new Project({ 'tsconfig.json': '{ "extends": "./nowhere.json" }' }));
    expect(report.of('decorators').status).toBe('problem');
    expect(report.of('decorators').code).toBe('VARVE_COMPILE');
    expect(report.statuses.store).toBe('ok');
  });

  it('says what vitest has to be told, and that it compiles decorators once it is', async () => {
    const project = testing(['vitest']);
    const before = await diagnose(project);
    expect(before.of('vitest').status).toBe('warning');
    expect(before.of('vitest').mend).toContain('oxc: { decorator: { legacy: true } }');
    project.write('vitest.config.ts', 'export default { oxc: { decorator: { legacy: true } } };\n');
    expect((await diagnose(project)).of('vitest').status).toBe('ok');
    project.write('vitest.config.ts', 'export default {};\n');
    project.write('tsconfig.json', LEGACY);
    expect((await diagnose(project)).of('vitest').status).toBe('ok');
  });

  it('leaves vitest alone where it is not installed, is broken, or has projects', async () => {
    const absent = new Project({ 'package.json': '{ "devDependencies": { "vitest": "*" } }' });
    expect((await diagnose(absent, { NODE_PATH: '' })).of('vitest')).toMatchObject({
      status: 'warning',
      mend: 'npm install',
    });
    const broken = testing(['vitest'], { 'vitest.config.mjs': "throw new Error('no config today');\n" });
    const report = await diagnose(broken);
    expect(report.of('vitest').status).toBe('warning');
    expect(report.of('vitest').message).toContain('no config today');
    expect(report.statuses).toMatchObject({ decorators: 'ok', store: 'ok' });
    const many = testing(['vitest'], { 'vitest.config.mjs': "export default { test: { projects: ['a', 'b'] } };\n" });
    expect((await diagnose(many)).of('vitest').status).toBe('skipped');
    expect((await diagnose(many)).of('vitest').message).toContain('several projects in vitest.config.mjs,');
  });

  it('takes the config of vitest from above where the folder of the flow has none, as vitest does', async () => {
    const project = testing(['vitest'], { 'packages/mine/package.json': '{ "type": "module" }' });
    const look = async () => {
      const { stdout } = await project.varve(['doctor', '--json'], {}, { cwd: 'packages/mine' });
      const { checks } = JSON.parse(stdout) as { checks: { check: string; status: string; message: string }[] };
      return checks.find(({ check }) => check === 'vitest');
    };
    expect((await look())?.status).toBe('warning');
    project.write('vitest.config.mjs', "export default { test: { projects: ['packages/*'] } };\n");
    expect(await look()).toMatchObject({
      status: 'skipped',
      message: expect.stringContaining('in ../../vitest.config.mjs'),
    });
    project.write('vitest.config.mjs', 'export default { oxc: { decorator: { legacy: true } } };\n');
    expect((await look())?.status).toBe('ok');
    project.write('packages/mine/vitest.config.mjs', 'export default {};\n');
    expect((await look())?.status, 'the nearest one counts').toBe('warning');
  });

  it('keeps what a config prints out of its own output, and writes nothing into the project', async () => {
    const project = testing(['vitest'], { 'vitest.config.mjs': "console.log('loud');\nexport default {};\n" });
    const { stdout, stderr } = await project.varve(['doctor', '--json']);
    expect(() => JSON.parse(stdout)).not.toThrow();
    expect(stderr).toContain('loud');
  });

  it('finds a test runner that stands in the manifest of the whole repository', async () => {
    const project = testing(['vitest'], { 'packages/mine/package.json': '{ "type": "module" }' });
    const result = await project.varve(['doctor', '--json'], {}, { cwd: 'packages/mine' });
    expect(JSON.parse(result.stdout).checks.map(({ check }: { check: string }) => check)).toContain('vitest');
  });

  it('says what jest and node:test need', async () => {
    const jest = await diagnose(testing(['jest'], {}, 'jest'));
    expect(jest.of('jest')).toMatchObject({ status: 'warning' });
    expect(jest.of('jest').mend).toContain('ts-jest');
    const set = await diagnose(testing(['jest', '@swc/jest'], {}, 'jest'));
    expect(set.of('jest')).toMatchObject({ status: 'skipped' });
    expect(set.of('jest').mend).toContain('jsc.parser.decorators');
    const bare = await diagnose(testing([], {}, 'node --test test/*.test.ts'));
    expect(bare.of('node:test').status).toBe('warning');
    expect(bare.of('node:test').mend).toContain('--import tsx');
    const compiled = await diagnose(testing(['tsx'], {}, 'node --import tsx --test test/*.test.ts'));
    expect(compiled.of('node:test').status).toBe('ok');
  });
});
