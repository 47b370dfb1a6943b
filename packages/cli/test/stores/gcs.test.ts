import { GcsServer } from '@varve/test-servers/gcs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { outcomeOf } from '../support/outcome.ts';
import { expectCode, expectNoStack, Project } from '../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const HOUR = 3_600_000;

const FLOW = `import { existsSync } from 'node:fs';
import { Flow, param, step } from 'varve';
export default class Shared extends Flow {
  seed = param.int(1);
  items = [0, 1, 2];
  small!: number; large!: Uint8Array; total!: number;
  @step({ foreach: 'items' }) make(item: number) {
    this.small = this.seed * 10 + item;
    this.large = new Uint8Array(300_000 + item).fill(this.seed);
  }
  @step({ join: 'make' }) sum(tasks: readonly { small: number; large: Uint8Array }[]) {
    if (existsSync('broken')) throw new Error('broken here');
    this.total = tasks.reduce((sum, task) => sum + task.small + task.large.length, 0);
  }
}
`;
const TOTAL = 900_003 + 33;

const servers: GcsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(): Promise<GcsServer> {
  const server = await GcsServer.start();
  servers.push(server);
  return server;
}

/** A checkout of the flow, on a machine of its own. */
function checkout(server: GcsServer, options = '', files: Readonly<Record<string, string>> = {}): Project {
  const config = `import { gcsStore } from '@varve/store-gcs';
export default { datastore: gcsStore({ bucket: 'bucket', prefix: 'team', apiEndpoint: '${server.url}'${options} }) };
`;
  return new Project({ 'varve.config.mjs': config, 'shared.ts': FLOW, ...files });
}

describe('a store in a bucket of Google Cloud Storage, chosen by two lines of config', () => {
  it('gives one checkout the results of another, and every value', async () => {
    const server = await serve();
    const [first, second] = [checkout(server), checkout(server)];
    const cold = await outcomeOf(first, ['run', 'shared.ts']);
    expect(cold.executed).toHaveLength(4);
    const warm = await outcomeOf(second, ['run', 'shared.ts']);
    expect([warm.number, warm.executed]).toEqual([2, []]);
    expect(await second.json('artifacts', 'get', '@last', 'total')).toBe(TOTAL);
    expect(
      server
        .bucket()
        .names()
        .every((name) => name.startsWith('team/')),
    ).toBe(true);
    expect(server.log.filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('goes on with a run that failed in another checkout', async () => {
    const server = await serve();
    const first = checkout(server, '', { broken: '' });
    const second = checkout(server);
    await outcomeOf(first, ['run', 'shared.ts'], 1);
    const { number, tasks } = await outcomeOf(second, ['resume', 'Shared/1']);
    expect(number).toBe(2);
    expect(tasks).toMatchObject({ 'make[0]': 'cloned', 'make[1]': 'cloned', 'make[2]': 'cloned', sum: 'succeeded' });
    expect(await first.json('artifacts', 'get', 'Shared/2', 'total')).toBe(TOTAL);
  });

  it('numbers runs of two checkouts at once without a gap or a double', async () => {
    const server = await serve();
    const projects = [checkout(server), checkout(server)];
    const ended = await Promise.all(
      projects.map((project, seed) => outcomeOf(project, ['run', 'shared.ts', '--seed', `${seed + 5}`])),
    );
    expect(ended.map(({ number }) => number).sort()).toEqual([1, 2]);
  });

  it('is cleaned up by gc, which keeps what other runs need', async () => {
    const server = await serve();
    const project = checkout(server);
    for (const seed of ['1', '2']) await outcomeOf(project, ['run', 'shared.ts', '--seed', seed]);
    server.bucket().age(2 * HOUR);
    // Of the same byte again and again, so the bucket holds them compressed; the code of a run is too small for that.
    const blobs = () =>
      server
        .bucket()
        .names()
        .filter((name) => name.endsWith('.gz'));
    expect(blobs()).toHaveLength(6);
    expectCode(await project.varve(['gc', '--yes', '--keep-last', '1', '--older', '0s']), 0);
    expect(blobs()).toHaveLength(3);
    expect(await project.json('artifacts', 'get', 'Shared/2', 'total')).toBe(900_003 + 63);
    expect((await outcomeOf(project, ['run', 'shared.ts', '--seed', '2'])).executed).toEqual([]);
  });

  it('completes a run, without doing anything twice, while the service fails in every way', async () => {
    const server = await serve();
    const faults = [
      { kind: 'refuse', status: 503 },
      { kind: 'lost-ack', by: 'rst' },
      { kind: 'cut', by: 'fin', after: 20 },
      { kind: 'refuse', status: 429, reason: 'rateLimitExceeded' },
      { kind: 'cut', by: 'rst', after: 10 },
      { kind: 'drop' },
    ] as const;
    for (const op of ['insert', 'media', 'get', 'list']) {
      for (const [index, fault] of faults.entries()) server.faults.add({ on: op, skip: 3 * index, fault });
    }
    const project = checkout(server);
    const { executed } = await outcomeOf(project, ['run', 'shared.ts']);
    expect([...executed].sort()).toEqual(['make[0]', 'make[1]', 'make[2]', 'sum']);
    expect(await project.json('artifacts', 'get', '@last', 'total')).toBe(TOTAL);
    const refused = new Set(server.log.map(({ operation, status }) => `${operation} ${status}`));
    expect([...refused]).toEqual(
      expect.arrayContaining(['insert 503', 'insert 429', 'insert 0', 'media 503', 'list 503']),
    );
    server.faults.clear();
    expect((await outcomeOf(checkout(server), ['run', 'shared.ts'])).executed).toEqual([]);
  });

  it('is proved by varve check-store, which leaves nothing behind', async () => {
    const server = await serve();
    const { stdout } = expectCode(await checkout(server).varve(['check-store', '--no-heavy']), 0);
    expect(stdout).toMatch(/lets exactly one of 20 conditional creates win/);
    expect(server.bucket().names()).toEqual([]);
  });

  it('says in plain words that there is no such bucket, and what is wrong with the options', async () => {
    const server = await serve();
    const noBucket = checkout(server, ", bucket: 'nowhere'");
    const missing = expectCode(await noBucket.varve(['run', 'shared.ts']), 4);
    expect(missing.stderr).toMatch(/gs:\/\/nowhere\/team\. There is no bucket "nowhere"\. Create it/);
    expect(missing.stderr).toContain('VARVE_STORE_UNAVAILABLE');
    expectNoStack(missing);
    const wrong = expectCode(
      await checkout(server, ", prefixes: 1, storageClass: 'COLD'").varve(['run', 'shared.ts']),
      4,
    );
    expect(wrong.stderr).toContain('VARVE_CONFIG');
    expect(wrong.stderr).toContain('there is no option "prefixes"');
    expect(wrong.stderr).toContain('"storageClass" must be one of STANDARD');
    expectNoStack(wrong);
  });
});
