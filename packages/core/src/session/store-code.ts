import type { Reference } from '../contract/index.ts';
import { type ArtifactStore, CODE_CODEC, encodeCode } from '../store/index.ts';
import type { SourcePackage } from './run-session.ts';

/**
 * Stores the local source files of a run, each once, and then their list. Where the list is there already, so probably are
 * the files: each is looked up then rather than offered.
 */
export async function storeCode(artifacts: ArtifactStore, { files, ...about }: SourcePackage): Promise<Reference> {
  const named = files.map(({ path, contents, imports }) => {
    const { digest, size } = artifacts.refer([contents], 'source/1');
    return { path, digest, size, imports };
  });
  const list = encodeCode({ ...about, files: named });
  const isThere = await artifacts.isStored(artifacts.refer([list], CODE_CODEC));
  await Promise.all(files.map(({ contents }) => artifacts.put([contents], 'source/1', { isLikelyThere: isThere })));
  return artifacts.put([list], CODE_CODEC);
}
