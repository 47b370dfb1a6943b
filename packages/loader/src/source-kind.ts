import { extname } from 'node:path';
import type { SourceModule } from '@varve/core/contract';

/** What may be a flow's file. */
export const CODE_EXTENSIONS: readonly string[] = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

const LOADERS: Readonly<Record<string, SourceModule['loader']>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
  '.node': 'file',
};

/** How a file is parsed, by its extension; `undefined` for what cannot be imported. */
export function loaderOf(path: string): SourceModule['loader'] | undefined {
  return LOADERS[extname(path)];
}
