import { digestOf } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { decodeManifest, encodeManifest } from '../../../src/store/artifacts/dir-manifest.ts';

const entry = (path: string, executable = false) => ({ path, size: 3, digest: digestOf(path), executable });
const raw = (files: unknown, version: unknown = 1) => Buffer.from(JSON.stringify({ version, files }));
const line = (path: string) => [path, 3, digestOf(path), 0];

describe('the manifest of a stored folder', () => {
  it('decodes to its files, sorted by code unit', () => {
    const entries = [entry('b'), entry('a-b'), entry('a/b', true), entry('ä'), entry('Z')];
    const decoded = decodeManifest(encodeManifest(entries));
    expect(decoded.map(({ path }) => path)).toEqual(['Z', 'a-b', 'a/b', 'b', 'ä']);
    expect(decoded[2]).toEqual(entry('a/b', true));
  });

  it('is the same for the same files in another order', () => {
    const [one, two] = [entry('x/1'), entry('x/2')];
    expect(encodeManifest([one, two])).toEqual(encodeManifest([two, one]));
  });

  it.each(['a\\b', 'a\0b', '\ud800'])('cannot contain a path that is invalid on some system: %j', (path) => {
    expect(() => encodeManifest([entry(path)])).toThrow(expect.objectContaining({ code: 'VARVE_BAD_PATH' }));
  });

  it.each<[string, Uint8Array]>([
    ['no JSON', Buffer.from('{')],
    ['another version', raw([], 2)],
    ['no list', raw({})],
    ['a path twice', raw([line('a'), line('a')])],
    ['out of order', raw([line('b'), line('a')])],
    ['a file that is a folder', raw([line('a'), line('a/b')])],
    ['a file that is a folder further up', raw([line('a'), line('a-b'), line('a/b/c')])],
    ['a digest that is none', raw([['a', 3, 'sha256:../../x', 0]])],
    ['a negative size', raw([['a', -1, digestOf('a'), 0]])],
    ['a mode that is none', raw([['a', 3, digestOf('a'), 511]])],
  ])('is refused with %s', (_, bytes) => {
    expect(() => decodeManifest(bytes)).toThrow(expect.objectContaining({ code: 'VARVE_BAD_MANIFEST' }));
  });
});
