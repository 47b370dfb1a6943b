import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReadSource } from './source-catalog.ts';

/** The parts of a source map (version 3) that are used here. */
export interface SourceMap {
  readonly version: number;
  /** `file:` URLs. */
  readonly sources: readonly string[];
  readonly sourcesContent: readonly string[];
  readonly names: readonly string[];
  readonly mappings: string;
}

/** Names the user's files by URL and holds what is really in them, wherever the compiled module will lie. */
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
