import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

const TASKS = 300;
const FLOW = `import { Flow, param, step } from 'varve';
export default class Big extends Flow {
  seed = param.int(1); items = Array.from({ length: ${TASKS} }, (_, i) => i);
  small!: number; large!: Uint8Array;
  @step({ foreach: 'items' }) make(i: number) {
    this.small = this.seed * 1000 + i;
    this.large = new Uint8Array(20_000 + i).fill(this.seed);
  }
  @step({ join: 'make' }) end() {}
}`;
const COLLECT = ['gc', '--yes', '--keep-last', '1', '--older', '0s'];

interface Listed {
  readonly runs: readonly { readonly record: { readonly number: number } }[];
}

/** Number of artifacts deleted before the kill: 0 is right after the record of the removed run. */
it.each([0, TASKS / 10])(
  'varve gc on a file store, killed when %i artifacts are deleted, leaves all kept runs intact',
  async (gone) => {
    const project = new Project({ 'big.ts': FLOW });
    for (const seed of [1, 2]) expectCode(await project.varve(['run', 'big.ts', '--seed', String(seed), '-q']), 0);
    ageAll(project);
    const records = filesUnder(project, 'records').length;
    const artifacts = filesUnder(project, 'cas').length;
    const collection = project.start(COLLECT);
    while (collection.child.exitCode === null) {
      if (filesUnder(project, 'records').length < records && filesUnder(project, 'cas').length <= artifacts - gone)
        break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    collection.child.kill('SIGKILL');
    expect((await collection.ended).code, 'it was killed before its end').toBeNull();
    expect(filesUnder(project, 'cas').length).toBeGreaterThan(TASKS);
    const { runs } = await project.json<Listed>('list', '--json');
    expect(runs.map(({ record }) => record.number)).toEqual([2]);
    // The lease of the killed process expires after a minute.
    ageAll(project);
    expectCode(await project.varve(COLLECT), 0);
    expect(filesUnder(project, 'cas').length).toBeLessThanOrEqual(artifacts - TASKS);
    for (const i of [0, TASKS - 1]) {
      expect(await project.json('artifacts', 'get', `Big/2/make[${i}]`, 'small')).toBe(2000 + i);
      expectCode(await project.varve(['artifacts', 'get', `Big/2/make[${i}]`, 'large', '-o', 'large.bin']), 0);
    }
    const again = await project.events(['big.ts', '--seed', '2']);
    expect(again.filter((event) => event.type === 'task-ended' && event.status === 'cached').length).toBe(TASKS + 1);
  },
  120_000,
);

/** Lists again when a folder vanishes during the listing. */
function filesUnder(project: Project, folder: string): string[] {
  for (;;) {
    if (!existsSync(project.path(`.varve/store/${folder}`))) return [];
    try {
      const entries = readdirSync(project.path(`.varve/store/${folder}`), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Makes all files look two hours old. */
function ageAll(project: Project): void {
  const then = Date.now() / 1000 - 2 * 3600;
  for (const folder of ['cas', 'runs', 'records', 'cache', 'leases']) {
    for (const file of filesUnder(project, folder)) utimesSync(file, then, then);
  }
}
