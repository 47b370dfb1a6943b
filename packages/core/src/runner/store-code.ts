import type { ArtifactStore } from '../artifact/index.ts';
import type { Reference } from '../contract/index.ts';
import type { SourceFile } from './io-protocol.ts';

/** Stores the local source files of a run, each once, and their list; `undefined` when there are none. */
export async function storeCode(artifacts: ArtifactStore, code: readonly SourceFile[]): Promise<Reference | undefined> {
  if (code.length === 0) return undefined;
  const files = await Promise.all(
    code.map(async ({ path, contents }) => ({
      path,
      digest: (await artifacts.put([contents], 'source/1')).digest,
      size: contents.byteLength,
    })),
  );
  return artifacts.put([Buffer.from(JSON.stringify({ version: 1, files }))], 'code/1');
}
