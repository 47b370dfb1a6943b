import { parseRead } from '@varve/core/contract';
import { type AmbientPort, hideToken, type Tokens } from '@varve/core/internal';
import { lookFiles } from './files/index.ts';
import { lookModules, ScannedFiles } from './load/index.ts';
import type { ObserveOptions } from './options.ts';
import { lookProcess } from './process/index.ts';

/** Kinds of reads whose tokens are made of values that are nobody's business: only a keyed hash of them is stored. */
const HIDDEN = /^@(env|os) /;

type Token = readonly [read: string, token: string];

/** Looks at what lies outside of a run from this process. `key`: of `readEnvKey`. */
export function createAmbientPort(options: ObserveOptions, key: string): AmbientPort {
  const files = new ScannedFiles();
  const settle = (tokens: Iterable<Token>): Tokens =>
    new Map([...tokens].map(([read, token]) => [read, storedToken(key, read, token)]));
  return {
    look: async (reads) => {
      const seen = await lookFiles(reads, options);
      return settle([...seen, ...(await lookElsewhere(reads, options, files))]);
    },
    settle: (tokens) => settle(Object.entries(tokens)),
  };
}

function storedToken(key: string, read: string, token: string): string {
  return HIDDEN.test(read) && token !== '-' ? hideToken(key, read, token) : token;
}

/** Everything but the file system. */
async function lookElsewhere(reads: readonly string[], options: ObserveOptions, files: ScannedFiles): Promise<Token[]> {
  const packageToken = lookModules({ root: options.root, files });
  const tokens: Token[] = [];
  for (const text of reads) {
    const read = parseRead(text);
    if (read?.kind !== 'ambient') continue;
    const token = read.what === 'package' ? await packageToken(read.name) : lookProcess(read, options);
    if (token !== undefined) tokens.push([text, token]);
  }
  return tokens;
}
