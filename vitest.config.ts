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
  readonly env?: Readonly<Record<string, string>>;
}

const ALL_TESTS = ['test/**/*.test.ts'];
/** Tests with flows as users write them, by package: they run with either kind of decorators. */
const FLOW_TESTS = new Map([
  ['core', ['test/flow/**/*.test.ts', 'test/testing/**/*.test.ts']],
  ['testing', ALL_TESTS],
]);
/** The stores that tests of whole commands run over besides the local folder: `packages/cli/test/support/stores.ts`. */
const STORES = ['s3', 'gcs', 'tiered'];
/** Tests of what goes wrong between varve and a service. */
const OVER_WIRE = ['test/wire/**/*.test.ts'];
/** Tests that run over every store: what is lost, resumed, and left by a crash or a fault. The others with `VARVE_TEST_STORES`. */
const OVER_STORES = ['test/commands/resume/lost-blobs.test.ts', 'test/crash/*.test.ts', ...OVER_WIRE];
/** Tests that name their store themselves, or look into the local folder. */
const OVER_OWN_STORE = [
  'test/conformance*.test.ts',
  'test/cache/audit/**',
  'test/kept-store/**',
  'test/observed/**',
  'test/stores/**',
  'test/testing/**',
  'test/print/**',
  'test/report/**',
  'test/commands/project/**',
  'test/api/create-varve.test.ts',
  'test/cache/scenarios/broken-store.test.ts',
  'test/cache/scenarios/controls.test.ts',
  'test/cache/scenarios/scale.test.ts',
  'test/cache/scenarios/secrets.test.ts',
  'test/cache/scenarios/shared.test.ts',
  'test/cache/scenarios/single-flight.test.ts',
  'test/commands/cache/reasons.test.ts',
  'test/commands/keep/gc-killed.test.ts',
  'test/commands/keep/gc.test.ts',
  'test/commands/read/damage.test.ts',
  'test/commands/resume/stored-code.test.ts',
  'test/commands/run/processes.test.ts',
  'test/commands/run/slow-store.test.ts',
  'test/commands/spin/other-values.test.ts',
  'test/commands/spin/spin.test.ts',
  'test/graphs/limits.test.ts',
];
const BUILT = ['**/node_modules/**', '**/dist/**', '**/.varve/**'];

function project({ name, folder, include, exclude = [], decorators = 'standard', env = {} }: Project) {
  return {
    extends: true,
    root: fileURLToPath(new URL(folder, import.meta.url)),
    plugins: [lowerDecorators(decorators)],
    test: { name, include, exclude: [...BUILT, ...exclude], env: { ...env } },
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
  const once = project({ name, folder, include: ALL_TESTS, exclude: twice ?? (name === 'cli' ? OVER_WIRE : []) });
  if (twice === undefined) return [once];
  return [
    ...(twice === ALL_TESTS ? [] : [once]),
    project({ name: `${name}-standard`, folder, include: twice }),
    project({ name: `${name}-legacy`, folder, include: twice, decorators: 'legacy' }),
  ];
}

/** `VARVE_TEST_STORES`: `all`, or names with commas between them, to run every test over these stores. */
const wanted = process.env.VARVE_TEST_STORES ?? '';
const wantedStores = wanted === 'all' ? STORES : wanted.split(',').filter((name) => name !== '' && name !== 'folder');
for (const name of wantedStores) {
  if (!STORES.includes(name)) throw new Error(`VARVE_TEST_STORES: there is no ${name}, but ${STORES.join(', ')}`);
}

const overStores = STORES.map((store) => {
  const isWhole = wantedStores.includes(store);
  return project({
    name: `cli-${store}`,
    folder: 'packages/cli',
    include: isWhole ? ALL_TESTS : OVER_STORES,
    exclude: isWhole ? OVER_OWN_STORE : [],
    env: { VARVE_TEST_STORE: store },
  });
});

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
      ...overStores,
      ...examples,
      project({ name: 'scripts', folder: 'scripts', include: ALL_TESTS }),
    ],
  },
});
