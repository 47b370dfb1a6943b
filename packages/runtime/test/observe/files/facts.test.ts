import fs, { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openProject, type Project, put } from './observed.ts';

const IN_ROOT = (path: string) => `path.join(ROOT, '${path}')`;
const DATA = IN_ROOT('data');
const A = IN_ROOT('data/a.txt');
const GONE = IN_ROOT('gone.txt');
const addFile = (root: string) => put(join(root, 'data/new.txt'), 'new');
const addBelow = (root: string) => put(join(root, 'data/sub/new.txt'), 'new');
const change = (root: string) => put(join(root, 'data/a.txt'), 'longer than before');
const edit = (root: string) => put(join(root, 'data/a.txt'), 'HELLO');
const remove = (root: string) => rmSync(join(root, 'data/a.txt'));
const appear = (root: string) => put(join(root, 'gone.txt'), 'here');
const asFolder = (root: string) => {
  rmSync(join(root, 'data/a.txt'));
  mkdirSync(join(root, 'data/a.txt'));
};
const retarget = (root: string) => {
  rmSync(join(root, 'link'));
  symlinkSync('data/sub/b.txt', join(root, 'link'));
};

const asFileInstead = (root: string) => {
  rmSync(join(root, 'data'), { recursive: true });
  put(join(root, 'data'), 'a file');
};

type Edit = (root: string) => void;
/** Code, the reads it makes, an edit that must change a token and one that must not. */
const FACTS: readonly (readonly [code: string, reads: readonly string[], seen: Edit, unseen: Edit])[] = [
  [`fs.readdirSync(${DATA})`, ['@dir data'], addFile, addBelow],
  [`fs.readdirSync(${DATA}, 'utf8')`, ['@dir data'], remove, edit],
  [`fs.readdirSync(${DATA}, { encoding: 'buffer' })`, ['@dir data'], addFile, change],
  [`fs.readdirSync(${DATA}, { withFileTypes: true })`, ['@kinds data'], asFolder, addBelow],
  [`fs.readdirSync(${DATA}, { recursive: true })`, ['@tree data'], addBelow, edit],
  [`fs.readdirSync(${DATA}, { recursive: true, withFileTypes: true })`, ['@tree data'], addBelow, edit],
  [`await fsp.readdir(${DATA})`, ['@dir data'], addFile, addBelow],
  [`await fsp.readdir(${DATA}, { recursive: true })`, ['@tree data'], addBelow, edit],
  [`await promisify(fs.readdir)(${DATA})`, ['@dir data'], addFile, addBelow],
  [`await promisify(fs.readdir)(${DATA}, { withFileTypes: true })`, ['@kinds data'], asFolder, addBelow],
  [`for await (const one of await fsp.opendir(${DATA}));`, ['@kinds data'], addFile, addBelow],
  [`fs.opendirSync(${DATA}).closeSync()`, ['@kinds data'], addFile, addBelow],
  [`(await promisify(fs.opendir)(${DATA})).closeSync()`, ['@kinds data'], addFile, edit],
  [`fs.statSync(${A})`, ['@stat data/a.txt'], change, edit],
  [`fs.statSync(${A}, { bigint: true })`, ['@stat data/a.txt'], asFolder, edit],
  [`await fsp.stat(${A})`, ['@stat data/a.txt'], remove, edit],
  [`await promisify(fs.stat)(${A})`, ['@stat data/a.txt'], change, addFile],
  [`fs.statSync(${GONE}, { throwIfNoEntry: false })`, ['@stat gone.txt'], appear, edit],
  [`try { fs.statSync(${GONE}) } catch {}`, ['@stat gone.txt'], appear, edit],
  [`fs.lstatSync(${A})`, ['@link data/a.txt', '@stat data/a.txt'], change, edit],
  [`fs.lstatSync(${IN_ROOT('link')})`, ['@link link'], retarget, change],
  [`await fsp.lstat(${GONE}).catch(() => {})`, ['@link gone.txt'], appear, edit],
  [`await fs.openAsBlob(${GONE}).catch(() => {})`, ['@file gone.txt'], appear, edit],
  [`await fs.openAsBlob(${DATA}).then((blob) => blob.text()).catch(() => {})`, ['@file data'], asFileInstead, edit],
  [`fs.existsSync(${A})`, ['@exists data/a.txt'], remove, change],
  [`fs.existsSync(${GONE})`, ['@exists gone.txt'], appear, change],
  [`await new Promise((done) => fs.exists(${GONE}, done))`, ['@exists gone.txt'], appear, change],
  [`await promisify(fs.exists)(${A})`, ['@exists data/a.txt'], remove, change],
  [`fs.accessSync(${A})`, ['@exists data/a.txt'], remove, change],
  [`await fsp.access(${GONE}).catch(() => {})`, ['@exists gone.txt'], appear, change],
  [`await promisify(fs.access)(${A})`, ['@exists data/a.txt'], remove, change],
  [`fs.realpathSync(${IN_ROOT('link')})`, ['@real link'], retarget, edit],
  [`fs.realpathSync.native(${IN_ROOT('link')})`, ['@real link'], retarget, edit],
  [`await fsp.realpath(${IN_ROOT('link')})`, ['@real link'], retarget, edit],
  [`await promisify(fs.realpath)(${IN_ROOT('link')})`, ['@real link'], retarget, edit],
  [`await promisify(fs.realpath.native)(${IN_ROOT('link')})`, ['@real link'], retarget, edit],
  [`fs.readlinkSync(${IN_ROOT('link')})`, ['@link link'], retarget, edit],
  [`await fsp.readlink(${IN_ROOT('link')})`, ['@link link'], retarget, edit],
  [`try { fs.readFileSync(${GONE}) } catch {}`, ['@file gone.txt'], appear, edit],
  [`await fsp.readFile(${GONE}).catch(() => {})`, ['@file gone.txt'], appear, edit],
  [`await promisify(fs.readFile)(${GONE}).catch(() => {})`, ['@file gone.txt'], appear, edit],
  [`try { fs.openSync(${GONE}) } catch {}`, ['@file gone.txt'], appear, edit],
  [`try { fs.readFileSync(${IN_ROOT('data/a.txt/x')}) } catch {}`, ['@file data/a.txt/x'], nestFile, edit],
  [`try { fs.readFileSync(${DATA}) } catch {}`, ['@file data'], asFile, edit],
  [`await new Promise((done) => fs.createReadStream(${GONE}).on('error', done))`, ['@file gone.txt'], appear, edit],
];

function nestFile(root: string): void {
  asFolder(root);
  put(join(root, 'data/a.txt/x'), 'x');
}

function asFile(root: string): void {
  rmSync(join(root, 'data'), { recursive: true });
  writeFileSync(join(root, 'data'), '');
}

const TREE = { 'data/a.txt': 'hello', 'data/sub/b.txt': 'b', link: '-> data/a.txt', folder: '-> data/sub' };

let project: Project;
beforeAll(async () => {
  project = await openProject();
});
beforeEach(() => project.reset(TREE));
afterAll(() => project.close());

it.each(FACTS)('notes %s as %j', async (code, reads, seen, unseen) => {
  const answer = await project.run(code);
  expect(answer.error).toBeUndefined();
  expect(answer.unrecorded).toBeUndefined();
  expect(Object.keys(answer.tokens)).toEqual(reads);
  expect(await project.look(answer)).toEqual(answer.tokens);
  unseen(project.root);
  expect(await project.look(answer)).toEqual(answer.tokens);
  seen(project.root);
  expect(await project.look(answer)).not.toEqual(answer.tokens);
});

it('takes a folder that is reached above a link for what it is', async () => {
  put(join(project.root, 'a.txt'), 'not this one');
  const answer = await project.run(`export const result = fs.readFileSync(ROOT + '/folder/../a.txt', 'utf8')`);
  expect(answer.result).toBe('hello');
  expect(Object.keys(answer.tokens)).toEqual(['@file data/a.txt', '@real folder']);
});

it
  .runIf('glob' in fs)
  .each([
    `fs.globSync('data/**/*.txt', { cwd: ROOT })`,
    `for await (const one of fsp.glob('data/**/*.txt', { cwd: ROOT }));`,
    `await promisify(fs.glob)('data/**/*.txt', { cwd: ROOT })`,
  ])('sees what a glob looks at: %s', async (code) => {
  const answer = await project.run(code);
  expect(answer.tokens).toHaveProperty(['@kinds data/sub']);
  expect(await project.look(answer)).toEqual(answer.tokens);
  addBelow(project.root);
  expect(await project.look(answer)).not.toEqual(answer.tokens);
});
