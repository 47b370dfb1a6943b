import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProject, type Project, put } from './observed.ts';

const A = `path.join(ROOT, 'data/a.txt')`;
const DATA = `path.join(ROOT, 'data')`;
const CJS = `fs.writeFileSync(path.join(ROOT, '.varve/c.cjs'), `;

/** The ways of Node to get at the content of a file. Each leaves it in `result`. */
const CONTENT: Readonly<Record<string, string>> = {
  readFileSync: `export const result = fs.readFileSync(${A}, 'utf8')`,
  'readFileSync to bytes': `export const result = String(fs.readFileSync(${A}))`,
  'readFileSync as latin1': `export const result = fs.readFileSync(${A}, { encoding: 'latin1' })`,
  'readFileSync as utf16': `export const result = Buffer.from(fs.readFileSync(${A}, 'utf16le'), 'utf16le').toString()`,
  'readFileSync of a URL': `export const result = fs.readFileSync(pathToFileURL(${A}), 'utf8')`,
  'readFileSync of bytes': `export const result = fs.readFileSync(Buffer.from(${A}), 'utf8')`,
  'readFileSync of a relative path': `export const result = fs.readFileSync(path.relative(process.cwd(), ${A}), 'utf8')`,
  'readFileSync of a crooked path': `export const result = fs.readFileSync(ROOT + '//data/./b/../a.txt', 'utf8')`,
  'import by name': `import { readFileSync } from 'node:fs'; export const result = readFileSync(${A}, 'utf8')`,
  'import of a namespace': `import * as all from 'fs'; export const result = all.readFileSync(${A}, 'utf8')`,
  'await import': `const { readFile } = await import('node:fs/promises'); export const result = await readFile(${A}, 'utf8')`,
  getBuiltinModule: `export const result = (process.getBuiltinModule ?? require)('fs').readFileSync(${A}, 'utf8')`,
  'Reflect.get': `export const result = Reflect.get(fs, ['read', 'File', 'Sync'].join(''))(${A}, 'utf8')`,
  bind: `export const result = fs.readFileSync.bind(null, ${A})('utf8')`,
  'a module in CommonJS': `${CJS} "const { readFileSync: r } = require('fs'); exports.r = (f) => r(f, 'utf8')");
    export const result = require(path.join(ROOT, '.varve/c.cjs')).r(${A})`,
  'a descriptor': `const fd = fs.openSync(${A}); const b = Buffer.alloc(6); fs.readSync(fd, b); fs.closeSync(fd); export const result = String(b)`,
  'readFileSync of a descriptor': `const fd = fs.openSync(${A}, 'r'); export const result = fs.readFileSync(fd, 'utf8'); fs.closeSync(fd)`,
  readvSync: `const fd = fs.openSync(${A}); const b = Buffer.alloc(6); fs.readvSync(fd, [b]); fs.closeSync(fd); export const result = String(b)`,
  'readFile with a callback': `export const result = await new Promise((done) => fs.readFile(${A}, 'utf8', (e, text) => done(text)))`,
  'readFile with only a callback': `export const result = await new Promise((done) => fs.readFile(${A}, (e, b) => done(String(b))))`,
  promisify: `export const result = await promisify(fs.readFile)(${A}, 'utf8')`,
  'fs.promises': `export const result = await fs.promises.readFile(${A}, 'utf8')`,
  'fs/promises to bytes': `export const result = String(await fsp.readFile(${A}))`,
  'a signal': `export const result = await fsp.readFile(${A}, { encoding: 'utf8', signal: new AbortController().signal })`,
  'open with a callback': `const fd = await new Promise((done) => fs.open(${A}, (e, fd) => done(fd))); export const result = fs.readFileSync(fd, 'utf8'); fs.closeSync(fd)`,
  'read with promisify': `const fd = fs.openSync(${A}); const { buffer } = await promisify(fs.read)(fd, { buffer: Buffer.alloc(6) }); fs.closeSync(fd); export const result = String(buffer)`,
  'FileHandle.read': `const h = await fsp.open(${A}); const { buffer } = await h.read(Buffer.alloc(6)); await h.close(); export const result = String(buffer)`,
  'FileHandle.readFile': `const h = await fsp.open(${A}, 'r'); export const result = await h.readFile('utf8'); await h.close()`,
  'fsp.readFile of a FileHandle': `const h = await fsp.open(${A}); export const result = await fsp.readFile(h, 'utf8'); await h.close()`,
  'FileHandle.readLines': `const h = await fsp.open(${A}); let result = ''; for await (const line of h.readLines()) result += line; export { result }`,
  'FileHandle.createReadStream': `const h = await fsp.open(${A}); let result = ''; for await (const c of h.createReadStream()) result += c; export { result }`,
  'FileHandle.readableWebStream': `const h = await fsp.open(${A}); let result = ''; for await (const c of h.readableWebStream()) result += Buffer.from(c); await h.close(); export { result }`,
  createReadStream: `let result = ''; for await (const c of fs.createReadStream(${A}, 'utf8')) result += c; export { result }`,
  'new ReadStream': `let result = ''; for await (const c of new fs.ReadStream(${A})) result += c; export { result }`,
  'a part of a stream': `let result = ''; for await (const c of fs.createReadStream(${A}, { start: 0, end: 5 })) result += c; export { result }`,
  openAsBlob: `export const result = await (await fs.openAsBlob(${A})).text()`,
  'a link': `export const result = fs.readFileSync(path.join(ROOT, 'link.txt'), 'utf8')`,
  copyFileSync: `fs.copyFileSync(${A}, path.join(ROOT, 'copy.txt')); export const result = fs.readFileSync(path.join(ROOT, 'copy.txt'), 'utf8')`,
  'fsp.copyFile': `await fsp.copyFile(${A}, path.join(ROOT, 'copy.txt')); export const result = await fsp.readFile(path.join(ROOT, 'copy.txt'), 'utf8')`,
  cpSync: `fs.cpSync(${DATA}, path.join(ROOT, 'copies'), { recursive: true }); export const result = fs.readFileSync(path.join(ROOT, 'copies/a.txt'), 'utf8')`,
  'fsp.cp': `await fsp.cp(${DATA}, path.join(ROOT, 'copies'), { recursive: true }); export const result = fs.readFileSync(path.join(ROOT, 'copies/a.txt'), 'utf8')`,
  linkSync: `fs.rmSync(path.join(ROOT, 'hard.txt'), { force: true }); fs.linkSync(${A}, path.join(ROOT, 'hard.txt')); export const result = fs.readFileSync(path.join(ROOT, 'hard.txt'), 'utf8')`,
  'open to read and write': `const fd = fs.openSync(${A}, 'r+'); export const result = fs.readFileSync(fd, 'utf8'); fs.closeSync(fd)`,
  'a timer': `const { setTimeout: wait } = await import('node:timers/promises'); await wait(1); export const result = fs.readFileSync(${A}, 'utf8')`,
};

let project: Project;
beforeAll(async () => {
  project = await openProject({ 'data/a.txt': 'hellos', 'data/b/c.txt': 'c', 'link.txt': '-> data/a.txt' });
});
afterAll(() => project.close());

it.each(Object.entries(CONTENT))('sees the content of a file: %s', async (way, code) => {
  const name = way === 'a link' ? 'link.txt' : 'data/a.txt';
  put(join(project.root, 'data/a.txt'), 'hellos');
  const answer = await project.run(code);
  expect(answer.error).toBeUndefined();
  expect(answer).toMatchObject({ result: 'hellos', unrecorded: undefined });
  expect(answer.tokens[`@file ${name}`]).toBe(createHash('sha256').update('hellos').digest('hex'));
  expect(withoutDirectory(await project.look(answer))).toEqual(withoutDirectory(answer.tokens));
  put(join(project.root, 'data/a.txt'), 'other');
  expect((await project.look(answer))[`@file ${name}`]).not.toBe(answer.tokens[`@file ${name}`]);
});

/** The working directory is looked at elsewhere. */
function withoutDirectory({ '@os cwd': _, ...tokens }: Readonly<Record<string, string>>) {
  return tokens;
}
