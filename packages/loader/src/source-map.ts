import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReadSource } from './sources.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The parts of a source map (version 3) that are used here. */
export interface SourceMap {
  readonly version: number;
  /** `file:` URLs. */
  readonly sources: readonly string[];
  readonly sourcesContent: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** Names the user's files by URL and embeds their contents, so that the compiled module may lie anywhere. */
export function absoluteMap(json: string, outdir: string, sources: ReadonlyMap<string, ReadSource>): SourceMap {
  const map = JSON.parse(json) as SourceMap;
  const paths = map.sources.map((source) => pathOf(source, outdir, sources));
  return {
    ...map,
    sources: paths.map((path) => (sources.has(path) ? pathToFileURL(path).href : 'varve:runtime')),
    sourcesContent: paths.map((path, i) => {
      const source = sources.get(path);
      return source ? Buffer.from(source.contents).toString('utf8') : (map.sourcesContent[i] ?? '');
    }),
  };
}

/** esbuild writes some characters of a path as a URL does, e.g. `#` and `%`. */
function pathOf(source: string, outdir: string, sources: ReadonlyMap<string, ReadSource>): string {
  const path = resolve(outdir, source);
  if (sources.has(path) || !/%[0-9a-f]{2}/i.test(source)) return path;
  try {
    return resolve(outdir, decodeURIComponent(source));
  } catch {
    return path;
  }
}

export function inlineMap(code: string, map: SourceMap): string {
  const data = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code}//# sourceMappingURL=data:application/json;base64,${data}\n`;
}

/** A place in the code that was compiled. */
export interface Origin {
  /** A `file:` URL. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Finds where the character at `offset` of the generated code came from. */
export function originAt(map: SourceMap, code: string, offset: number): Origin | undefined {
  const before = code.slice(0, offset);
  const line = before.split('\n').length - 1;
  const column = offset - (before.lastIndexOf('\n') + 1);
  const at = { source: 0, line: 0, column: 0 };
  let origin: Origin | undefined;
  for (const [i, text] of map.mappings.split(';').entries()) {
    if (i > line) break;
    let generated = 0;
    for (const segment of text === '' ? [] : text.split(',')) {
      const [columns = 0, sources = 0, lines = 0, further = 0] = decodeSegment(segment);
      generated += columns;
      at.source += sources;
      at.line += lines;
      at.column += further;
      const source = map.sources[at.source];
      if (source !== undefined && (i < line || generated <= column))
        origin = { source, line: at.line + 1, column: at.column + 1 };
    }
  }
  return origin;
}

/** Decodes base 64 VLQ: 5 bits a digit, least significant first; the lowest bit of a number is its sign. */
function decodeSegment(segment: string): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
