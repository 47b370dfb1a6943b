import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectCode, expectNoStack, type Project } from '../../support/project.ts';
import { flipBit, stored, wordsProject } from './words.ts';

async function ran(): Promise<Project> {
  const project = wordsProject();
  expectCode(await project.varve(['run', 'words.ts']), 0);
  return project;
}

async function verify(project: Project, code: number, ...args: string[]): Promise<string> {
  const result = expectCode(await project.varve(['cache', 'verify', ...args]), code);
  expectNoStack(result);
  return result.stdout;
}

/** The object of `big`, which is too large for a commit batch. */
function bigObject(project: Project): string {
  const file = stored(project, '/store/cas/').find((one) => readFileSync(one).includes('19998,19999]'));
  return file ?? '';
}

describe('varve cache verify', () => {
  it('reports a sound cache as sound', async () => {
    const project = await ran();
    expect(await verify(project, 0)).toMatch(/✔ 5 results on \d pages, \d pieces of .*: all there, all sound/);
    expect(await project.json('cache', 'verify', 'Words/load', '--json')).toMatchObject({
      v: 1,
      sound: true,
      results: 1,
    });
  });

  it('finds an object with wrong bytes, and repairs it only with --repair', async () => {
    const project = await ran();
    const file = bigObject(project);
    flipBit(file, 100);
    const before = stored(project, '').sort();
    expect(await verify(project, 1)).toMatch(
      /✖ Words\/1\/load: big is damaged \(sha256:.*\)[\s\S]*varve cache verify --repair/,
    );
    expect(stored(project, '').sort()).toEqual(before);
    expect(await verify(project, 0, 'Words/count')).toContain('all sound');
    const mended = await verify(project, 0, '--repair');
    expect(mended).toMatch(/withdrew 1 result, which the next run makes again/);
    expect(mended).toContain('quarantine/cas/sha256/');
    const { stderr } = expectCode(await project.varve(['run', 'words.ts']), 0);
    expect(stderr).toMatch(/load {2}started +← withdrawn by .*: its bytes are missing or damaged/);
    expect(stderr).toContain('4 cached · 1 ran');
    expect(await verify(project, 0)).toContain('all sound');
    expect(expectCode(await project.varve(['run', 'words.ts']), 0).stderr).toContain('5 cached · 0 ran');
  });

  it('finds a missing object', async () => {
    const project = await ran();
    rmSync(bigObject(project));
    expect(await verify(project, 1)).toContain('Words/1/load: big is missing');
    expect(await project.json('cache', 'verify', '--repair', '--json')).toMatchObject({
      sound: false,
      damagedResults: [{ name: 'Words/1/load', faults: [{ name: 'big', state: 'missing' }] }],
      repair: { withdrawn: 1, pagesRemoved: 0, quarantined: [] },
    });
    expect(await verify(project, 0)).toContain('all sound');
  });

  it('finds small artifacts whose commit batch is damaged', async () => {
    const project = await ran();
    const batch = stored(project, '/batch/').find((one) => readFileSync(one).includes('["two","words"]'));
    const bytes = readFileSync(batch ?? '');
    flipBit(batch ?? '', bytes.lastIndexOf('["two","words"]') + 3);
    expect(await verify(project, 1)).toContain('Words/1/count[1]: words is damaged');
    expect(await verify(project, 0, '--repair')).toContain('withdrew 1 result');
    expect(await verify(project, 0)).toContain('all sound');
  });

  it('removes a damaged page with --repair, and the next run recomputes its results', async () => {
    const project = await ran();
    const page = stored(project, '/cache/v1/').find((one) => readFileSync(one).includes('"step":"load"')) ?? '';
    flipBit(page, readFileSync(page).length - 5);
    expect(await verify(project, 1)).toMatch(
      /✖ cache\/v1\/.* is damaged at byte .*: its bytes are not what was written/,
    );
    const listed = expectCode(await project.varve(['cache', 'ls']), 0);
    expect(listed.stderr).toMatch(/^! cache\/v1\/.* is left out/);
    expect(listed.stdout).not.toContain('load');
    expect(await project.json('cache', 'stats', '--json')).toMatchObject({ damagedPages: 1, results: 4 });
    expect(await verify(project, 0, '--repair')).toContain('removed 1 page');
    expect(stored(project, '/cache/v1/')).not.toContain(page);
    const { stderr } = expectCode(await project.varve(['run', 'words.ts']), 0);
    expect(stderr).toMatch(/load {2}started +← no earlier result/);
    expect(await verify(project, 0)).toContain('✔ 5 results');
  });

  it('leaves pages alone that another version of varve wrote', async () => {
    const project = await ran();
    const page = stored(project, '/cache/v1/')[0] ?? '';
    writeFileSync(page, readFileSync(page, 'latin1').replace('varve-page 1 ', 'varve-page 2 '), 'latin1');
    for (const args of [[], ['--repair']])
      expect(await verify(project, 0, ...args)).toContain('1 page of another version of varve: left alone');
    expect(stored(project, '/cache/v1/')).toContain(page);
    const listed = expectCode(await project.varve(['cache', 'ls']), 0);
    expect(listed.stderr).toContain('another version of varve wrote it');
  });
});
