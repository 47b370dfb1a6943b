import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SourceModule } from '@varve/core/contract';
import { type Declare, loadDeclare } from './declared.ts';
import { type Declared, declaredByLines } from './declared-by-lines.ts';

/** Raised when a module's text may be answered otherwise than before, as by another version of the parser. */
const VERSION = 1;
/** Texts that are kept besides those that were asked for: at least so many, or three times as many as those. */
const OTHERS_MIN = 500;

/**
 * What modules declare, by their text. Answers are kept in a folder, so that a start whose sources are all known does not
 * load the parser. A file that is damaged or cannot be written only costs time.
 */
export class KnownDeclared {
  private readonly file: string | undefined;
  private readonly used = new Map<string, Declared>();
  private before: ReadonlyMap<string, Declared> | undefined;
  private declare: Promise<Declare | undefined> | undefined;
  private hasNew = false;

  /** Without a folder answers are kept in memory alone. */
  constructor(folder?: string) {
    this.file = folder && join(folder, `declared-${VERSION}.json`);
  }

  async of(source: string, path: string, loader: SourceModule['loader']): Promise<Declared> {
    this.before ??= this.file === undefined ? new Map() : readAnswers(this.file);
    const key = createHash('sha256').update(`${loader} ${path}\0${source}`).digest('base64url');
    const known = this.used.get(key) ?? this.before.get(key);
    if (known) this.used.set(key, known);
    return known ?? this.find(key, source, path, loader);
  }

  /** Writes answers that are new. */
  keep(): void {
    if (this.file === undefined || !this.hasNew) return;
    this.hasNew = false;
    const others = [...(this.before ?? [])].filter(([key]) => !this.used.has(key));
    const most = Math.max(OTHERS_MIN, 3 * this.used.size);
    writeAnswers(this.file, [...this.used, ...others.slice(0, most)]);
  }

  private async find(key: string, source: string, path: string, loader: SourceModule['loader']): Promise<Declared> {
    this.declare ??= loadDeclare();
    const declare = await this.declare;
    // Names that were found by lines are not kept: the parser may be there next time.
    if (!declare) return declaredByLines(source, path);
    const found = declare(source, path, loader);
    this.used.set(key, found);
    this.hasNew = true;
    return found;
  }
}

/** The first line is the checksum of the rest. */
function readAnswers(file: string): ReadonlyMap<string, Declared> {
  try {
    const content = readFileSync(file, 'utf8');
    const end = content.indexOf('\n');
    const text = content.slice(end + 1);
    return new Map(content.slice(0, end) === checksum(text) ? (JSON.parse(text) as [string, Declared][]) : []);
  } catch {
    return new Map();
  }
}

function writeAnswers(file: string, answers: readonly (readonly [string, Declared])[]): void {
  const draft = `${file}.${process.pid}.part`;
  try {
    const text = JSON.stringify(answers);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(draft, `${checksum(text)}\n${text}`);
    renameSync(draft, file);
  } catch {
    discard(draft);
  }
}

function discard(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // It was never written, or cannot be removed: it is never read.
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
