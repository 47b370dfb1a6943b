import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project } from '../../support/project.ts';

const FLOW = `
import { Flow, step } from 'varve';
export default class Stored extends Flow {
  big!: number[]; small!: string;
  @step() make() {
    this.big = Array.from({ length: 20_000 }, (_, i) => i);
    this.small = 'a small artifact that lies in a batch';
  }
}
`;

const READ = `
import { client } from 'varve';
const run = await client('Stored').last();
try {
  console.log('read', run.artifacts.big.length);
} catch (error) {
  console.log(error.code, error.message);
}
`;

const DIGEST = /sha256:[0-9a-f]{64}/g;

describe('a flipped bit in the store', () => {
  const project = new Project({ 'stored.ts': FLOW, 'read.mjs': READ });
  const files = (folder: string): string[] =>
    readdirSync(project.path(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const flip = (file: string, at: number) => {
    const bytes = readFileSync(file);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };
  beforeAll(async () => {
    expectCode(await project.varve(['run', 'stored.ts']), 0);
  });

  it('in a large artifact is detected before decoding, by the command line and from code', async () => {
    const blob = files('.varve/store/cas').find((file) => readFileSync(file).includes('19998,19999]'));
    expect(blob).toBeDefined();
    const good = readFileSync(blob ?? '');
    // The result is valid JSON: only the digest reveals the damage.
    const at = good.indexOf('19998');
    flip(blob ?? '', at);
    const read = await project.node('read.mjs');
    expect(read.stdout).toMatch(/^VARVE_CORRUPT_ARTIFACT /);
    expect(new Set(read.stdout.match(DIGEST)).size).toBe(2);
    // It was moved to the quarantine.
    mkdirSync(dirname(blob ?? ''), { recursive: true });
    writeFileSync(blob ?? '', good);
    expect((await project.node('read.mjs')).stdout).toBe('read 20000\n');
    flip(blob ?? '', at);
    const got = expectCode(await project.varve(['artifacts', 'get', '@last', 'big']), 4);
    expectNoStack(got);
    expect(got.stdout).toBe('');
    expect(new Set(got.stderr.match(DIGEST)).size).toBe(2);
    expect(got.stderr).toContain('VARVE_CORRUPT_ARTIFACT');
    const again = expectCode(await project.varve(['artifacts', 'get', '@last', 'big', '-o', 'out.json']), 4);
    expect(again.stderr).toContain('VARVE_MISSING_ARTIFACT');
    expect(() => project.read('out.json')).toThrow();
  });

  it('in a small artifact of a batch is detected, and the rest of the batch stays readable', async () => {
    const batch = files('.varve/store/runs').find((file) => readFileSync(file).includes('that lies in a batch'));
    expect(batch).toBeDefined();
    flip(batch ?? '', readFileSync(batch ?? '').indexOf('that lies in a batch'));
    const got = expectCode(await project.varve(['artifacts', 'get', '@last', 'small']), 4);
    expectNoStack(got);
    expect(got.stdout).toBe('');
    expect(got.stderr).not.toContain('uhat lies');
    expect(new Set(got.stderr.match(DIGEST)).size).toBe(2);
  });

  it('in the events of a run never gives a different history', async () => {
    expectCode(await project.varve(['run', 'stored.ts', '-q']), 0);
    const { run } = await project.json<{ run: { id: string } }>('show', '@last', '--json');
    const batch = files('.varve/store/runs').find(
      (f) => f.includes(run.id) && readFileSync(f).includes('task-succeeded'),
    );
    expect(batch).toBeDefined();
    flip(batch ?? '', readFileSync(batch ?? '').indexOf('task-succeeded') + 5);
    const shown = expectCode(await project.varve(['show', '@last']), 4);
    expectNoStack(shown);
    expect(shown.stdout).toBe('');
    expect(shown.stderr).toContain(run.id);
  });
});

describe('varve list with a damaged run', () => {
  const project = new Project({ 'stored.ts': FLOW });
  const files = () =>
    readdirSync(project.path('.varve/store'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const ids: string[] = [];
  const list = async () => {
    const result = expectCode(await project.varve(['list', '--json']), 0);
    const { runs } = JSON.parse(result.stdout) as { runs: { record: { id: string }; status: string }[] };
    return { stderr: result.stderr, runs: Object.fromEntries(runs.map((run) => [run.record.id, run.status])) };
  };
  const fileOf = (id: string, name: RegExp) => files().find((file) => file.includes(id) && name.test(file)) ?? '';
  beforeAll(async () => {
    for (let i = 0; i < 3; i++) {
      expectCode(await project.varve(['run', 'stored.ts', '-q']), 0);
      const { run } = await project.json<{ run: { id: string } }>('show', '@last', '--json');
      ids.push(run.id);
    }
  });

  it('takes the status from the journal when summary and heartbeat are lost or damaged', async () => {
    const [first = ''] = ids;
    writeFileSync(fileOf(first, /summary/), '');
    rmSync(fileOf(first, /live/), { force: true });
    mkdirSync(dirname(fileOf(first, /summary/)), { recursive: true });
    writeFileSync(join(dirname(fileOf(first, /summary/)), 'live'), 'junk');
    const { stderr, runs } = await list();
    expect(runs[first]).toBe('succeeded');
    expect(stderr).toMatch(/^! .*summary is damaged/m);
    expect(stderr).toMatch(/^! .*live is damaged/m);
    rmSync(fileOf(first, /summary/));
    rmSync(fileOf(first, /live/));
    expect((await list()).runs[first]).toBe('succeeded');
  });

  it('lists all other runs when a record is damaged, and names the damaged one', async () => {
    const [, second = '', third = ''] = ids;
    const record = files().find((file) => file.includes('records') && file.includes(second)) ?? '';
    const bytes = readFileSync(record);
    const at = bytes.length - 20;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(record, bytes);
    const { stderr, runs } = await list();
    expect(Object.keys(runs).sort()).toEqual(ids.filter((id) => id !== second).sort());
    expect(stderr).toMatch(new RegExp(`^! records/.*${second}.* is damaged`, 'm'));
    for (const run of [second, 'Stored/2']) {
      expect(expectCode(await project.varve(['show', run]), 4).stderr).toContain('VARVE_CORRUPT_JOURNAL');
    }
    expectCode(await project.varve(['show', third]), 0);
    expectCode(await project.varve(['show', ids[0] ?? '']), 0);
  });
});
