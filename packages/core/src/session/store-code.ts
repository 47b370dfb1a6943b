import type { Reference } from '../contract/index.ts';
import { type ArtifactStore, CODE_CODEC, type CodeFile, encodeCode } from '../store/index.ts';
import type { SourcePackage } from './run-session.ts';

/** Bytes of a file that lies in the list itself, and of all these together: one look-up then tells of them all. */
const TEXT_MAX = 16 * 1024;
const TEXTS_MAX = 128 * 1024;

/**
 * Stores the local source files of a run: small ones in their list, the others as blobs, each once, and then the list. Where the
 * list is there already, so probably are the blobs: each is looked up then rather than offered.
 */
export async function storeCode(artifacts: ArtifactStore, { files, ...about }: SourcePackage): Promise<Reference> {
  const texts = textsOf(files);
  const named = files.map((file): CodeFile => {
    const { path, contents, imports } = file;
    const { digest, size } = artifacts.refer([contents], 'source/1');
    const text = texts.get(file);
    return { path, digest, size, imports, ...(text !== undefined && { text }) };
  });
  const list = encodeCode({ ...about, files: named });
  const isThere = await artifacts.isStored(artifacts.refer([list], CODE_CODEC));
  const blobs = files.filter((file) => !texts.has(file));
  await Promise.all(blobs.map(({ contents }) => artifacts.put([contents], 'source/1', { isLikelyThere: isThere })));
  return artifacts.put([list], CODE_CODEC);
}

type SourceFile = SourcePackage['files'][number];

/** The smallest files, as many as fit. Bytes that are no UTF-8 cannot be text. */
function textsOf(files: readonly SourceFile[]): Map<SourceFile, string> {
  const texts = new Map<SourceFile, string>();
  let total = 0;
  for (const file of [...files].sort((a, b) => a.contents.byteLength - b.contents.byteLength)) {
    const bytes = Buffer.from(file.contents);
    total += bytes.byteLength;
    if (bytes.byteLength > TEXT_MAX || total > TEXTS_MAX) break;
    const text = bytes.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(bytes)) texts.set(file, text);
  }
  return texts;
}
