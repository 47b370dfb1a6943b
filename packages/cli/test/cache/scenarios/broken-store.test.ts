import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flipByte, outcomeOf, ran, storeFiles } from '../../support/cached-run.ts';
import { expectCode, expectNoStack, Project, type RunEventLine } from '../../support/project.ts';
import { WATCHED_CONFIG } from '../../support/watched-store.ts';

const FLOW = `import { Flow, step } from 'varve';
export default class Two extends Flow {
  big!: Uint8Array; b!: number;
  @step() make() { this.big = new Uint8Array(50_000).fill(7); }
  @step({ after: 'make' }) use() { this.b = this.big.length; }
}
`;
const FILES = { 'two.ts': FLOW, 'varve.config.mjs': WATCHED_CONFIG };
const ALL = { make: 'cached', use: 'cached' };
/** Calls of these kinds fail for ever; the run gives each of them up soon. */
const down = (calls: string) => ({ STORE_DOWN: calls, VARVE_STORE_PATIENCE: '1s' });
const pages = (project: Project) => storeFiles(project, 'cache/v1');

describe('the cache over a failing store', () => {
  it('a failing lookup lets the run execute its tasks with the reason UNAVAILABLE (scenario 29)', async () => {
    const project = new Project(FILES);
    await ran(project, ['two.ts']);
    const broken = await ran(project, ['two.ts'], { env: down('list:cache/') });
    expect(broken.counts).toEqual({ succeeded: 2 });
    expect(broken.why.make).toMatch(/^UNAVAILABLE .*the store is down/);
    expect(broken.warnings.join('\n')).toMatch(/^UNAVAILABLE .*make/m);
    expect((await ran(project, ['two.ts'])).status).toEqual(ALL);
  });

  it('a failing read of a listed page lets the run execute its tasks (scenario 29)', async () => {
    const project = new Project(FILES);
    await ran(project, ['two.ts']);
    const broken = await ran(project, ['two.ts'], { env: down('get:cache/') });
    expect(broken.counts).toEqual({ succeeded: 2 });
    expect(broken.why.make).toMatch(/^UNAVAILABLE /);
  });

  it('failing to write results gives one warning, and the run succeeds (scenario 29)', async () => {
    const project = new Project(FILES);
    const broken = await ran(project, ['two.ts'], { env: down('put:cache/') });
    expect(broken.counts).toEqual({ succeeded: 2 });
    expect(broken.warnings).toHaveLength(1);
    expect(broken.warnings[0]).toMatch(/not kept for other runs.*the store is down/);
    expect(pages(project)).toEqual([]);
    expect((await ran(project, ['two.ts'])).counts).toEqual({ succeeded: 2 });
    expect((await ran(project, ['two.ts'])).status).toEqual(ALL);
  });

  it('failing to read the key of the environment does not stop the run (scenario 29)', async () => {
    const project = new Project({
      ...FILES,
      'two.ts': FLOW.replace('this.big.length', `this.big.length + Number(process.env.MORE ?? 0)`),
    });
    const broken = await ran(project, ['two.ts'], { env: down('get:cache/ put:cache/') });
    expect(broken.counts).toEqual({ succeeded: 2 });
    expect(broken.warnings.join('\n')).toMatch(/the store is down/);
  });

  it('a kill between artifacts and page leaves no partial result to find (scenario 30)', async () => {
    const project = new Project(FILES);
    const killed = await project.varve(['run', 'two.ts', '--json'], { STORE_KILL: 'put:cache/v1/' });
    expect(killed.code).toBeNull();
    expect(storeFiles(project, 'cas')).not.toEqual([]);
    expect(pages(project)).toEqual([]);
    const next = await ran(project, ['two.ts']);
    expect(next.counts).toEqual({ succeeded: 2 });
    expect((await ran(project, ['two.ts'])).status).toEqual(ALL);
    expect(await project.json('artifacts', 'get', '@last', 'b')).toBe(50_000);
  });
});

describe('an unreadable page of results is a warning and a miss, never a crash (scenario 32)', () => {
  const damages: [string, (file: string) => void][] = [
    ['has one bit flipped', (file) => flipByte(file, readFileSync(file).length - 20)],
    ['has its first line damaged', (file) => flipByte(file, 3)],
    ['is cut', (file) => writeFileSync(file, readFileSync(file).subarray(0, 100))],
    ['is empty', (file) => writeFileSync(file, '')],
    [
      'is of a later format',
      (file) => writeFileSync(file, readFileSync(file, 'latin1').replace('varve-page 1', 'varve-page 9'), 'latin1'),
    ],
    ['is something else', (file) => writeFileSync(file, '{"not":"a page"}')],
  ];
  it.each(damages)('a page that %s', async (_, damage) => {
    const project = new Project(FILES);
    await ran(project, ['two.ts']);
    for (const file of pages(project)) damage(file);
    const result = expectCode(await project.varve(['run', 'two.ts', '--json']), 0);
    expectNoStack(result);
    const events = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEventLine);
    const { counts, warnings } = outcomeOf(events);
    expect(counts).toEqual({ succeeded: 2 });
    expect(warnings).toHaveLength(2);
    for (const warning of warnings) expect(warning).toMatch(/^CORRUPT .*cache\/v1\//);
    expect((await ran(project, ['two.ts'])).status, 'the good pages beside it count').toEqual(ALL);
  });

  it('a page that vanishes between list and read is ignored', async () => {
    const project = new Project(FILES);
    await ran(project, ['two.ts']);
    for (const file of pages(project)) rmSync(file);
    expect((await ran(project, ['two.ts'])).counts).toEqual({ succeeded: 2 });
  });
});
