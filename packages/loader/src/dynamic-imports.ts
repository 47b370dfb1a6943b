import { originAt, type SourceMap } from './source-map.ts';

const NAME = '__varve_import';

/**
 * Makes `import(expression)` resolve a relative specifier from the file it was written in, not from the compiled module.
 * Literal specifiers were resolved before. A lexer of JavaScript finds the calls in esbuild's output, so text in strings
 * and comments is never touched; the source map gives the file.
 */
export async function keepDynamicImports(code: string, map: SourceMap): Promise<string> {
  if (!/\bimport\s*\((?!\s*["'])/.test(code)) return code;
  const { init, parse } = await import('es-module-lexer');
  await init;
  const [found] = parse(code);
  const computed = found.filter(({ d, n }) => d > -1 && n === undefined);
  if (computed.length === 0) return code;
  let out = '';
  let end = 0;
  for (const { ss, d } of computed) {
    const origin = originAt(map, code, ss);
    if (origin === undefined || !origin.startsWith('file:')) continue;
    out += `${code.slice(end, ss)}${NAME}(${JSON.stringify(origin)}, `;
    end = d + 1;
  }
  return out + code.slice(end) + PRELUDE;
}

/** Stands at the end, where it moves no line; functions are hoisted. */
const PRELUDE = `function ${NAME}(from, specifier, options) {
  const text = String(specifier);
  return import(/^\\.{0,2}\\//.test(text) ? new URL(text, from).href : text, options);
}
`;
