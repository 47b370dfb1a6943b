import { expect, it } from 'vitest';
import { type CodeManifest, decodeCode, encodeCode } from '../../../src/store/artifacts/code-manifest.ts';

const digest = `sha256:${'ab'.repeat(32)}` as const;
const manifest: CodeManifest = {
  entry: 'src/flow.ts',
  emit: { target: 'es2022' },
  files: [
    { path: 'src/flow.ts', digest, size: 3, imports: [['import', './x.js', '../lib/x.ts']] },
    { path: '../lib/x.ts', digest, size: 0, imports: [] },
  ],
};
const [flow] = manifest.files;

it('a code manifest decodes to what was encoded', () => {
  expect(decodeCode(encodeCode(manifest))).toEqual(manifest);
});

it.each([
  ['no JSON', Buffer.from('{')],
  ['another version', Buffer.from(JSON.stringify({ version: 2, ...manifest }))],
  ['no flow', encodeCode({ ...manifest, entry: 'src/other.ts' })],
  ['a path that leads out of a folder', encodeCode({ ...manifest, files: [{ ...flow, path: 'a/../../b' } as never] })],
  ['an absolute path', encodeCode({ ...manifest, files: [{ ...flow, path: '/etc/passwd' } as never] })],
  ['a drive', encodeCode({ ...manifest, files: [{ ...flow, path: 'C:/x' } as never] })],
  ['an import of what is not there', encodeCode({ ...manifest, files: [flow as never] })],
  ['a file twice', encodeCode({ ...manifest, files: [...manifest.files, flow as never] })],
  [
    'an unknown kind',
    encodeCode({ ...manifest, files: [{ ...flow, imports: [['eval', 'x', 'src/flow.ts']] } as never] }),
  ],
])('a code manifest is refused with %s', (_, bytes) => {
  expect(() => decodeCode(bytes)).toThrow(/cannot be read/);
});
