import { originAt, type SourceMap } from './source-map.ts';

const NAME = '__varve_require';
/** esbuild's name for a `require` that it does not resolve, and the statement that declares it. */
const REQUIRE = /\b__require\b(?! = )/g;

/**
 * Makes a `require` that the compiler did not resolve find what it finds in the file it was written in. Only what was
 * written as `require` is touched, never a text that holds the name.
 */
export function keepRequires(code: string, map: SourceMap): string {
  if (!code.includes('__require')) return code;
  const kept = code.replace(REQUIRE, (found, at: number) => {
    const origin = originAt(map, code, at);
    const content = map.sourcesContent[map.sources.indexOf(origin?.source ?? '')];
    if (!origin?.source.startsWith('file:') || content === undefined) return found;
    const line = content.split(/\r\n|[\n\r\u2028\u2029]/)[origin.line - 1] ?? '';
    return line.startsWith('require', origin.column - 1) ? `${NAME}(${JSON.stringify(origin.source)})` : found;
  });
  return kept === code ? code : kept + PRELUDE;
}

/** Stands at the end, where it moves no line; functions are hoisted. */
const PRELUDE = `function ${NAME}(from) {
  const known = (${NAME}.known ??= new Map());
  if (!known.has(from)) known.set(from, process.getBuiltinModule('node:module').createRequire(from));
  return known.get(from);
}
`;
