import { flow } from '../project.ts';
import { edit, runScenario } from './scenario.ts';

const manifest = (name: string, version: string, more = '') =>
  `{ "name": "${name}", "version": "${version}", "main": "index.js"${more} }`;
const FLOW = flow(
  `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { solve } from 'solver';
import { draw } from 'plotter';
import { env } from 'node:process';`,
  `  rows!: unknown;
  @step() none() { this.rows = 1; }
  @step({ after: 'none' }) solves() { this.rows = solve(1); }
  @step({ after: 'solves' }) draws() { this.rows = draw(1); }
  @step({ after: 'draws' }) url() { this.rows = readFileSync(new URL('./d.csv', import.meta.url)); }
  @step({ after: 'url' }) joined() { this.rows = readFileSync(join(import.meta.dirname, 'data', 'e.csv')); }
  @step({ after: 'joined' }) named() { this.rows = readFileSync('data/e.csv'); }
  @step({ after: 'named' }) region() { this.rows = process.env.REGION; }
  @step({ after: 'region' }) table() { this.rows = env.TABLE; }`,
);
const FILES = {
  'flow.ts': FLOW,
  'd.csv': 'a,b\n1,2\n',
  'data/e.csv': 'x\n1\n',
  'node_modules/solver/package.json': manifest('solver', '1.0.0', ', "dependencies": { "deep": "1" }'),
  'node_modules/solver/index.js': 'exports.solve = (x) => x;',
  'node_modules/deep/package.json': manifest('deep', '1.0.0'),
  'node_modules/deep/index.js': 'exports.deep = 1;',
  'node_modules/plotter/package.json': manifest('plotter', '2.0.0'),
  'node_modules/plotter/index.js': 'exports.draw = (x) => x;',
};

const EDITS = [
  edit('the version of a package', ['solves'], {
    'node_modules/solver/package.json': manifest('solver', '1.0.1', ', "dependencies": { "deep": "1" }'),
  }),
  edit('the version of a package it depends on', ['solves'], {
    'node_modules/deep/package.json': manifest('deep', '1.1.0'),
  }),
  edit('another package', ['draws'], { 'node_modules/plotter/package.json': manifest('plotter', '3.0.0') }),
  edit('a file beside the source, which is observed when it is read', [], { 'd.csv': 'a,b\n1,3\n' }),
  edit('a file in a folder', [], { 'data/e.csv': 'x\n2\n' }),
  edit('the removal of a file', [], { 'd.csv': null }),
  edit('the variable that is read from process.env', ['region'], { 'flow.ts': [['env.REGION', 'env.OTHER']] }),
  edit('the variable that is read from node:process', ['table'], { 'flow.ts': [['env.TABLE', 'env.OTHER']] }),
  edit('the imported export of a package', ['solves'], {
    'flow.ts': [['import { solve } ', 'import { other as solve } ']],
  }),
];

runScenario({
  name: 'a step depends on the packages that it names; without a lockfile, on the content of packages',
  files: FILES,
  edits: [
    ...EDITS,
    edit('the content of an installed package', ['solves'], {
      'node_modules/solver/index.js': 'exports.solve = (x) => -x;',
    }),
  ],
});

const LOCK = `lockfileVersion: '9.0'

packages:

  solver@1.0.0:
    resolution: {integrity: sha512-aaaa}

  deep@1.0.0:
    resolution: {integrity: sha512-bbbb}

  plotter@2.0.0:
    resolution: {integrity: sha512-cccc}

snapshots:

  solver@1.0.0: {}
`;

runScenario({
  name: 'a step depends on the packages that it names; with pnpm-lock.yaml, on the locked integrity of packages',
  files: { ...FILES, 'pnpm-lock.yaml': LOCK, 'patches/README.md': 'none' },
  edits: [
    ...EDITS,
    edit('the content of a package that the lockfile names', [], {
      'node_modules/solver/index.js': 'exports.solve = (x) => -x;',
    }),
    edit('blank lines and other entries of the lockfile', [], {
      'pnpm-lock.yaml': `${LOCK}\n\n  other@1.0.0:\n    resolution: {integrity: sha512-zzzz}\n`,
    }),
    edit('the integrity of a package', ['solves'], { 'pnpm-lock.yaml': [['sha512-aaaa', 'sha512-dddd']] }),
    edit('the integrity of a package that it depends on', ['solves'], {
      'pnpm-lock.yaml': [['sha512-bbbb', 'sha512-dddd']],
    }),
    edit('a patch', ['solves'], { 'patches/solver+1.0.0.patch': 'diff' }),
    edit('a patch of pnpm', ['solves'], { 'patches/deep@1.0.0.patch': 'diff' }),
  ],
});

const NPM = JSON.stringify({
  packages: Object.fromEntries(
    [
      ['solver', '1.0.0'],
      ['deep', '1.0.0'],
      ['plotter', '2.0.0'],
    ].map(([name, version]) => [`node_modules/${name}`, { version, integrity: `sha512-${name}` }]),
  ),
});
const YARN = ['solver 1.0.0', 'deep 1.0.0', 'plotter 2.0.0']
  .map((line) => line.split(' '))
  .map(([name, version]) => `"${name}@^1.0.0":\n  version "${version}"\n  integrity sha512-${name}\n`)
  .join('\n');

for (const [lock, text] of [
  ['package-lock.json', NPM],
  ['yarn.lock', YARN],
] as const) {
  runScenario({
    name: `with ${lock}, a step depends on the locked integrity of its packages`,
    files: { ...FILES, [lock]: text },
    edits: [
      edit('the integrity of a package', ['solves'], { [lock]: [['sha512-solver', 'sha512-other']] }),
      edit('the content of a package that the lockfile names', [], { 'node_modules/deep/index.js': '' }),
      edit('another package', ['draws'], { [lock]: [['sha512-plotter', 'sha512-other']] }),
    ],
  });
}

runScenario({
  name: 'with strict effects, a step depends on the content of its packages even if a lockfile names them',
  options: { effects: 'strict' },
  files: { ...FILES, 'pnpm-lock.yaml': LOCK },
  edits: [
    edit('an edited file of an installed package', ['solves'], { 'node_modules/deep/index.js': 'exports.deep = 2;' }),
  ],
});

const LOADED = {
  'tsconfig.json': '{ "compilerOptions": { "verbatimModuleSyntax": true } }',
  'node_modules/solver/package.json': manifest('solver', '1.0.0'),
  'node_modules/solver/index.js': 'exports.solve = (x) => x;',
};
const bump = { 'node_modules/solver/package.json': manifest('solver', '1.0.1') };

runScenario({
  name: 'a package that is imported but not used belongs to every step',
  files: {
    ...LOADED,
    'flow.ts': flow("import './types.ts';", '  rows!: unknown;\n  @step() none() { this.rows = 1; }'),
    'types.ts': "export { type Solver } from 'solver';\n",
  },
  edits: [edit('the version of a package of which only types are re-exported', 'all', bump)],
});

runScenario({
  name: 'a package that is re-exported by `export import` belongs to the step that uses it',
  files: {
    ...LOADED,
    'flow.ts': flow(
      "import { solver } from './passes.cts';",
      `  rows!: unknown;
  @step() none() { this.rows = 1; }
  @step({ after: 'none' }) solves() { this.rows = solver.solve(1); }`,
    ),
    'passes.cts': "export import solver = require('solver');\n",
  },
  edits: [edit('the version of the package', ['solves'], bump)],
});
