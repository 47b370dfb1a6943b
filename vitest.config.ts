import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { type DecoratorFlavour, lowerDecorators } from './scripts/lower-decorators.ts';

interface Project {
  readonly name: string;
  /** Relative to the repository. */
  readonly folder: string;
  readonly include: string[];
  readonly exclude?: string[];
  readonly decorators?: DecoratorFlavour;
}

const ALL_TESTS = ['test/**/*.test.ts'];
/** Tests with flows as users write them, by package: they run with either kind of decorators. */
const FLOW_TESTS = new Map([
  ['core', ['test/flow/**/*.test.ts', 'test/testing/**/*.test.ts']],
  ['testing', ALL_TESTS],
]);
const BUILT = ['**/node_modules/**', '**/dist/**', '**/.varve/**'];

function project({ name, folder, include, exclude = [], decorators = 'standard' }: Project) {
  return {
    extends: true,
    root: fileURLToPath(new URL(folder, import.meta.url)),
    plugins: [lowerDecorators(decorators)],
    test: { name, include, exclude: [...BUILT, ...exclude] },
  } satisfies TestProjectInlineConfiguration;
}

function membersOf(parent: string): string[] {
  const folder = new URL(`${parent}/`, import.meta.url);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/package.json`, folder)))
    .map((entry) => entry.name)
    .sort();
}

function packageProjects(name: string) {
  const folder = `packages/${name}`;
  const twice = FLOW_TESTS.get(name);
  const once = project({ name, folder, include: ALL_TESTS, exclude: twice ?? [] });
  if (twice === undefined) return [once];
  return [
    ...(twice === ALL_TESTS ? [] : [once]),
    project({ name: `${name}-standard`, folder, include: twice }),
    project({ name: `${name}-legacy`, folder, include: twice, decorators: 'legacy' }),
  ];
}

const examples = membersOf('examples').map((name) =>
  project({ name: `example-${name}`, folder: `examples/${name}`, include: ['**/*.test.ts'] }),
);

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    passWithNoTests: false,
    // Many tests start whole processes: on a busy CI machine one that fails is tried once more, and reported as such.
    retry: process.env.CI === undefined ? 0 : 1,
    projects: [
      ...membersOf('packages').flatMap(packageProjects),
      ...examples,
      project({ name: 'scripts', folder: 'scripts', include: ALL_TESTS }),
    ],
  },
});
