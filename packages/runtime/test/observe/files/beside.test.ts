import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder } from '@varve/test-support';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProject, type Project, put } from './observed.ts';

const isLinux = process.platform === 'linux';
let project: Project;
/** A folder among the temporary files that was there before any task. */
const temp = realpathSync(freshFolder());

beforeAll(async () => {
  project = await openProject({ 'a.txt': 'a', '.varve/link': '-> ../a.txt', 'folder/b.txt': 'b' });
  put(join(temp, 'old.txt'), 'old');
  symlinkSync(join(project.root, 'a.txt'), join(temp, 'link'));
  symlinkSync(join(project.root, 'folder'), join(temp, 'folder'));
  const package_ = join(project.root, 'node_modules/cache');
  mkdirSync(package_, { recursive: true });
  writeFileSync(join(package_, 'package.json'), '{"name":"cache","main":"index.cjs"}');
  writeFileSync(
    join(package_, 'index.cjs'),
    `const fs = require('fs');
module.exports = { read: (f) => fs.readFileSync(f, 'utf8'), write: (f) => fs.writeFileSync(f, 'new') };`,
  );
});
afterAll(() => project.close());

const namesOf = async (code: string) => {
  const { tokens, calls, unrecorded, error } = await project.run(`const TEMP = ${JSON.stringify(temp)};\n${code}`);
  expect(error).toBeUndefined();
  return [...Object.keys(tokens), ...calls.map(({ call }) => call), ...(unrecorded ? [`refused: ${unrecorded}`] : [])];
};

/** Ways to the content of the project's a.txt. */
const LINKS = [
  "fs.readFileSync(ROOT + '/.varve/link')",
  "await fsp.readFile(ROOT + '/.varve/link')",
  "fs.readFileSync(TEMP + '/link')",
  "await once(fs.createReadStream(TEMP + '/link').resume(), 'close')",
  ...(isLinux
    ? [
        "fs.readFileSync('/proc/self/root' + ROOT + '/a.txt')",
        "const fd = fs.openSync(ROOT + '/a.txt'); fs.readFileSync('/proc/self/fd/' + fd); fs.closeSync(fd)",
        "const h = await fsp.open(ROOT + '/a.txt'); fs.readFileSync('/dev/fd/' + h.fd); await h.close()",
        "await fsp.readFile('/proc/thread-self/root' + ROOT + '/a.txt')",
      ]
    : []),
];

describe('a file of the project behind a link in a folder that does not count', () => {
  it.each(LINKS)('counts: %s', async (code) => {
    expect(await namesOf(code)).toContain('@file a.txt');
  });

  it('counts as well as where the link leads', async () => {
    expect(await namesOf("fs.readFileSync(TEMP + '/link')")).toEqual([`@file a.txt`, `@real ${temp}/link`]);
    expect(await namesOf("fs.readFileSync(TEMP + '/folder/b.txt')")).toEqual([
      '@file folder/b.txt',
      `@real ${temp}/folder/b.txt`,
    ]);
  });

  it('counts alone when the task has made the link', async () => {
    const code =
      "const at = fs.mkdtempSync(TEMP + '/x-'); fs.symlinkSync(ROOT + '/a.txt', at + '/l'); fs.readFileSync(at + '/l');";
    expect(await namesOf(code)).toEqual(['@file a.txt']);
  });

  it('is written when the task writes there', async () => {
    expect(
      await namesOf("fs.writeFileSync(TEMP + '/folder/new.txt', 'n'); fs.rmSync(ROOT + '/folder/new.txt')"),
    ).toEqual(expect.arrayContaining(['@wrote folder/new.txt']));
  });
});

describe('a file behind a link that the task has made', () => {
  it.each([
    ["fs.symlinkSync('a.txt', ROOT + '/l')", "fs.readFileSync(ROOT + '/l')", ['@file a.txt']],
    ["await fsp.symlink(ROOT + '/a.txt', ROOT + '/l')", "await fsp.readFile(ROOT + '/l')", ['@file a.txt']],
    ["fs.symlinkSync('folder', ROOT + '/l')", "fs.readFileSync(ROOT + '/l/b.txt')", ['@file folder/b.txt']],
    ["fs.symlinkSync('folder', ROOT + '/l')", "fs.readdirSync(ROOT + '/l')", ['@dir folder']],
    ["fs.symlinkSync('.', ROOT + '/l')", "fs.readFileSync(ROOT + '/l/l/a.txt')", ['@file a.txt']],
    ["fs.symlinkSync('folder', ROOT + '/l')", "fs.existsSync(ROOT + '/l/none')", ['@exists folder/none']],
    ["fs.symlinkSync('none', ROOT + '/l')", "fs.existsSync(ROOT + '/l')", ['@exists none']],
    ["fs.symlinkSync('a.txt', ROOT + '/l')", "fs.statSync(ROOT + '/l')", ['@stat a.txt']],
    ["fs.symlinkSync('a.txt', ROOT + '/l')", "fs.readlinkSync(ROOT + '/l'); fs.lstatSync(ROOT + '/l')", []],
    ["fs.symlinkSync(TEMP + '/old.txt', ROOT + '/l')", "fs.readFileSync(ROOT + '/l')", [`@file ${temp}/old.txt`]],
  ])('counts: %s; %s', async (make, read, names) => {
    for (const end of ['', "fs.unlinkSync(ROOT + '/l')"])
      expect(await namesOf(`fs.rmSync(ROOT + '/l', { force: true }); ${make}; ${read}; ${end}`)).toEqual([
        ...names,
        '@wrote l',
      ]);
  });

  it('counts where two links lead to it, and not where the link is a file by now', async () => {
    const link = (to: string, at: string) => `fs.symlinkSync('${to}', ROOT + '/${at}')`;
    const read = "fs.readFileSync(ROOT + '/l')";
    expect(
      await namesOf(`fs.rmSync(ROOT + '/l', { force: true }); ${link('m', 'l')}; ${link('a.txt', 'm')}; ${read}`),
    ).toEqual(['@file a.txt', '@wrote l', '@wrote m']);
    const code = `fs.rmSync(ROOT + '/l'); ${link('a.txt', 'l')}; fs.rmSync(ROOT + '/l'); fs.writeFileSync(ROOT + '/l', ''); ${read}`;
    expect(await namesOf(code)).toEqual(['@wrote l']);
  });

  it('counts among the temporary files', async () => {
    const end = "fs.unlinkSync(TEMP + '/own')";
    const read = "fs.readFileSync(TEMP + '/own')";
    const name = `@file ${temp}/old.txt`;
    expect(await namesOf(`fs.symlinkSync('old.txt', TEMP + '/own'); ${read}; ${end}`)).toEqual([name]);
    expect(await namesOf(`fs.symlinkSync(TEMP, TEMP + '/own'); ${read.replace('own', 'own/old.txt')}; ${end}`)).toEqual(
      [name],
    );
  });
});

describe('a temporary file', () => {
  it('that was there counts, by its absolute name', async () => {
    const name = join(temp, 'old.txt');
    expect(await namesOf("fs.readFileSync(TEMP + '/old.txt')")).toEqual([`@file ${name}`]);
    expect(await namesOf("fs.existsSync(TEMP + '/none.txt')")).toEqual([`@exists ${temp}/none.txt`]);
    expect(await namesOf("fs.readdirSync(TEMP + '/')")).toEqual([`@dir ${temp}`]);
    const answer = await project.run(`fs.readFileSync(${JSON.stringify(name)})`);
    expect(await project.look(answer)).toEqual(answer.tokens);
  });

  it.each([
    "const f = TEMP + '/own.txt'; fs.writeFileSync(f, 'x'); fs.readFileSync(f); fs.statSync(f); fs.unlinkSync(f)",
    "const d = fs.mkdtempSync(TEMP + '/own-'); fs.writeFileSync(d + '/a', 'x'); fs.readdirSync(d); fs.existsSync(d + '/b')",
    "const f = TEMP + '/own.txt'; await fsp.writeFile(f, 'x'); await fsp.readFile(f); await fsp.rm(f)",
    "const f = TEMP + '/own.txt'; const h = await fsp.open(f, 'w+'); await h.writeFile('x'); await h.readFile(); await h.close()",
    "const s = fs.createWriteStream(TEMP + '/own2.txt'); s.end('x'); await once(s, 'close'); fs.readFileSync(TEMP + '/own2.txt')",
    "fs.readdirSync((await import('node:os')).tmpdir())",
  ])('that the task makes does not: %s', async (code) => {
    expect(await namesOf(code)).toEqual([]);
  });

  it('that a package reads or has written does not', async () => {
    const require = `const cache = createRequire(ROOT + '/x.js')('cache');`;
    const noise = (names: string[]) => names.filter((name) => name.includes(temp));
    expect(noise(await namesOf(`${require} cache.read(TEMP + '/old.txt')`))).toEqual([]);
    expect(noise(await namesOf(`${require} cache.write(TEMP + '/p.txt'); fs.readFileSync(TEMP + '/p.txt')`))).toEqual(
      [],
    );
    rmSync(join(temp, 'p.txt'));
  });
});

describe.runIf(isLinux)('a file that the system makes up', () => {
  it.each(['self', 'thread-self', String(process.pid)])('with all variables keeps the result: /proc/%s', async (id) => {
    const path = `/proc/${id}/environ`;
    expect(await namesOf(`fs.readFileSync('${path}')`)).toEqual([`refused: it read ${path}, where all variables are`]);
  });

  it.each([
    ["fs.readFileSync('/proc/uptime')", ['fs /proc/uptime']],
    ["await fsp.readFile('/proc/self/status')", ['fs /proc/self/status']],
    [
      "const b = Buffer.alloc(4); const d = fs.openSync('/dev/urandom'); fs.readSync(d, b); fs.closeSync(d)",
      ['fs /dev/urandom'],
    ],
    ["fs.writeFileSync('/dev/null', 'x')", []],
    ['try { fs.readFileSync(0) } catch {}', ['refused: it read from descriptor 0, which no task has opened']],
    [
      'try { fs.readSync(0, Buffer.alloc(1)) } catch {}',
      ['refused: it read from descriptor 0, which no task has opened'],
    ],
  ])('is named: %s', async (code, names) => {
    expect(await namesOf(code)).toEqual(names);
  });

  it.each(['/dev/stdin', '/proc/self/fd/0', '/dev/fd/0'])('and standard input keeps the result: %s', async (path) => {
    const seen = await namesOf(`try { fs.readFileSync('${path}') } catch {}`);
    expect(seen.join()).toContain(`refused: it read ${path}, which nobody can read a second time`);
  });
});
