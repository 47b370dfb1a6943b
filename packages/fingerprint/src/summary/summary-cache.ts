import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { digestOf, FP_VERSION } from '../format.ts';
import type { FileSummary } from './summary.ts';

/** Summaries by the key that `summaryKey` makes. */
export interface SummaryCache {
  get(key: string): FileSummary | undefined;
  set(key: string, summary: FileSummary): void;
  /** Writes new summaries. Never throws: a cache that cannot be written only costs time. */
  flush(): void;
}

/** Size in bytes above which the file is started anew. */
const LIMIT = 64 * 1024 * 1024;

/**
 * Keeps summaries in an append-only file of lines `key checksum json`. Damaged lines are skipped. Two processes may
 * append at the same time, as each writes whole lines at once.
 */
export function fileSummaryCache(path: string): SummaryCache {
  const lines = readLines(path);
  const fresh = new Map<string, string>();
  const parsed = new Map<string, FileSummary>();
  return {
    get(key) {
      const line = lines.get(key);
      const summary = parsed.get(key) ?? (line === undefined ? undefined : parseLine(line));
      if (summary) parsed.set(key, summary);
      return summary;
    },
    set(key, summary) {
      parsed.set(key, summary);
      fresh.set(key, JSON.stringify(summary));
    },
    flush() {
      if (fresh.size === 0) return;
      const text = [...fresh].map(([key, json]) => `${key} ${checksum(json)} ${json}\n`).join('');
      fresh.clear();
      append(path, text);
    },
  };
}

/** The rest of each line by key, as bytes: few of them are ever parsed. */
function readLines(path: string): Map<string, Buffer> {
  const lines = new Map<string, Buffer>();
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch {
    return lines;
  }
  if (content.length > LIMIT) {
    rmSync(path, { force: true });
    return lines;
  }
  for (let start = 0; start < content.length; ) {
    const found = content.indexOf('\n', start);
    const end = found < 0 ? content.length : found;
    const line = content.subarray(start, end);
    const space = line.indexOf(' ');
    if (space > 0) lines.set(line.toString('latin1', 0, space), line.subarray(space + 1));
    start = end + 1;
  }
  return lines;
}

function parseLine(line: Buffer): FileSummary | undefined {
  const [sum, json] = [line.toString('latin1', 0, SUM), line.subarray(SUM + 1)];
  return sum === checksum(json) ? (JSON.parse(json.toString('utf8')) as FileSummary) : undefined;
}

/** Length of a checksum in characters. */
const SUM = 16;

function checksum(json: string | Uint8Array): string {
  return digestOf(json).slice(7, 7 + SUM);
}

function append(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // Starts on a new line, as a crash may have cut off the last one.
    appendFileSync(path, `\n${text}`);
  } catch {
    // The next run parses again: that only costs time.
  }
}

/** Key of a summary: the text, how it is parsed, and the version of what a summary holds. */
export function summaryKey(digest: string, loader: string): string {
  return digestOf(`${FP_VERSION}.5 ${loader} ${digest}`).slice(7);
}

/** Keeps summaries in memory. */
export function memorySummaryCache(): SummaryCache {
  const known = new Map<string, FileSummary>();
  return { get: (key) => known.get(key), set: (key, summary) => known.set(key, summary), flush: () => undefined };
}
