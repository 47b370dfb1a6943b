import { extname } from 'node:path';
import type { Digest } from '@varve/core/contract';
import type { AssetSource } from '../link/options.ts';
import type { FileDigests } from './file-digests.ts';

const SOURCES: ReadonlySet<string> = new Set('.ts .mts .cts .tsx .js .mjs .cjs .jsx .json .node .wasm .txt'.split(' '));
const LOCKS = /(^|[\\/])(pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/;

/**
 * Files of a project by content, read when a step first needs them. Each is the same however often it is asked for: all
 * that is made, and what is remembered of what it was made from, must agree on it.
 */
export function projectFiles(root: string, digests: FileDigests): AssetSource {
  const known = new Map<string, Digest | undefined>();
  let whole: Digest | undefined;
  return {
    digest(path) {
      if (!known.has(path)) known.set(path, digests.of(path));
      return known.get(path);
    },
    project() {
      whole ??= digests.tree(root, (file) => SOURCES.has(extname(file)) || LOCKS.test(file));
      return whole;
    },
  };
}
