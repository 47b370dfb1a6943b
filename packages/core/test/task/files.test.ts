import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { freshFolder, hashOf, noise } from '@varve/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WrittenArtifact } from '../../src/contract/index.ts';
import { artifact, type StoredDir, type StoredFile } from '../../src/flow/authoring/artifact-source.ts';
import { decodeManifest } from '../../src/store/artifacts/dir-manifest.ts';
import { type FakeBlobs, setUpValues } from './fake-blobs.ts';

let root: string;
beforeEach(() => {
  root = freshFolder();
});

function at(path: string, content: Uint8Array | string, mode = 0o644): string {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

function setUp() {
  const { blobs, values } = setUpValues();
  blobs.onPutFile = (file) => new Uint8Array(readFileSync(file));
  return { blobs, values };
}

/** Stores the bytes of an outcome, as the run would. */
function keep(blobs: FakeBlobs, { reference, bytes }: WrittenArtifact) {
  if (bytes) blobs.stored.set(reference.digest, bytes);
  return reference;
}

describe('a file as an artifact', () => {
  it('is stored as the bytes it holds, small with the outcome, large from where it lies', async () => {
    const { blobs, values } = setUp();
    const small = await values.write(artifact.file(at('small.bin', 'hello')));
    expect(small).toEqual({
      reference: { digest: hashOf(Buffer.from('hello')), size: 5, codec: 'file/1' },
      bytes: new Uint8Array(Buffer.from('hello')),
    });
    const content = noise(3_000_000);
    const large = await values.write(artifact.file(at('large.bin', content)));
    expect(large).toEqual({ reference: { digest: hashOf(content), size: 3_000_000, codec: 'file/1' } });
    expect(blobs.puts).toEqual([hashOf(content)]);
  });

  it('is a frozen handle in the next step, which fetches nothing until it is read', async () => {
    const { blobs, values } = setUp();
    const reference = keep(blobs, await values.write(artifact.file(at('a.txt', 'größe'))));
    const { value, mutable } = values.read(reference);
    const file = value as StoredFile;
    expect([file.size, file.digest, mutable, Object.isFrozen(file)]).toEqual([7, reference.digest, false, true]);
    expect(blobs.reads).toEqual([]);
    expect(file.text()).toBe('größe');
    expect(file.bytes()).toEqual(new Uint8Array(Buffer.from('größe')));
    expect(file.bytes()).not.toBe(file.bytes());
  });

  it('opens as a stream again and again', async () => {
    const { blobs, values } = setUp();
    const reference = keep(blobs, await values.write(artifact.file(at('a.txt', 'again'))));
    writeFileSync(blobs.materializeSync(reference), 'again');
    const { value } = values.read(reference);
    for (let i = 0; i < 2; i++)
      expect(await Readable.from((value as StoredFile).stream()).toArray()).toEqual([Buffer.from('again')]);
  });

  it('is passed on by reference, without a read or a write', async () => {
    const { blobs, values } = setUp();
    const reference = keep(blobs, await values.write(artifact.file(at('big.bin', noise(50_000)))));
    blobs.puts.length = 0;
    const { value } = values.read(reference);
    expect(await values.write(value)).toEqual({ reference });
    expect([blobs.puts, blobs.reads]).toEqual([[], []]);
  });

  it('can be read in the step that made it, where it lies', () => {
    const file = artifact.file(at('a.txt', 'here'));
    expect([file.text(), file.size, file.path()]).toEqual(['here', 4, join(root, 'a.txt')]);
    expect(() => file.digest).toThrow(expect.objectContaining({ code: 'VARVE_NOT_STORED_YET' }));
  });

  it.each([
    ['nothing there', () => artifact.file(join(root, 'none')), 'VARVE_FILE_MISSING'],
    ['a folder', () => artifact.file(root), 'VARVE_NOT_A_FILE'],
    ['a missing folder', () => artifact.dir(join(root, 'none')), 'VARVE_FILE_MISSING'],
    ['a file as a folder', () => artifact.dir(at('x', '')), 'VARVE_NOT_A_FOLDER'],
  ])('is refused with the code of its fault: %s', async (_, make, code) => {
    await expect(setUp().values.write(make())).rejects.toMatchObject({ code });
  });

  it('is refused inside another value, with its path', async () => {
    const { values } = setUp();
    const file = artifact.file(at('a.txt', 'x'));
    await expect(values.write({ models: [{ name: 'knn', file }] })).rejects.toMatchObject({
      name: 'SerializeError',
      path: '.models[0].file',
    });
    await expect(values.write([new Map([['a', file]])])).rejects.toMatchObject({ path: '[0].get(a)' });
  });

  it('cannot be turned into JSON by a serializer that does not check for files', () => {
    expect(() => JSON.stringify({ file: artifact.file('a') })).toThrow(/only be an artifact of its own/);
  });
});

describe('a folder as an artifact', () => {
  it('is stored as a sorted list of its files, in whatever order they were written, and their bytes', async () => {
    const { blobs, values } = setUp();
    at('out/b/run.sh', '#!/bin/sh', 0o755);
    at('out/a.txt', 'A');
    at('out/b/c/deep.txt', 'deep');
    const written = await values.write(artifact.dir(join(root, 'out')));
    expect(written.reference.codec).toBe('dir/1');
    expect(decodeManifest(written.bytes ?? new Uint8Array(0))).toEqual([
      { path: 'a.txt', size: 1, digest: hashOf(Buffer.from('A')), executable: false },
      { path: 'b/c/deep.txt', size: 4, digest: hashOf(Buffer.from('deep')), executable: false },
      { path: 'b/run.sh', size: 9, digest: hashOf(Buffer.from('#!/bin/sh')), executable: process.platform !== 'win32' },
    ]);
    expect(new Set(blobs.puts).size).toBe(3);
    at('again/b/c/deep.txt', 'deep');
    at('again/a.txt', 'A');
    at('again/b/run.sh', '#!/bin/sh', 0o755);
    expect((await values.write(artifact.dir(join(root, 'again')))).reference).toEqual(written.reference);
  });

  it('opens its files one by one', async () => {
    const { blobs, values } = setUp();
    at('out/a.txt', 'A');
    const reference = keep(blobs, await values.write(artifact.dir(join(root, 'out'))));
    const dir = values.read(reference).value as StoredDir;
    expect([dir.size, dir.files.length, dir.file('a.txt').text()]).toEqual([1, 1, 'A']);
    expect(Object.isFrozen(dir.files) && Object.isFrozen(dir.files[0])).toBe(true);
    expect(() => dir.file('b.txt')).toThrow(expect.objectContaining({ code: 'VARVE_NO_SUCH_FILE' }));
    expect(await values.write(dir.file('a.txt'))).toEqual({
      reference: { digest: hashOf(Buffer.from('A')), size: 1, codec: 'file/1' },
    });
  });

  it.skipIf(process.platform === 'win32')('refuses a symbolic link, naming it', async () => {
    at('out/a.txt', 'A');
    symlinkSync('/etc/passwd', join(root, 'out', 'link'));
    await expect(setUp().values.write(artifact.dir(join(root, 'out')))).rejects.toMatchObject({
      code: 'VARVE_ARTIFACT_LINK',
      message: expect.stringContaining("'link'") as unknown,
    });
  });
});

describe('a stream as an artifact', () => {
  it('is read once at the end, text as UTF-8, and leaves no file behind', async () => {
    const { blobs, values } = setUp();
    const content = noise(300_000);
    const written = await values.write(artifact.stream(Readable.from([content.subarray(0, 5), content.subarray(5)])));
    expect(written).toEqual({ reference: { digest: hashOf(content), size: 300_000, codec: 'file/1' } });
    expect(hashOf(blobs.stored.get(hashOf(content)) ?? new Uint8Array(0))).toBe(hashOf(content));
    expect(blobs.scratches.map((file) => existsSync(file))).toEqual([false]);
    const text = await values.write(artifact.stream(Readable.from(['grö', 'ße'])));
    expect(Buffer.from(text.bytes ?? []).toString()).toBe('größe');
  });

  it('copies its chunks, because a producer may reuse its buffer', async () => {
    const reused = new Uint8Array(3);
    async function* produce() {
      for (const value of [1, 2]) yield reused.fill(value);
    }
    expect((await setUp().values.write(artifact.stream(produce()))).bytes).toEqual(Uint8Array.from([1, 1, 1, 2, 2, 2]));
  });

  it('may be assigned to two fields', async () => {
    const { values } = setUp();
    const stream = artifact.stream(Readable.from(['once']));
    expect(await values.write(stream)).toEqual(await values.write(stream));
  });

  it('fails with the error of a stream that breaks, and leaves no file behind', async () => {
    const { blobs, values } = setUp();
    async function* broken() {
      yield noise(100_000);
      throw new Error('the line went dead');
    }
    await expect(values.write(artifact.stream(broken()))).rejects.toThrow('the line went dead');
    expect(blobs.puts).toEqual([]);
    expect(blobs.scratches.map((file) => existsSync(file))).toEqual([false]);
  });

  it('refuses anything but bytes and text', async () => {
    await expect(setUp().values.write(artifact.stream(Readable.from([{ row: 1 }])))).rejects.toMatchObject({
      code: 'VARVE_NOT_A_STREAM',
    });
    expect(() => artifact.stream([1] as never)).toThrow(expect.objectContaining({ code: 'VARVE_NOT_A_STREAM' }));
  });
});
