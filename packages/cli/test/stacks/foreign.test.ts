import { cpSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectCode, Project } from '../support/project.ts';

const FOREIGN = fileURLToPath(new URL('./fixtures', import.meta.url));

const FLOW = `import { Flow, step } from 'varve';
export default class Foreign extends Flow {
  rows!: Map<string, number>; each!: number; total!: number; ranIn!: string;
  items = [1, 2, 3];
  @step() load() { this.rows = new Map([['a', 1], ['b', 2]]); this.ranIn = String(process.send !== undefined); }
  @step({ after: 'load', foreach: 'items' }) square(item: number) { this.each = item * item; }
  @step({ join: 'square' }) sum(tasks: { each: number }[]) {
    this.total = tasks.reduce((sum, { each }) => sum + each, this.rows.size);
  }
}
`;
const IMPORTS = `import { sha512 } from '@acme/varve-hasher';
import { journalFiles } from '@acme/varve-metadata';
import { forkRunner } from '@acme/varve-runner';
import { v8Serializer } from '@acme/varve-serializer';
import { flatStore } from '@acme/varve-store';
`;
/** Ten lines. */
const CONFIG = `import { defineConfig } from 'varve';
${IMPORTS}
export default defineConfig({
  datastore: flatStore({ folder: 'objects' }),
  metadata: journalFiles({ folder: 'journals' }),
  serializer: v8Serializer(),
  hasher: sha512(),
  runner: forkRunner({ width: 2 }),
});
`;
/** Ten lines of composition. The runner of the package needs a stack that is named by its file. */
const SCRIPT = `import { createVarve } from 'varve';
${IMPORTS.replace(/.*forkRunner.*\n/, '')}import Foreign from './flow.ts';

await using varve = createVarve({
  datastore: flatStore({ folder: 'objects' }),
  metadata: journalFiles({ folder: 'journals' }),
  serializer: v8Serializer(),
  hasher: sha512(),
  runner: 'inline',
});
const run = await varve.run(Foreign);
console.log(JSON.stringify({ status: run.status, number: run.number, statuses: run.tasks().map((task) => task.status) }));
console.log(await run.history.value(run.references.total));
`;

/** A project with five packages installed that nobody here has written. */
function install(files: Readonly<Record<string, string>>): Project {
  const project = new Project({ 'flow.ts': FLOW, ...files });
  for (const name of readdirSync(FOREIGN))
    cpSync(`${FOREIGN}/${name}`, project.path(`node_modules/@acme/${name.replace('acme', 'varve')}`), { recursive: true });
  return project;
}

describe('a stack of five foreign parts', () => {
  it('is composed in a config and runs, lists, shows and resumes through the command', async () => {
    const project = install({ 'varve.config.ts': CONFIG });
    const events = await project.events(['flow.ts']);
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    expect(expectCode(await project.varve(['artifacts', 'get', 'Foreign/1', 'total']), 0).stdout.trim()).toBe('16');
    // The runner of the package has executed it, in a process of its own.
    expect(await project.json('artifacts', 'get', 'Foreign/1', 'ranIn')).toBe('true');
    const again = await project.events(['flow.ts']);
    expect(again.filter(({ type }) => type === 'task-started')).toEqual([]);
    const { runs } = await project.json<{ runs: unknown[] }>('list', '--json');
    expect(runs).toHaveLength(2);
    expect(readdirSync(project.path('journals'))).toHaveLength(2);
    expect(readdirSync(project.path('objects')).filter((name) => name.startsWith('cas+sha512+')).length).toBeGreaterThan(0);
    const { settings } = await project.json<{ settings: { setting: string; value: unknown; line?: number }[] }>('config', '--json');
    expect(Object.fromEntries(settings.slice(0, 6).map(({ setting, value, line }) => [setting, [value, line]]))).toEqual({
      datastore: ['acme-store', 9],
      'datastore.compress': [false, undefined],
      metadata: ['acme-metadata', 10],
      serializer: ['acme-serializer', 11],
      hasher: ['acme-hasher', 12],
      runner: ['acme-runner', 13],
    });
  }, 60_000);
});
