import { realpathSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '@varve/core/contract';
import { type DatabaseProcess, NO_POSTGRES, NO_REDIS, startPostgres, startRedis } from '@varve/test-servers/databases';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ageHeartbeats } from '../support/heartbeats.ts';
import { artifactOf, outcomeOf } from '../support/outcome.ts';
import { expectCode, expectNoStack, Project, type Result, type Started } from '../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'pa55-word';

/** Configs, with the address in the environment. */
const REDIS = `import { defineConfig } from 'varve';
import { keyv } from '@varve/metadata-keyv';
import KeyvRedis from '@keyv/redis';

const more = { namespace: process.env.NAMESPACE };
export default defineConfig({
  metadata: keyv({ store: () => new KeyvRedis({ url: process.env.JOURNALS, disableOfflineQueue: true }), ...more }),
});
`;

const POSTGRES = `import { defineConfig } from 'varve';
import { keyv, ownPool } from '@varve/metadata-keyv';
import { KeyvPostgres } from '@keyv/postgres';
import pg from 'pg';

const more = { namespace: process.env.NAMESPACE };
export default defineConfig({
  metadata: keyv({ store: () => ownPool(KeyvPostgres, new pg.Pool({ connectionString: process.env.JOURNALS })), ...more }),
});
`;

/** A step that waits while the file \`wait\` is there, and fails while \`broken\` is. */
const FLOW = `import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Flow, step } from 'varve';

export class Penguins extends Flow {
  rows: number[];
  sum: number;

  @step() load() {
    this.rows = [1, 2, 3];
  }
  @step({ after: 'load', cache: false }) async hold() {
    while (existsSync(process.env.WAIT)) await setTimeout(20, undefined, { signal: this.run.signal });
    if (existsSync(process.env.BROKEN)) throw new Error('broken');
  }
  @step({ after: 'hold' }) add() {
    this.sum = this.rows.reduce((a, b) => a + b, 0);
  }
}
`;

/** A project whose journals are in a database. */
class KeyvProject extends Project {
  constructor(
    config: string,
    readonly address: string,
    files: Readonly<Record<string, string>> = {},
  ) {
    super({ 'varve.config.ts': config, 'flow.ts': FLOW, ...files });
    for (const name of ['@keyv/redis', '@keyv/postgres', 'pg']) {
      const installed = new URL(`../../../metadata-keyv/node_modules/${name}`, import.meta.url);
      this.linkFolder(name, realpathSync(fileURLToPath(installed)));
    }
  }

  override start(...[args, env, options]: Parameters<Project['start']>): ReturnType<Project['start']> {
    const files = { WAIT: this.path('~wait'), BROKEN: this.path('~broken'), NAMESPACE: basename(this.root) };
    return super.start(args, { JOURNALS: this.address, ...files, ...env }, options);
  }

  /** Starts a run and waits until it is held up in its second step. */
  async held(env: Readonly<Record<string, string>> = {}, before = '✔ load'): Promise<Started> {
    this.write('~wait', '');
    const run = this.start(['run', 'flow.ts'], env);
    await run.said('hold  started');
    // What is announced as finished is stored.
    await run.said(before);
    return run;
  }

  letGo(): void {
    rmSync(this.path('~wait'));
  }

  /** Number and status of each run, newest first. */
  async runs(...args: readonly string[]): Promise<string[]> {
    const { runs } = await this.json<{ runs: { record: RunRecord; status: string }[] }>('list', '--json', ...args);
    return runs.map(({ record, status }) => `${record.flow}/${record.number} ${status}`);
  }
}

/** Nothing that a command prints names the password, nor how it came about. */
function expectDiscreet(result: Result): void {
  expect(`${result.stdout}${result.stderr}`).not.toContain(PASSWORD);
}

function expectUnavailable(result: Result): void {
  expectCode(result, 4);
  expect(result.stderr).toContain('VARVE_STORE_UNAVAILABLE');
  expectNoStack(result);
  expectDiscreet(result);
}

const opened: DatabaseProcess[] = [];
afterAll(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function opening(start: typeof startRedis): Promise<DatabaseProcess | undefined> {
  const server = await start(PASSWORD);
  if (server) opened.push(server);
  return server;
}

const redis = await opening(startRedis);
const postgres = await opening(startPostgres);

describe.for([
  { name: 'Redis', config: REDIS, server: redis, missing: NO_REDIS },
  { name: 'Postgres', config: POSTGRES, server: postgres, missing: NO_POSTGRES },
])('journals in $name', ({ config, server, missing }) => {
  it('end a run that cannot be recorded in time, and it is resumed when the server is back', async ({ skip }) => {
    if (!server) return skip(missing);
    const project = new KeyvProject(config, server.url);
    const run = await project.held({ VARVE_STORE_PATIENCE: '1s' });
    await server.kill();
    project.letGo();
    const at = performance.now();
    expectUnavailable(await run.ended);
    expect(performance.now() - at).toBeLessThan(20_000);
    await server.restart();
    ageHeartbeats(project.store);
    const resumed = await outcomeOf(project, ['resume']);
    expect(resumed.tasks).toEqual({ load: 'cloned', hold: 'succeeded', add: 'succeeded' });
    expect(await project.runs('Penguins')).toEqual(['Penguins/2 succeeded', 'Penguins/1 lost']);
  });

  it('do not end a run whose server is started anew', async ({ skip }) => {
    if (!server) return skip(missing);
    const project = new KeyvProject(config, server.url);
    const run = await project.held();
    await server.kill();
    project.letGo();
    await server.restart();
    expectDiscreet(expectCode(await run.ended, 0));
    expect(await project.runs()).toEqual(['Penguins/1 succeeded']);
  });
});

describe('a project with its journals in Redis', () => {
  it('reads, resumes, stops, removes and cleans up its runs, and shows no password', async ({ skip }) => {
    if (!redis) return skip(NO_REDIS);
    const project = new KeyvProject(REDIS, redis.url);
    project.write('~broken', '');
    await outcomeOf(project, ['run', 'flow.ts'], 1);
    const shown = expectCode(await project.varve(['show']), 0);
    expect(shown.stdout).toMatch(/^Penguins #1 {2}✖ failed/);
    rmSync(project.path('~broken'));
    expect((await outcomeOf(project, ['resume'])).tasks).toEqual({
      load: 'cloned',
      hold: 'succeeded',
      add: 'succeeded',
    });
    expect(await artifactOf(project, 'Penguins/2', 'sum')).toBe(6);

    const run = await project.held({}, '≡ load');
    expectCode(await project.varve(['cancel', 'Penguins/3']), 0);
    await run.ended;
    project.letGo();
    expect(await project.runs()).toEqual(['Penguins/3 cancelled', 'Penguins/2 succeeded', 'Penguins/1 failed']);

    expectCode(await project.varve(['runs', 'rm', 'Penguins/1']), 0);
    expectCode(await project.varve(['gc', '--older', '0s', '--keep-last', '1', '--yes']), 0);
    expect(await project.runs()).toEqual(['Penguins/3 cancelled']);
    expect(await artifactOf(project, 'Penguins/3', 'rows')).toEqual([1, 2, 3]);

    // The store holds bytes and marks, and no record of a run.
    expect(project.store.keys('').filter((key) => /records|batch|summar/.test(key))).toEqual([]);
    const copied = expectCode(await project.varve(['store', 'copy', 'default', './copy']), 4);
    expect(copied.stderr).toContain('VARVE_COPY_METADATA');
    const looked = [await project.varve(['config']), await project.varve(['doctor', '--debug'])];
    expect(looked[1]?.stdout).toContain('history     Runs are recorded in journals in KeyvRedis');
    for (const result of [shown, copied, ...looked]) expectDiscreet(result);
  });

  it('records runs that begin at the same time', async ({ skip }) => {
    if (!redis) return skip(NO_REDIS);
    const project = new KeyvProject(REDIS, redis.url, { 'other.ts': FLOW.replace('Penguins', 'Whales') });
    const files = ['flow.ts', 'other.ts', 'flow.ts'];
    await Promise.all(files.map((file) => outcomeOf(project, ['run', file])));
    const expected = ['Penguins/1 succeeded', 'Penguins/2 succeeded', 'Whales/1 succeeded'];
    expect((await project.runs()).sort()).toEqual(expected);
  });
});

describe('journals that cannot be reached', () => {
  it.for([
    ['nobody listens', REDIS, `redis://:${PASSWORD}@127.0.0.1:9`, 'VARVE_STORE_UNAVAILABLE'],
    ['nobody listens', POSTGRES, `postgresql://varve:${PASSWORD}@127.0.0.1:9/x`, 'VARVE_STORE_UNAVAILABLE'],
    [
      'the pool is not its own',
      POSTGRES.replace(/ownPool\(KeyvPostgres.*\)\),/, 'new KeyvPostgres(),'),
      'none',
      'VARVE_CONFIG',
    ],
    ['the address is none', REDIS, `redis://ada:${PASSWORD}@ a b`, 'VARVE_CONFIG'],
    ['the password is wrong', REDIS, redis?.url.replace(PASSWORD, `${PASSWORD}!`), 'VARVE_STORE_PERMISSION_DENIED'],
    [
      'the password is wrong',
      POSTGRES,
      postgres?.url.replace(PASSWORD, `${PASSWORD}!`),
      'VARVE_STORE_PERMISSION_DENIED',
    ],
  ] as const)('say so in time, without the password: %s', async ([, config, address, code], { skip }) => {
    if (address === undefined) return skip(`${NO_REDIS}, ${NO_POSTGRES}`);
    const project = new KeyvProject(config, address);
    const at = performance.now();
    const result = await project.varve(['list', '--debug'], { VARVE_STORE_PATIENCE: '1s' });
    expect(performance.now() - at).toBeLessThan(20_000);
    expectCode(result, 4);
    expect(result.stderr).toContain(code);
    expectDiscreet(result);
  });
});
