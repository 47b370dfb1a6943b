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

/** What users write themselves, in both kinds of decorators. */
const FLOW_TESTS = ['test/flow/**/*.test.ts', 'test/testing/**/*.test.ts'];
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

const plainPackages = membersOf('packages')
  .filter((name) => name !== 'core')
  .map((name) => project({ name, folder: `packages/${name}`, include: ['test/**/*.test.ts'] }));

const examples = membersOf('examples').map((name) =>
  project({ name: `example-${name}`, folder: `examples/${name}`, include: ['**/*.test.ts'] }),
);

const core = [
  project({ name: 'core', folder: 'packages/core', include: ['test/**/*.test.ts'], exclude: FLOW_TESTS }),
  project({ name: 'core-standard', folder: 'packages/core', include: FLOW_TESTS }),
  project({ name: 'core-legacy', folder: 'packages/core', include: FLOW_TESTS, decorators: 'legacy' }),
];

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
      ...core,
      ...plainPackages,
      ...examples,
      project({ name: 'scripts', folder: 'scripts', include: ['test/**/*.test.ts'] }),
    ],
  },
});
