import { parseRead } from '@varve/core/contract';
import { type AmbientPort, hideToken, type Tokens } from '@varve/core/internal';
import { lookFiles } from './files/index.ts';
import { lookModules, ScannedFiles } from './load/index.ts';
import type { ObserveOptions } from './options.ts';
import { lookProcess } from './process/index.ts';

/** Kinds of reads whose tokens are made of values that are nobody's business: only a keyed hash of them is stored. */
const HIDDEN = /^@(env|os) /;

type Token = readonly [read: string, token: string];

/** Looks at what lies outside of a run from this process. `readKey`: `readEnvKey`, called when the first value has to be hidden. */
export function createAmbientPort(options: ObserveOptions, readKey: () => Promise<string>): AmbientPort {
  const files = new ScannedFiles();
  const hidden = new HiddenValues(readKey);
  const settle = (tokens: Iterable<Token>): Tokens =>
    new Map([...tokens].map(([read, token]) => [read, hidden.token(read, token)]));
  return {
    look: async (reads) => {
      await hidden.prepare(reads);
      const seen = await lookFiles(reads, options);
      return settle([...seen, ...(await lookElsewhere(reads, options, files))]);
    },
    prepare: (reads) => hidden.prepare(reads),
    settle: (tokens) => settle(Object.entries(tokens)),
  };
}

/** Most flows read no variable: they need no key. */
class HiddenValues {
  private key: string | undefined;
  private reading: Promise<void> | undefined;

  constructor(private readonly readKey: () => Promise<string>) {}

  prepare(reads: Iterable<string>): Promise<void> | undefined {
    if (this.key !== undefined || ![...reads].some((read) => HIDDEN.test(read))) return undefined;
    this.reading ??= this.readKey().then((key) => {
      this.key = key;
    });
    return this.reading;
  }

  token(read: string, token: string): string {
    if (!HIDDEN.test(read) || token === '-') return token;
    if (this.key === undefined) throw new Error(`the token of ${read} was settled before it was prepared`);
    return hideToken(this.key, read, token);
  }
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
