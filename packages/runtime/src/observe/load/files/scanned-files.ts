import { extname } from 'node:path';
import { wallNow } from '@varve/core/internal';
import { readFileSync, statSync } from '../../shared/originals.ts';
import { digestOf } from '../../shared/tokens.ts';
import { stampOf } from './stamp.ts';
import { writeWhole } from './write-whole.ts';

/** A file of code as it is on disk. */
export interface ScannedFile {
  /** SHA-256 of its bytes, hex. */
  readonly digest: string;
  /** Specifiers of its `import` and `export … from`, and of `import()` where they are written out. */
  readonly imports: readonly string[];
  /** True when an `import()` computes its specifier. */
  readonly computes: boolean;
  /** Changes with every change of the file. */
  readonly stamp: string;
  /** Last change of the file or its place, which nobody can set, ms since the Unix epoch. */
  readonly changedAt: number;
}

type Entry = readonly [stamp: string, digest: string, imports: readonly string[], computes: 0 | 1];
type Lexer = typeof import('es-module-lexer');

/** Version of the index on disk. */
const FORMAT = 1;
/** Tick of the coarsest clock of a file system: what changed within it may change again and keep its times. Ms. */
const CLOCK_MS = 2000;
const CODE = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '']);

/** Reads files of code, each once while size, times and inode stay the same. */
export class ScannedFiles {
  private entries: Map<string, Entry> | undefined;
  private lexer: Lexer | undefined;
  private isNew = false;

  /** `path`: where the index is kept between processes; without one it stays in memory. */
  constructor(
    readonly path?: string,
    /** Ms since the Unix epoch. */
    private readonly now: () => number = wallNow,
  ) {}

  /** Read from disk when it is needed first. */
  private get known(): Map<string, Entry> {
    this.entries ??= new Map(this.path === undefined ? [] : readIndex(this.path));
    return this.entries;
  }

  /** The file at an absolute path; `undefined` when there is none. */
  async scan(path: string): Promise<ScannedFile | undefined> {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isFile()) return undefined;
    const stamp = stampOf(stats);
    const known = this.known.get(path);
    const entry = known?.[0] === stamp ? known : await this.read(path, stamp);
    if (entry === undefined) return undefined;
    const [, digest, imports, computes] = entry;
    const changedAt = stats.ctimeMs;
    if (known !== entry) this.keep(path, entry, changedAt);
    return { digest, imports, computes: computes === 1, stamp, changedAt };
  }

  /** Keeps the index for other processes. One that cannot be written costs them time and nothing else. */
  flush(): void {
    if (this.path === undefined || !this.isNew) return;
    this.isNew = false;
    writeWhole(this.path, JSON.stringify([FORMAT, [...this.known]]));
  }

  /** False for a file that may change again and keep its times. `changedAt`: ms since the Unix epoch. */
  isSettled(changedAt: number): boolean {
    return changedAt + CLOCK_MS <= this.now();
  }

  private keep(path: string, entry: Entry, changedAt: number): void {
    if (!this.isSettled(changedAt)) return;
    this.known.set(path, entry);
    this.isNew = true;
  }

  private async read(path: string, stamp: string): Promise<Entry | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(path);
    } catch {
      return undefined;
    }
    const digest = digestOf(bytes);
    if (!CODE.has(extname(path))) return [stamp, digest, [], 0];
    const { imports, computes } = await this.importsOf(Buffer.from(bytes).toString('utf8'));
    return [stamp, digest, imports, computes ? 1 : 0];
  }

  /** What a text of code imports. */
  scanText(code: string): Promise<Pick<ScannedFile, 'imports' | 'computes'>> {
    return this.importsOf(code);
  }

  private async importsOf(code: string): Promise<Pick<ScannedFile, 'imports' | 'computes'>> {
    if (!/\b(?:import|from)\b/.test(code)) return { imports: [], computes: false };
    this.lexer ??= await loadLexer();
    try {
      const [found] = this.lexer.parse(code);
      const calls = found.filter(({ d }) => d !== -2);
      return { imports: specifiersOf(calls), computes: calls.some(({ n }) => n === undefined) };
    } catch {
      return searchImports(code);
    }
  }
}

async function loadLexer(): Promise<Lexer> {
  const lexer = await import('es-module-lexer');
  await lexer.init;
  return lexer;
}

function specifiersOf(found: readonly { readonly n: string | undefined }[]): readonly string[] {
  return [...new Set(found.flatMap(({ n }) => n ?? []))];
}

/** Takes whatever looks like an import, for text the lexer does not read: TypeScript that Node strips, for instance. */
function searchImports(code: string): Pick<ScannedFile, 'imports' | 'computes'> {
  const found = [...code.matchAll(/\b(?:from|import)\s*\(?\s*(["'])([^"'\n]+)\1/g)].map(([, , n]) => ({ n }));
  return { imports: specifiersOf(found), computes: /\bimport\s*\(\s*[^"'\s]/.test(code) };
}

function readIndex(path: string): readonly (readonly [string, Entry])[] {
  try {
    const [format, entries] = JSON.parse(readFileSync(path, 'utf8')) as [number, [string, Entry][]];
    return format === FORMAT ? entries : [];
  } catch {
    return [];
  }
}
