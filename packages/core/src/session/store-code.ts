import type { Reference } from '../contract/index.ts';
import { type ArtifactStore, CODE_CODEC, encodeCode } from '../store/index.ts';
import type { SourcePackage } from './run-session.ts';

/** Stores the local source files of a run, each once, and their list. */
export async function storeCode(artifacts: ArtifactStore, { files, ...about }: SourcePackage): Promise<Reference> {
  const stored = await Promise.all(
    files.map(async ({ path, contents, imports }) => {
      const { digest } = await artifacts.put([contents], 'source/1');
      return { path, digest, size: contents.byteLength, imports };
    }),
  );
  return artifacts.put([encodeCode({ ...about, files: stored })], CODE_CODEC);
}
