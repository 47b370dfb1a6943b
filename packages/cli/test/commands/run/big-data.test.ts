import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Project, type Result } from '../../support/project.ts';

const MB = 1024 * 1024;

const VALUE = `import { Flow, step } from 'varve';
export default class Big extends Flow {
  data!: Uint8Array; sum!: number;
  @step() write() {
    const data = new Uint8Array(64 * ${MB});
    for (let i = 0; i < data.length; i += 4096) data[i] = i / 4096;
    this.data = data;
  }
  @step({ after: 'write' }) read() {
    let sum = 0;
    for (let i = 0; i < this.data.length; i += 4096) sum += this.data[i] ?? 0;
    this.sum = sum;
  }
}`;

const FILES = `import { artifact, Flow, step, type StoredDir, type StoredFile } from 'varve';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
export default class Files extends Flow {
  model!: StoredFile; again!: StoredFile; small!: StoredFile; out!: StoredDir; streamed!: StoredFile; seen!: unknown;
  @step() write() {
    writeFileSync('model.bin', Buffer.alloc(3 * ${MB}, 'model'));
    mkdirSync('out/deep', { recursive: true });
    writeFileSync('out/deep/a.txt', 'A');
    writeFileSync('out/run.sh', '#!/bin/sh');
    chmodSync('out/run.sh', 0o755);
    this.model = artifact.file('model.bin');
    this.small = artifact.file('out/deep/a.txt');
    this.out = artifact.dir('out');
    this.streamed = artifact.stream(Readable.from(['one ', 'two']));
  }
  @step({ after: 'write' }) async read() {
    let size = 0;
    for await (const chunk of this.model.stream()) size += chunk.length;
    this.again = this.model;
    this.seen = {
      size, same: readFileSync(this.model.path()).equals(Buffer.from(this.model.bytes())),
      small: this.small.text(), files: this.out.files.map((f) => f.path), a: readFileSync(this.out.path() + '/deep/a.txt', 'utf8'),
      streamed: this.streamed.text(), frozen: Object.isFrozen(this.model),
    };
  }
}`;

const made: Project[] = [];
afterEach(() => {
  for (const { root } of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** Makes a project that is removed after the test, because it is large. */
function create(files: Readonly<Record<string, string>>): Project {
  const project = new Project(files);
  made.push(project);
  return project;
}

async function run(project: Project, file: string, ...rest: string[]): Promise<Result> {
  const result = await project.varve(['run', file, ...rest]);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

async function get(project: Project, name: string): Promise<unknown> {
  return JSON.parse((await project.varve(['artifacts', 'get', '@last', name, '--json'])).stdout) as unknown;
}

/** Size of each stored blob, by path. */
function blobs(project: Project): Map<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync(project.path('.varve'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && /[\\/]cas[\\/]/.test(path)) found.set(path, statSync(path).size);
  }
  return found;
}

describe('a large binary value', () => {
  it('is read back unchanged, and stored once however often it is written', async () => {
    const project = create({ 'big.ts': VALUE });
    await run(project, 'big.ts');
    expect(await get(project, 'sum')).toBe(Array.from({ length: 16384 }, (_, i) => i % 256).reduce((a, b) => a + b, 0));
    const first = blobs(project);
    expect([...first.values()].filter((size) => size === 64 * MB)).toHaveLength(1);
    await run(project, 'big.ts');
    expect(blobs(project)).toEqual(first);
  });

  it('is never used when it is damaged in the store', async () => {
    const project = create({ 'big.ts': VALUE });
    await run(project, 'big.ts');
    const [path] = [...blobs(project)].find(([, size]) => size === 64 * MB) ?? [''];
    const bytes = readFileSync(path);
    bytes[10 * MB] = (bytes[10 * MB] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { code, stderr } = await project.varve(['artifacts', 'get', '@last', 'data', '--output', 'data.bin']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('damaged');
    expect(existsSync(project.path('data.bin'))).toBe(false);
  });
});

describe.each(['threads', 'process', 'inline'])('files, folders and streams, with the runner %s', (runner) => {
  it('are read unchanged by the next step', async () => {
    const project = create({ 'files.ts': FILES });
    await run(project, 'files.ts', '--runner', runner);
    expect(await get(project, 'seen')).toEqual({
      size: 3 * MB,
      same: true,
      small: 'A',
      files: ['deep/a.txt', 'run.sh'],
      a: 'A',
      streamed: 'one two',
      frozen: true,
    });
  });
});

describe('stored files on the command line', () => {
  it('are written by artifacts get unchanged, folders as folders', async () => {
    const project = create({ 'files.ts': FILES });
    await run(project, 'files.ts');
    for (const [name, target] of [
      ['model', 'got.bin'],
      ['again', 'again.bin'],
      ['out', 'got'],
    ] as const) {
      const { code, stderr } = await project.varve(['artifacts', 'get', '@last', name, '-o', target]);
      expect(code, stderr).toBe(0);
    }
    const model = readFileSync(project.path('model.bin'));
    expect(readFileSync(project.path('got.bin')).equals(model)).toBe(true);
    expect(readFileSync(project.path('again.bin')).equals(model)).toBe(true);
    expect(readFileSync(project.path('got/deep/a.txt'), 'utf8')).toBe('A');
    if (process.platform !== 'win32') expect(statSync(project.path('got/run.sh')).mode & 0o111).not.toBe(0);
    const { stdout } = await project.varve(['artifacts', 'get', '@last', 'streamed']);
    expect(stdout).toBe('one two');
    expect(await get(project, 'out')).toMatchObject({
      codec: 'dir/1',
      files: [{ path: 'deep/a.txt' }, { path: 'run.sh' }],
    });
  });

  it('are never written into a folder that is not empty', async () => {
    const project = create({ 'files.ts': FILES, 'taken/mine.txt': 'mine' });
    await run(project, 'files.ts');
    const { code, stderr } = await project.varve(['artifacts', 'get', '@last', 'out', '-o', 'taken']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('not empty');
    expect(readdirSync(project.path('taken'))).toEqual(['mine.txt']);
  });

  it('have the sha256 of the file as digest', async () => {
    const project = create({ 'files.ts': FILES });
    await run(project, 'files.ts');
    const digest = createHash('sha256')
      .update(readFileSync(project.path('model.bin')))
      .digest('hex');
    expect(await get(project, 'model')).toMatchObject({ digest: `sha256:${digest}`, codec: 'file/1', size: 3 * MB });
  });
});

describe('a file that cannot be stored', () => {
  const failing = (body: string) => `import { artifact, Flow, step } from 'varve';
export default class Bad extends Flow {
  x!: unknown;
  @step() write() { ${body} }
}`;

  it.each([
    ['a missing file', "this.x = artifact.file('none.bin');", 'VARVE_FILE_MISSING', 'none.bin'],
    [
      'a file inside a value',
      "this.x = { models: [artifact.file('package.json')] };",
      'VARVE_NOT_STORABLE',
      '.models[0]',
    ],
  ])('is reported by name: %s', async (_, body, code, place) => {
    const project = create({ 'bad.ts': failing(body) });
    const result = await project.varve(['run', 'bad.ts', '--json']);
    expect(result.code).toBe(1);
    expect(`${result.stdout}${result.stderr}`).toContain(code);
    expect(`${result.stdout}${result.stderr}`).toContain(place);
  });
});
