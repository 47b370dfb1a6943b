import { expect, it, vi } from 'vitest';
import { expectCode, Project } from '../../support/project.ts';

// Each test starts a process, which is slow on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Compiled, as a script imports it. */
const FLOW = `import { readFileSync, writeFileSync } from 'node:fs';
import { artifact, Flow, step } from 'varve';
export class Local extends Flow {
  mark = '-';
  make() {
    writeFileSync('made.txt', this.mark.repeat(50_000));
    this.file = artifact.file('made.txt');
    this.rows = Array(10_000).fill(this.mark);
  }
  measure() {
    this.length = readFileSync(this.file.path(), 'utf8').length + this.file.text().length + this.rows.join('').length;
  }
}
const decorate = (options, name) => step(options)(Local.prototype, name, Object.getOwnPropertyDescriptor(Local.prototype, name));
decorate({}, 'make');
decorate({ after: 'make' }, 'measure');
`;

it('spin() of a stack in this thread reads the run in memory, and stores an attempt only with keep', async () => {
  const project = new Project({ 'local.mjs': FLOW });
  project.write(
    'try.mjs',
    `import { createVarve, memoryStore } from 'varve';
import { Local } from './local.mjs';
const varve = createVarve({ datastore: memoryStore(), runner: 'inline' });
const client = varve.client(Local);
const run = await varve.run(Local);
const same = await varve.spin(run, 'measure');
const other = await varve.spin(run, 'measure', { set: { rows: ['abc'] } });
const made = await varve.spin(run, 'make', { set: { mark: '++' } });
const numbers = async () => { const all = []; for await (const { record } of client.runs()) all.push(record.number); return all; };
const before = await numbers();
const kept = await varve.spin(run, 'make', { set: { mark: '++' }, keep: true });
console.log(JSON.stringify({
  ran: [run.status, run.artifacts.length], same: same.artifacts.length, other: other.artifacts.length,
  made: [made.status, made.artifacts.rows.length, made.changes.map(({ name, change }) => name + ' ' + change)],
  before, after: await numbers(), kept: [kept.artifacts.file.text().length, kept.artifacts.rows[0]],
}));
await varve.close();
`,
  );
  const { stdout } = expectCode(await project.node('try.mjs'), 0);
  expect(JSON.parse(stdout)).toEqual({
    ran: ['succeeded', 110_000],
    same: 110_000,
    other: 100_003,
    made: ['succeeded', 10_000, ['file changed', 'rows changed']],
    before: [1],
    after: [2, 1],
    kept: [100_000, '++'],
  });
});
