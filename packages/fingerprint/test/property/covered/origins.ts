import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Piece, piecesOf } from './pieces.ts';

/** A piece of the source as a slice names it. */
export interface Place {
  /** `lib/math.ts#normalize`; the file alone for a statement. */
  readonly label: string;
  /** From 1. */
  readonly line: number;
}

export type Range = readonly [start: number, end: number];

/** Finds the pieces of the source that functions of a compiled module come from. */
export class Origins {
  readonly #map: SourceMap;
  readonly #lines: readonly number[];
  readonly #files = new Map<string, { readonly lines: readonly number[]; readonly pieces: readonly Piece[] }>();

  constructor(
    readonly root: string,
    readonly code: string,
  ) {
    const [, data = ''] = code.match(/\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/) ?? [];
    this.#map = new SourceMap(JSON.parse(Buffer.from(data, 'base64').toString('utf8')));
    this.#lines = lineStarts(code);
  }

  /** The pieces that functions come from, but for those that the compiler made and the module itself. */
  all(functions: readonly Range[]): readonly Place[] {
    return functions.flatMap((each) => this.#of(each) ?? []);
  }

  #of([start, end]: Range): Place | undefined {
    if (start === 0) return undefined;
    for (let at = start, line = lineAt(this.#lines, start); at < end; at++) {
      while ((this.#lines[line + 1] ?? Number.POSITIVE_INFINITY) <= at) line++;
      const entry = this.#map.findEntry(line, at - (this.#lines[line] ?? 0));
      if (!('originalSource' in entry)) continue;
      const from = (this.#lines[entry.generatedLine] ?? 0) + entry.generatedColumn;
      if (from < start) continue;
      const { originalSource, originalLine, originalColumn } = entry;
      // What the compiler adds is placed where the file begins.
      if (originalLine + originalColumn === 0) continue;
      return this.#placeAt(originalSource, originalLine, originalColumn);
    }
    return undefined;
  }

  #placeAt(source: string, line: number, column: number): Place | undefined {
    // Around data the compiler writes functions of its own.
    if (!source.startsWith('file:') || source.endsWith('.json')) return undefined;
    const path = fileURLToPath(source);
    const { lines, pieces } = this.#fileOf(path);
    const at = (lines[line] ?? 0) + column;
    const piece = pieces.findLast(({ start, end }) => start <= at && at < end);
    if (!piece) throw new Error(`no piece at ${path}:${line + 1}:${column + 1}`);
    const file = relative(this.root, path).split(sep).join('/');
    return { label: piece.name === '' ? file : `${file}#${piece.name}`, line: piece.line };
  }

  #fileOf(path: string) {
    const known = this.#files.get(path);
    if (known) return known;
    const text = readFileSync(path, 'utf8');
    const file = { lines: lineStarts(text), pieces: piecesOf(text, path) };
    this.#files.set(path, file);
    return file;
  }
}

function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

/** The last line that starts at or before an offset. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
