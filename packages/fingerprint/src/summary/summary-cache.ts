import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { digestOf, FP_VERSION } from '../format.ts';
import type { FileSummary } from './summary.ts';

/** Summaries by what they were made from. */
export interface SummaryCache {
  get(key: string): FileSummary | undefined;
  set(key: string, summary: FileSummary): void;
  /** Writes what is new. Never throws: a cache that cannot be written only costs time. */
  flush(): void;
}

/** Bytes beyond which the file is begun anew. */
const LIMIT = 64 * 1024 * 1024;

/**
 * One append-only file of lines `key checksum json`. A line that is cut off or damaged is passed over; two processes
 * may append at the same time, as each writes whole lines at once.
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

/** What stands behind the key in each line, as bytes: few are asked for. */
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

/** Characters of a checksum. */
const SUM = 16;

function checksum(json: string | Uint8Array): string {
  return digestOf(json).slice(7, 7 + SUM);
}

function append(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // A line that a crash cut off must not swallow the first of these.
    appendFileSync(path, `\n${text}`);
  } catch {
    // Nothing is lost but time: the next run parses again.
  }
}

/** What a summary depends on: the text, how it is parsed, and this package. */
export function summaryKey(digest: string, loader: string): string {
  return digestOf(`${FP_VERSION} ${loader} ${digest}`).slice(7);
}

/** Keeps summaries for as long as the process lives. */
export function memorySummaryCache(): SummaryCache {
  const known = new Map<string, FileSummary>();
  return { get: (key) => known.get(key), set: (key, summary) => known.set(key, summary), flush: () => undefined };
}
