import { extname } from 'node:path';
import type { Digest } from '@varve/core/contract';
import type { AssetSource } from '../link/asset-slots.ts';
import type { FileDigests } from './file-digests.ts';

const SOURCES: ReadonlySet<string> = new Set('.ts .mts .cts .tsx .js .mjs .cjs .jsx .json .node .wasm .txt'.split(' '));
const LOCKS = /(^|[\\/])(pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/;

/** Files of a project by content, read when a step first needs them. */
export function projectFiles(root: string, digests: FileDigests): AssetSource {
  let whole: Digest | undefined;
  return {
    digest: (path) => digests.of(path),
    project() {
      whole ??= digests.tree(root, (file) => SOURCES.has(extname(file)) || LOCKS.test(file));
      return whole;
    },
  };
}
