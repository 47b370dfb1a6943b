import { cpSync, existsSync, readdirSync } from 'node:fs';
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
import { fileStore } from '@acme/varve-store';
`;
/** Ten lines. */
const CONFIG = `import { defineConfig } from 'varve';
${IMPORTS}
export default defineConfig({
  datastore: fileStore({ folder: 'objects' }),
  metadata: journalFiles({ folder: 'journals' }),
  serializer: v8Serializer(),
  hasher: sha512(),
  runner: forkRunner({ width: 2 }),
});
`;
/** The same parts as objects, in as many lines. */
const SCRIPT = `import { writeFileSync } from 'node:fs';
import { createVarve } from 'varve';
${IMPORTS}import { Compiled } from './compiled.mjs';
const varve = createVarve({
  datastore: fileStore({ folder: 'objects' }),
  metadata: journalFiles({ folder: 'journals' }),
  serializer: v8Serializer(),
  hasher: sha512(),
  runner: forkRunner({ width: 2 }),
});
const run = await varve.run(Compiled);
const again = await varve.run(Compiled);
// What this thread prints belongs to the tasks that the runner executes in it.
writeFileSync('answer.json', JSON.stringify([run.status, run.artifacts.total, again.tasks().map((task) => task.status)]));
await varve.close();
`;

/** What a compiler makes of a flow. */
const COMPILED = `import { Flow, step } from 'varve';
export class Compiled extends Flow {
  items = [1, 2, 3];
  load() { this.rows = new Map([['a', new Uint8Array(100_000)], ['b', 2]]); }
  square(item) { this.each = item * item; }
  sum(tasks) { this.total = tasks.reduce((sum, { each }) => sum + each, this.rows.size); }
}
const decorate = (options, name) => step(options)(Compiled.prototype, name, Object.getOwnPropertyDescriptor(Compiled.prototype, name));
decorate({}, 'load');
decorate({ after: 'load', foreach: 'items' }, 'square');
decorate({ join: 'square' }, 'sum');
`;

/** A project with five packages installed that nobody here has written. */
function install(files: Readonly<Record<string, string>>): Project {
  const project = new Project({ 'flow.ts': FLOW, ...files });
  for (const name of readdirSync(FOREIGN))
    cpSync(`${FOREIGN}/${name}`, project.path(`node_modules/@acme/${name.replace('acme', 'varve')}`), {
      recursive: true,
    });
  return project;
}

describe('a stack of five foreign parts', () => {
  it('is composed in a config: the command runs it, finds its results again, lists its runs, and proves its store', async () => {
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
    const kept = readdirSync(project.path('objects')).filter((name) => name.startsWith('cas+'));
    expect(kept.every((name) => name.startsWith('cas+sha512+'))).toBe(true);
    expectCode(await project.varve(['check-store', '--no-heavy']), 0);
    const { settings } = await project.json<{ settings: { setting: string; value: unknown; line?: number }[] }>(
      'config',
      '--json',
    );
    expect(
      Object.fromEntries(settings.slice(0, 7).map(({ setting, value, line }) => [setting, [value, line]])),
    ).toEqual({
      index: ['none', undefined],
      datastore: ['acme-store', 9],
      'datastore.compress': [false, undefined],
      metadata: ['acme-metadata', 10],
      serializer: ['acme-serializer', 11],
      hasher: ['acme-hasher', 12],
      runner: ['acme-runner', 13],
    });
  }, 60_000);

  it('is composed in code: it runs, finds its results again, and reads them', async () => {
    const project = install({ 'main.mjs': SCRIPT, 'compiled.mjs': COMPILED });
    expectCode(await project.node('main.mjs'), 0);
    const [status, total, statuses] = JSON.parse(project.read('answer.json')) as [string, number, string[]];
    expect([status, total, new Set(statuses)]).toEqual(['succeeded', 16, new Set(['cached'])]);
    expect(readdirSync(project.path('journals'))).toHaveLength(2);
    expect(existsSync(project.path('.varve/store'))).toBe(false);
  }, 60_000);
});
