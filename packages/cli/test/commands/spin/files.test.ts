import { beforeAll, expect, it, vi } from 'vitest';
import { outcomeOf } from '../../support/outcome.ts';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts several processes, which is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FLOW = `import { mkdirSync, writeFileSync } from 'node:fs';
import { artifact, Flow, step, type StoredDir, type StoredFile } from 'varve';
export default class Files extends Flow {
  mark = '-'; large!: StoredFile; small!: StoredFile; folder!: StoredDir; again!: StoredFile;
  @step() make() {
    mkdirSync('made', { recursive: true });
    writeFileSync('made/large.txt', this.mark.repeat(50_000));
    writeFileSync('made/small.txt', this.mark);
    this.large = artifact.file('made/large.txt'); this.small = artifact.file('made/small.txt'); this.folder = artifact.dir('made');
  }
  @step({ after: 'make' }) pass() { this.again = this.large; }
}
`;
const project = new Project({ 'files.ts': FLOW });

beforeAll(async () => {
  await outcomeOf(project, ['run', 'files.ts']);
});

async function tried(call: string): Promise<Record<string, string | number>> {
  project.write(
    'try.mjs',
    `import { client, spin } from 'varve';
const run = await client('Files').run(1);
const { artifacts } = await ${call};
const read = (get) => { try { return get().text().length; } catch (error) { return error.code + ' ' + error.hint; } };
const { large, small, folder, again } = artifacts;
console.log(JSON.stringify({
  large: large && read(() => large), small: small && read(() => small),
  inside: folder && read(() => folder.file('large.txt')), again: again && read(() => again),
}));
`,
  );
  return JSON.parse(expectCode(await project.node('try.mjs'), 0).stdout) as Record<string, string | number>;
}

it('spin() returns stored files that a task has passed on or recomputed', async () => {
  expect(await tried("spin(run, 'make')")).toEqual({ large: 50_000, small: 1, inside: 50_000 });
  expect(await tried("spin(run, 'pass')")).toEqual({ again: 50_000 });
});

it('spin() returns stored files of a kept attempt', async () => {
  const files = await tried("spin(run, 'make', { set: { mark: '++' }, keep: true })");
  expect(files).toEqual({ large: 100_000, small: 2, inside: 100_000 });
});

it('spin() reports that a new file is stored only with keep', async () => {
  const files = await tried("spin(run, 'make', { set: { mark: '+++' } })");
  const refused = expect.stringMatching(/^VARVE_MISSING_ARTIFACT .*keep/);
  expect(files).toEqual({ large: refused, small: 3, inside: refused });
});
