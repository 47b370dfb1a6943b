import type { Row } from '../harness/row.ts';
import { looks } from './files.ts';

const A = `'$DIR/a.txt'`;
const WHOLE = ['content'];

const content = (way: string, body: string, more?: Partial<Row>) => looks('file', way, WHOLE, body, more);

const drained = (stream: string) => `let text = ''; for await (const part of ${stream}) text += part; return text;`;

/** Every function that reads content. */
const CONTENTS: readonly Row[] = [
  content(
    'readFile with a callback',
    `return await new Promise((done) => fs.readFile(${A}, 'utf8', (e, text) => done(e ? e.code : text)));`,
  ),
  content('promises.readFile', `return await fs.promises.readFile(${A}, 'utf8');`),
  content('promisify(readFile)', `return await promisify(fs.readFile)(${A}, 'utf8');`, {
    module: `import { promisify } from 'node:util';`,
  }),
  content(
    'openSync, readSync',
    `const fd = fs.openSync(${A}, 'r'); const room = Buffer.alloc(9); const n = fs.readSync(fd, room, 0, 9, 5); fs.closeSync(fd); return room.toString('utf8', 0, n);`,
  ),
  content(
    'readFileSync of a descriptor',
    `const fd = fs.openSync(${A}, 'r'); try { return fs.readFileSync(fd, 'utf8'); } finally { fs.closeSync(fd); }`,
  ),
  content(
    'open, read with callbacks',
    `return await new Promise((done) => fs.open(${A}, (e, fd) => e ? done(e.code) : fs.read(fd, (e2, n, room) => fs.close(fd, () => done(e2 ? e2.code : room.toString('utf8', 0, n))))));`,
  ),
  content(
    'readvSync',
    `const fd = fs.openSync(${A}, 'r'); const room = Buffer.alloc(12); try { fs.readvSync(fd, [room]); } finally { fs.closeSync(fd); } return room.toString();`,
  ),
  content(
    'FileHandle.readFile',
    `const file = await promises.open(${A}); try { return await file.readFile('utf8'); } finally { await file.close(); }`,
  ),
  content(
    'FileHandle.read',
    `const file = await promises.open(${A}); try { const { buffer, bytesRead } = await file.read(); return buffer.toString('utf8', 0, bytesRead); } finally { await file.close(); }`,
  ),
  content(
    'FileHandle.readLines',
    `const file = await promises.open(${A}); const lines = []; for await (const line of file.readLines()) lines.push(line); return lines.join('|');`,
  ),
  content(
    'FileHandle.createReadStream',
    `const file = await promises.open(${A}); ${drained("file.createReadStream({ encoding: 'utf8' })")}`,
  ),
  content(
    'FileHandle.readableWebStream',
    `const file = await promises.open(${A}); if (!(await file.stat()).isFile()) { await file.close(); return 'folder'; } const bytes: Uint8Array[] = []; try { for await (const part of file.readableWebStream() as any) bytes.push(new Uint8Array(part)); } finally { await file.close().catch(() => {}); } return Buffer.concat(bytes).toString();`,
  ),
  content('createReadStream', drained(`fs.createReadStream(${A}, 'utf8')`)),
  content('new ReadStream', drained(`new (fs as any).ReadStream(${A}, { encoding: 'utf8' })`)),
  content(
    'readline over a stream',
    `const lines = []; for await (const line of createInterface({ input: fs.createReadStream(${A}) })) lines.push(line); return lines.join('|');`,
    {
      module: `import { createInterface } from 'node:readline';`,
    },
  ),
  content(
    'pipeline into a transform',
    `let text = ''; await pipeline(fs.createReadStream(${A}), async function* (parts) { for await (const part of parts) { text += part; yield part; } }, async (parts) => { for await (const _ of parts); }); return text;`,
    {
      module: `import { pipeline } from 'node:stream/promises';`,
    },
  ),
  content(
    'events of a stream',
    `return await new Promise((done) => { let text = ''; fs.createReadStream(${A}).on('data', (part) => { text += part; }).on('error', (e: any) => done(e.code)).on('close', () => done(text)); });`,
  ),
  content('openAsBlob', `return await (await fs.openAsBlob(${A})).text();`),
  content(
    'copyFileSync to the temp folder',
    `const to = path.join(fs.mkdtempSync(path.join(tmpdir(), 'varve-copy-')), 'x'); fs.copyFileSync(${A}, to); return fs.readFileSync(to, 'utf8');`,
    {
      module: `import { tmpdir } from 'node:os';`,
    },
  ),
  content(
    'cpSync to the temp folder',
    `const to = path.join(fs.mkdtempSync(path.join(tmpdir(), 'varve-copy-')), 'x'); fs.cpSync(${A}, to, { recursive: true }); return fs.statSync(to).isDirectory() ? 'folder' : fs.readFileSync(to, 'utf8');`,
    {
      module: `import { tmpdir } from 'node:os';`,
    },
  ),
  content('through AsyncLocalStorage.exit', `return store.exit(() => fs.readFileSync(${A}, 'utf8'));`, {
    module: `import { AsyncLocalStorage } from 'node:async_hooks';\nconst store = new AsyncLocalStorage();`,
  }),
  content('after a timer', `await new Promise((done) => setTimeout(done, 1)); return fs.readFileSync(${A}, 'utf8');`),
  content(
    'in an event listener',
    `const bell = new EventEmitter(); return await new Promise((done) => { bell.on('ring', () => { try { done(fs.readFileSync(${A}, 'utf8')); } catch (e: any) { done(e.code); } }); setImmediate(() => bell.emit('ring')); });`,
    {
      module: `import { EventEmitter } from 'node:events';`,
    },
  ),
  content(
    'in a generator',
    `function* lines() { yield* fs.readFileSync(${A}, 'utf8').split('\\n'); } return [...lines()].join('|');`,
  ),
  content(
    'behind a Proxy of fs',
    `const thin = new Proxy(fs, {}) as typeof fs; return thin.readFileSync(${A}, 'utf8');`,
  ),
  content('in eval', `const read = fs.readFileSync; return (0, eval)('(read) => read("$DIR/a.txt", "utf8")')(read);`),
  looks('file', 'a link followed', ['linked'], `return fs.readFileSync('to/$DIR/link.txt', 'utf8');`),
  looks('file', 'JSON by createRequire', ['json'], `return createRequire(import.meta.url)('../$DIR/c.json').n;`, {
    module: `import { createRequire } from 'node:module';`,
  }),
  looks(
    'file',
    'JSON by a computed import()',
    ['json'],
    `const name = ['..', '$DIR', 'c.json'].join('/'); return (await import(name, { with: { type: 'json' } })).default.n;`,
  ),
  looks('file', 'JSON by computed require in CommonJS', ['json'], `return found.look('c');`, {
    module: `import found from '../lib/$ID.cjs';`,
    files: { 'lib/$ID.cjs': `exports.look = (name) => require('../$DIR/' + name + '.json').n;\n` },
  }),
];

/** Every function that looks at a folder. */
export const FOLDER_CALLS: readonly Row[] = [
  looks(
    'folder',
    'readdirSync withFileTypes',
    ['kinds'],
    `return fs.readdirSync('$DIR', { withFileTypes: true }).map((e) => e.name + e.isDirectory()).sort().join();`,
  ),
  looks(
    'folder',
    'readdirSync recursive',
    ['tree'],
    `return fs.readdirSync('$DIR', { recursive: true }).map(String).sort().join();`,
  ),
  looks(
    'folder',
    'readdir with a callback',
    ['names'],
    `return await new Promise((done) => fs.readdir('$DIR', (e, names) => done(e ? e.code : names.sort().join())));`,
  ),
  looks('folder', 'promises.readdir', ['names'], `return (await promises.readdir('$DIR')).sort().join();`),
  looks(
    'folder',
    'promises.opendir',
    ['names'],
    `const names = []; for await (const entry of await promises.opendir('$DIR')) names.push(entry.name); return names.sort().join();`,
    { may: ['kinds'] },
  ),
  looks(
    'folder',
    'opendirSync, readSync',
    ['names'],
    `const dir = fs.opendirSync('$DIR'); const names = []; for (let e = dir.readSync(); e; e = dir.readSync()) names.push(e.name); dir.closeSync(); return names.sort().join();`,
    { may: ['kinds'] },
  ),
  looks('folder', 'a count of its names', ['names'], `return fs.readdirSync(path.resolve('$DIR')).length;`),
  looks(
    'folder',
    'an own walk through it',
    ['tree'],
    `const walk = (dir: string): string[] => fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => e.isDirectory() ? walk(path.join(dir, e.name)) : [path.join(dir, e.name)]); return walk('$DIR').sort().join();`,
  ),
];

/** Every function that looks at whether a file is there, and of which kind. */
const STATS: readonly Row[] = [
  looks('stat', 'lstatSync', ['there', 'kind', 'size'], `return fs.lstatSync(${A}).size;`),
  looks('stat', 'promises.stat', ['there', 'kind', 'size'], `return (await promises.stat(${A})).size;`),
  looks(
    'stat',
    'stat with a callback',
    ['there', 'kind', 'size'],
    `return await new Promise((done) => fs.stat(${A}, (e, found) => done(e ? e.code : found.size)));`,
  ),
  looks(
    'stat',
    'fstatSync',
    ['there', 'kind', 'size'],
    `const fd = fs.openSync(${A}, 'r'); try { return fs.fstatSync(fd).size; } finally { fs.closeSync(fd); }`,
    // What is opened counts as read.
    { may: ['content'] },
  ),
  looks(
    'stat',
    'statSync of no file',
    ['late'],
    `return fs.statSync('$DIR/late.txt', { throwIfNoEntry: false })?.size ?? 'none';`,
  ),
  looks('absence', 'readFileSync that fails', ['late'], `return fs.readFileSync('$DIR/late.txt', 'utf8');`),
  looks('absence', 'accessSync', ['there'], `fs.accessSync(${A}); return 'there';`),
  looks('absence', 'access of a missing file', ['late'], `await promises.access('$DIR/late.txt'); return 'there';`),
  looks(
    'absence',
    'exists with a callback',
    ['there'],
    `return await new Promise((done) => (fs as any).exists(${A}, done));`,
  ),
  looks('absence', 'open that fails', ['late'], `return String(fs.closeSync(fs.openSync('$DIR/late.txt', 'r')));`),
  looks('link', 'readlinkSync', ['link'], `return fs.readlinkSync('to/$DIR/link.txt');`),
  looks('link', 'realpathSync', ['real'], `return path.basename(fs.realpathSync('to/$DIR/link.txt'));`),
  looks('link', 'promises.realpath', ['real'], `return path.basename(await promises.realpath('to/$DIR/link.txt'));`),
];

export const CALL_ROWS: readonly Row[] = [...CONTENTS, ...STATS];
