import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Project } from '../../support/project.ts';
import { ownProcesses } from '../harness/desk.ts';
import { declareTest } from '../harness/known-faults.ts';
import { dirOf, nameRows, type Row, worldOf } from '../harness/row.ts';
import { runWorld, type SeenRun, tasksOf } from '../harness/run-world.ts';
import { tell } from '../harness/tally.ts';
import { Stage, withEnv, withFiles } from '../harness/world.ts';
import { ENV_EXPRESSIONS, says } from '../ways/env.ts';
import { CALL_ROWS } from '../ways/file-calls.ts';
import { FILE_ACCESSES, FOLDER, filled } from '../ways/files.ts';
import { NAME_ROWS } from '../ways/names.ts';
import { PLACE_ROWS } from '../ways/places.ts';
import { ZONE_ROWS } from '../ways/regions/zone.ts';

/** Steps that look at the value of every variable there is: machines differ in those. */
const LOOKS_AT_ALL = /spreading|Object.assign|Object.entries|JSON.stringify|inspect|rest of a destructuring/;

const PACKAGE = `export const seen = () => ['HOME', 'USER', 'CI', 'FORCE_COLOR', 'NO_COLOR', 'TERM', 'TMPDIR', 'HTTPS_PROXY', 'SHELL', 'npm_config_cache', 'NPM_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'DB_PASSWORD'].map((name) => process.env[name]).filter((value) => value === 'none').length;\n`;
const TEAM: readonly Row[] = [
  says(
    'env',
    'what differs between machines, read by a package',
    [],
    `import { seen } from 'pkg-$ID';\nexport const look = () => seen();`,
    {
      files: {
        'node_modules/pkg-$ID/package.json':
          '{ "name": "pkg-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
        'node_modules/pkg-$ID/index.js': PACKAGE,
      },
    },
  ),
  says(
    'env',
    'what differs between machines, read by a package while it loads',
    [],
    `import { seen } from 'pkg-$ID';\nexport const look = () => seen;`,
    {
      files: {
        'node_modules/pkg-$ID/package.json':
          '{ "name": "pkg-$ID", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
        'node_modules/pkg-$ID/index.js': `export const seen = [process.env.HOME, process.env.CI, process.env.FORCE_COLOR, process.env.NPM_TOKEN].filter((v) => v === 'none').length;\n`,
      },
    },
  ),
  says(
    'temp',
    'a file in the temp folder, written and read',
    [],
    `import fs from 'node:fs';\nimport os from 'node:os';\nimport path from 'node:path';\nexport const look = () => { const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'varve-machine-')); fs.writeFileSync(path.join(dir, 'x'), 'x'); return fs.readFileSync(path.join(dir, 'x'), 'utf8') + fs.readdirSync(dir).join(); };`,
  ),
];

const rows = nameRows(
  [...FILE_ACCESSES, ...CALL_ROWS, ...NAME_ROWS, ...PLACE_ROWS, ...ENV_EXPRESSIONS, ...ZONE_ROWS, ...TEAM].filter(
    ({ way }) => !LOOKS_AT_ALL.test(way) && !way.includes('attempt'),
  ),
);

const temp = mkdtempSync(join(tmpdir(), 'varve-machines-'));
afterAll(() => rmSync(temp, { recursive: true, force: true }));

const MACHINES = [
  { HOME: '/home/ada', USER: 'ada', LOGNAME: 'ada', NO_COLOR: '1', SHELL: '/bin/zsh', NPM_TOKEN: 'a' },
  {
    ...{ HOME: '/root', USER: 'ci', LOGNAME: 'ci', CI: 'true', FORCE_COLOR: '3', COLORTERM: 'truecolor', TERM: 'dumb' },
    ...{ GITHUB_ACTIONS: 'true', HTTPS_PROXY: 'http://proxy.invalid', AWS_SECRET_ACCESS_KEY: 'b', SHELL: '/bin/sh' },
  },
] as const;

describe('two machines that share a store', () => {
  let runs: readonly SeenRun[];
  beforeAll(async () => {
    const store = join(temp, 'store');
    const config = `import { fsStore } from '@varve/store-fs';\nexport default { datastore: fsStore({ root: ${JSON.stringify(store)} }) };\n`;
    const seen: SeenRun[] = [];
    for (const env of MACHINES) {
      const project = new Project({ 'varve.config.mjs': config });
      const world = withEnv(
        withFiles(
          worldOf(rows, ({ id }) => filled(FOLDER, dirOf(id))),
          {},
        ),
        env,
      );
      new Stage(project).place(world);
      seen.push(await runWorld(ownProcesses(project), world));
    }
    runs = seen;
  }, 1_200_000);

  for (const row of rows) {
    declareTest(`${row.input}: ${row.way}: on another machine -> hit`, () => {
      const [one, two] = runs.map((run) => tasksOf(run, row.steps)) as [SeenRun['tasks'], SeenRun['tasks']];
      const missed = two.filter(({ status }) => status !== 'cached' && status !== 'skipped');
      const told = missed.map(({ task, status, why, error }) => `${task} ${status}: ${why} ${error ?? ''}`);
      tell([
        'machines',
        row.input,
        row.way,
        'another machine',
        'hit',
        missed.length ? 'needless' : 'right',
        told.join(),
      ]);
      expect(told).toEqual([]);
      expect(two.map(({ result }) => result)).toEqual(one.map(({ result }) => result));
    });
  }
});
