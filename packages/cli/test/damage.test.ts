import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, Project } from './support/project.ts';

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

describe('one bit flipped in the store', () => {
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

  it('of a large artifact is seen before a byte is decoded: by the command and from code', async () => {
    const blob = files('.varve/store/cas').find((file) => readFileSync(file).includes('19998,19999]'));
    expect(blob).toBeDefined();
    const good = readFileSync(blob ?? '');
    // Still good JSON: only the digest can tell.
    const at = good.indexOf('19998');
    flip(blob ?? '', at);
    const read = await project.node('read.mjs');
    expect(read.stdout).toMatch(/^VARVE_CORRUPT_ARTIFACT /);
    expect(new Set(read.stdout.match(DIGEST)).size).toBe(2);
    // It was moved aside.
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

  it('of a small artifact in a batch is seen too, and is no reason to doubt the rest', async () => {
    const batch = files('.varve/store/runs').find((file) => readFileSync(file).includes('that lies in a batch'));
    expect(batch).toBeDefined();
    flip(batch ?? '', readFileSync(batch ?? '').indexOf('that lies in a batch'));
    const got = expectCode(await project.varve(['artifacts', 'get', '@last', 'small']), 4);
    expectNoStack(got);
    expect(got.stdout).toBe('');
    expect(got.stderr).not.toContain('uhat lies');
    expect(new Set(got.stderr.match(DIGEST)).size).toBe(2);
  });

  it('of the events themselves is never read as another history', async () => {
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
