import { chmodSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshFolder, MemoryStore, noise } from '@varve/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reference } from '../../src/contract/index.ts';
import { LocalCopies } from '../../src/session/local-copies.ts';
import { ArtifactStore } from '../../src/store/artifacts/artifact-store.ts';
import { DIR_CODEC, encodeManifest, FILE_CODEC } from '../../src/store/artifacts/dir-manifest.ts';
import { blobKey } from '../../src/store/objects/keys.ts';

let folder: string;
let store: MemoryStore;
let artifacts: ArtifactStore;
beforeEach(() => {
  folder = freshFolder();
  store = new MemoryStore();
  artifacts = new ArtifactStore({ store });
});

const posix = process.platform !== 'win32';

/** As another process would have it: nothing in memory. */
function copies(): LocalCopies {
  return new LocalCopies(folder, {
    open: (one) => artifacts.open(one),
    matches: (one, stream) => artifacts.matches(one, stream),
  });
}

async function aFolder(): Promise<Reference> {
  const put = async (path: string, bytes: Uint8Array, executable: boolean) => {
    const { digest, size } = await artifacts.put([bytes], FILE_CODEC);
    return { path, digest, size, executable };
  };
  const entries = [
    await put('a/b/data.bin', noise(70_000), false),
    await put('run.sh', Buffer.from('#!/bin/sh'), true),
  ];
  return artifacts.put([encodeManifest(entries)], DIR_CODEC);
}

const leftovers = () => readdirSync(folder).filter((name) => name.startsWith('temp-'));
const gets = () => store.count('get', 'cas/');

function overwrite(file: string, bytes: Uint8Array): void {
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
}

describe('a copy of a stored file', () => {
  it('holds its bytes, may only be read, and is fetched once', async () => {
    const bytes = noise(700_000);
    const reference = await artifacts.put([bytes], FILE_CODEC);
    const local = copies();
    const [one, two] = await Promise.all([local.place(reference), local.place(reference)]);
    expect(one).toBe(two);
    expect(await local.place(reference)).toBe(one);
    expect(Buffer.compare(readFileSync(one), bytes)).toBe(0);
    expect(statSync(one).mode & 0o222).toBe(0);
    expect([gets(), leftovers()]).toEqual([1, []]);
  });

  it('is used again by another process once its bytes have been checked', async () => {
    const reference = await artifacts.put([noise(700_000)], FILE_CODEC);
    const path = await copies().place(reference);
    expect(await copies().place(reference)).toBe(path);
    expect(gets()).toBe(1);
  });

  it.each(['by this process', 'by another'])('is made anew when it was damaged after it was made %s', async (who) => {
    const bytes = noise(700_000);
    const reference = await artifacts.put([bytes], FILE_CODEC);
    const local = copies();
    const path = await local.place(reference);
    overwrite(path, noise(700_000, 2));
    expect(await (who === 'by another' ? copies() : local).place(reference)).toBe(path);
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
    expect(leftovers()).toEqual([]);
  });

  it('never appears when what is stored is damaged', async () => {
    const reference = await artifacts.put([noise(700_000)], FILE_CODEC);
    store.flip(blobKey(reference.digest), 5);
    await expect(copies().place(reference)).rejects.toMatchObject({ code: 'VARVE_CORRUPT_ARTIFACT' });
    expect(readdirSync(join(folder, 'file', 'sha256'))).toEqual([]);
    expect(leftovers()).toEqual([]);
  });
});

describe('a copy of a stored folder', () => {
  it('holds every file with its executable bit', async () => {
    const path = await copies().place(await aFolder());
    expect(readdirSync(path).sort()).toEqual(['a', 'run.sh']);
    expect(Buffer.compare(readFileSync(join(path, 'a/b/data.bin')), noise(70_000))).toBe(0);
    if (posix) {
      expect(statSync(join(path, 'run.sh')).mode & 0o777).toBe(0o555);
      expect(statSync(join(path, 'a/b/data.bin')).mode & 0o777).toBe(0o444);
    }
  });

  it('is used again as long as it is whole', async () => {
    const reference = await aFolder();
    await copies().place(reference);
    const before = gets();
    await copies().place(reference);
    // The list of files is read anew, the files are not.
    expect(gets()).toBe(before + 1);
  });

  it.each<[string, (path: string) => void]>([
    ['a file was changed', (path) => overwrite(join(path, 'run.sh'), Buffer.from('#!/bin/no'))],
    ['a file is gone', (path) => unlinkSync(join(path, 'run.sh'))],
    ['there is one more', (path) => writeFileSync(join(path, 'a/extra'), 'x')],
    ['all of it is gone', (path) => rmSync(path, { recursive: true })],
  ])('is made anew when %s', async (_, damage) => {
    const reference = await aFolder();
    const local = copies();
    const path = await local.place(reference);
    damage(path);
    expect(await local.place(reference)).toBe(path);
    expect(readFileSync(join(path, 'run.sh'), 'utf8')).toBe('#!/bin/sh');
    expect(readdirSync(join(path, 'a'))).toEqual(['b']);
    expect(leftovers()).toEqual([]);
  });

  it.each(['../../escaped', '/etc/passwd', 'a/../../b', 'C:/x', 'a\\..\\b', 'a//b', '.', ''])(
    'cannot write outside of itself: %j',
    async (path) => {
      const { digest, size } = await artifacts.put([Buffer.from('x')], FILE_CODEC);
      const manifest = Buffer.from(JSON.stringify({ version: 1, files: [[path, size, digest, 0]] }));
      const reference = await artifacts.put([manifest], DIR_CODEC);
      await expect(copies().place(reference)).rejects.toMatchObject({ code: 'VARVE_BAD_MANIFEST' });
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});
