import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openProject, type Project, put } from './observed.ts';

const at = (path: string) => `path.join(ROOT, '${path}')`;
const TREE = { 'data/a.txt': 'hello', 'data/sub/b.txt': 'b', 'log.txt': 'one' };

let project: Project;
beforeAll(async () => {
  project = await openProject();
});
beforeEach(() => project.reset(TREE));
afterAll(() => project.close());

/** Code, and all of its reads: what it wrote, and nothing of what it wrote itself. */
const WRITES: readonly (readonly [code: string, reads: readonly string[]])[] = [
  [`fs.writeFileSync(${at('out.txt')}, 'x')`, ['@wrote out.txt']],
  [`fs.writeFileSync(${at('out.txt')}, 'x'); fs.readFileSync(${at('out.txt')})`, ['@wrote out.txt']],
  [
    `fs.writeFileSync(${at('out.txt')}, 'x'); fs.statSync(${at('out.txt')}); fs.existsSync(${at('out.txt')})`,
    ['@wrote out.txt'],
  ],
  [`await fsp.writeFile(${at('out.txt')}, 'x'); await fsp.readFile(${at('out.txt')})`, ['@wrote out.txt']],
  [`await promisify(fs.writeFile)(${at('out.txt')}, 'x')`, ['@wrote out.txt']],
  [`fs.appendFileSync(${at('log.txt')}, 'x')`, ['@wrote log.txt']],
  [`await fsp.appendFile(${at('log.txt')}, 'x')`, ['@wrote log.txt']],
  [`await promisify(fs.appendFile)(${at('log.txt')}, 'x')`, ['@wrote log.txt']],
  [`const s = fs.createWriteStream(${at('out.txt')}); s.end('x'); await once(s, 'close')`, ['@wrote out.txt']],
  [`const fd = fs.openSync(${at('out.txt')}, 'w'); fs.writeSync(fd, 'x'); fs.closeSync(fd)`, ['@wrote out.txt']],
  [`const h = await fsp.open(${at('out.txt')}, 'w'); await h.writeFile('x'); await h.close()`, ['@wrote out.txt']],
  [`fs.mkdirSync(${at('new')})`, ['@wrote new']],
  [
    `fs.mkdirSync(${at('new/a/b')}, { recursive: true }); fs.readdirSync(${at('new')})`,
    ['@wrote new', '@wrote new/a', '@wrote new/a/b'],
  ],
  [`fs.mkdirSync(${at('data')}, { recursive: true }); fs.readdirSync(${at('data')})`, ['@dir data', '@wrote data']],
  [`fs.rmSync(${at('data')}, { recursive: true }); fs.existsSync(${at('data/a.txt')})`, ['@wrote data']],
  [`await fsp.rm(${at('data')}, { recursive: true })`, ['@wrote data']],
  [`await promisify(fs.rm)(${at('data')}, { recursive: true })`, ['@wrote data']],
  [`fs.unlinkSync(${at('log.txt')})`, ['@wrote log.txt']],
  [`fs.rmdirSync(${at('data/sub')}, { recursive: true })`, ['@wrote data/sub']],
  [`fs.truncateSync(${at('log.txt')})`, ['@wrote log.txt']],
  [`await promisify(fs.truncate)(${at('log.txt')}, 1)`, ['@wrote log.txt']],
  [
    `fs.renameSync(${at('log.txt')}, ${at('old.txt')}); fs.readFileSync(${at('old.txt')})`,
    ['@wrote log.txt', '@wrote old.txt'],
  ],
  [
    `fs.renameSync(${at('data')}, ${at('moved')}); fs.readdirSync(${at('moved')})`,
    ['@wrote data', '@wrote moved', '@wrote moved/a.txt', '@wrote moved/sub', '@wrote moved/sub/b.txt'],
  ],
  [`fs.symlinkSync('log.txt', ${at('link')}); fs.readFileSync(${at('link')})`, ['@file log.txt', '@wrote link']],
  [`fs.copyFileSync(${at('log.txt')}, ${at('copy')})`, ['@file log.txt', '@wrote copy']],
  [`fs.linkSync(${at('log.txt')}, ${at('copy')})`, ['@file log.txt', '@wrote copy']],
  [
    `await fsp.cp(${at('data')}, ${at('copy')}, { recursive: true })`,
    [
      ...['@file data/a.txt', '@file data/sub/b.txt', '@tree data'],
      ...['@wrote copy', '@wrote copy/a.txt', '@wrote copy/sub', '@wrote copy/sub/b.txt'],
    ],
  ],
  [
    `const d = fs.mkdtempSync(${at('tmp-')}); fs.writeFileSync(d + '/x', ''); fs.readdirSync(d); fs.renameSync(d, ${at('t')})`,
    ['@wrote t', '@wrote t/x', '@wrote tmp-*', '@wrote tmp-*/x'],
  ],
  [`fs.readFileSync(${at('log.txt')}); fs.writeFileSync(${at('log.txt')}, 'two')`, ['@file log.txt', '@wrote log.txt']],
  [`try { fs.mkdirSync(${at('data')}) } catch {}`, ['@link .', '@link data', '@stat .', '@stat data']],
  [`try { fs.writeFileSync(${at('no/x')}, '') } catch {}`, ['@link no', '@link no/x', '@stat no', '@stat no/x']],
  [`try { fs.rmdirSync(${at('data')}) } catch {}`, ['@dir data', '@link .', '@link data', '@stat .', '@stat data']],
  [`fs.writeFileSync(${at('.varve/x')}, ''); fs.readFileSync(${at('.varve/x')})`, []],
  [`fs.rmSync(fs.mkdtempSync(path.join((await import('node:os')).tmpdir(), 'x-')), { recursive: true })`, []],
];

it.each(WRITES)('notes %s', async (code, reads) => {
  const answer = await project.run(code);
  expect(answer.error).toBeUndefined();
  expect(answer.unrecorded).toBeUndefined();
  expect(Object.keys(answer.tokens).map((read) => read.replace(/tmp-\w{6}/, 'tmp-*'))).toEqual(reads);
  const overwritten = answer.tokens['@file log.txt'] !== undefined && answer.tokens['@wrote log.txt'] !== undefined;
  if (!overwritten) expect(await project.look(answer)).toEqual(answer.tokens);
});

it('counts a file that is read and then overwritten with the old content', async () => {
  for (const read of [
    `fs.readFileSync(${at('log.txt')}, 'utf8')`,
    `fs.readFileSync(globalThis.fd = fs.openSync(${at('log.txt')}), 'utf8'); fs.closeSync(fd)`,
    `await (await fs.openAsBlob(${at('log.txt')})).text()`,
    `fs.readFileSync(globalThis.fd = fs.openSync(${at('log.txt')}, 'r+'), 'utf8'); fs.closeSync(fd)`,
  ]) {
    project.reset(TREE);
    const before = await project.run(`fs.readFileSync(${at('log.txt')})`);
    const answer = await project.run(`export const result = ${read}; fs.writeFileSync(${at('log.txt')}, 'two')`);
    expect(answer.result).toBe('one');
    expect(answer.tokens['@file log.txt']).toBe(before.tokens['@file log.txt']);
    expect(answer.tokens['@wrote log.txt']).not.toBe(before.tokens['@file log.txt']);
    expect(answer.unrecorded).toBeUndefined();
  }
});

it('tells when what was left is not there any more', async () => {
  const answer = await project.run(`fs.mkdirSync(${at('out')}); fs.writeFileSync(${at('out/a.txt')}, 'a')`);
  for (const change of [
    () => put(join(project.root, 'out/a.txt'), 'b'),
    () => rmSync(join(project.root, 'out/a.txt')),
    () => rmSync(join(project.root, 'out'), { recursive: true }),
  ]) {
    expect(await project.look(answer)).toEqual(answer.tokens);
    change();
    expect(await project.look(answer)).not.toEqual(answer.tokens);
    put(join(project.root, 'out/a.txt'), 'a');
  }
});

it('lists a folder again after it wrote into it without taking that for a change', async () => {
  const answer = await project.run(
    `fs.readdirSync(${at('data')}); fs.writeFileSync(${at('data/x')}, ''); fs.readdirSync(${at('data')})`,
  );
  expect(answer.unrecorded).toBeUndefined();
});

it('refuses a result when a file changes while it is read', async () => {
  const answer = await project.run(`
    const h = await fsp.open(${at('log.txt')});
    (await import('node:child_process')).execFileSync(process.execPath, ['-e', 'fs.writeFileSync(process.argv[1], "two")', ${at('log.txt')}]);
    export const result = await h.readFile('utf8'); await h.close();`);
  expect(answer.unrecorded).toBe('log.txt changed while it was read');
  const twice = await project.run(`
    fs.readFileSync(${at('log.txt')});
    (await import('node:child_process')).execFileSync(process.execPath, ['-e', 'fs.writeFileSync(process.argv[1], "six")', ${at('log.txt')}]);
    fs.readFileSync(${at('log.txt')});`);
  expect(twice.unrecorded).toBe('file log.txt changed while it was read');
});

it('relies on a small file that was written a moment before', async () => {
  writeFileSync(join(project.root, 'log.txt'), 'new');
  const answer = await project.run(`fs.closeSync(fs.openSync(${at('log.txt')}))`);
  expect(answer.unrecorded).toBeUndefined();
  expect(await project.look(answer)).toEqual(answer.tokens);
});

it('notes a file that the load opened and another task reads', async () => {
  await project.run(
    `globalThis.fd = fs.openSync(${at('log.txt')}); globalThis.h = await fsp.open(${at('data/a.txt')})`,
  );
  const answer = await project.run(
    `fs.readSync(fd, Buffer.alloc(3)); await h.read(); await h.close(); fs.closeSync(fd)`,
  );
  expect(Object.keys(answer.tokens)).toEqual(['@file data/a.txt', '@file log.txt']);
});
