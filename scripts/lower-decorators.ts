import { transform } from 'esbuild';

/** `standard` is the TC39 form, `legacy` the one behind TypeScript's `experimentalDecorators`. */
export type DecoratorFlavour = 'standard' | 'legacy';

const TYPESCRIPT_FILE = /\.[mc]?ts$/;
const DECORATOR_LINE = /^ *@/m;

/**
 * Turns decorators into plain calls before Vite compiles the file. Vite's own compiler leaves the standard form as it
 * is, which Node cannot parse; and it reads the flavour from the nearest tsconfig, so one file could not be tested in both.
 */
export function lowerDecorators(flavour: DecoratorFlavour) {
  const compilerOptions = flavour === 'legacy' ? { experimentalDecorators: true } : {};
  return {
    name: `lower-decorators-${flavour}`,
    enforce: 'pre' as const,
    async transform(code: string, id: string) {
      const file = id.split('?')[0] ?? id;
      if (!TYPESCRIPT_FILE.test(file) || !DECORATOR_LINE.test(code)) return undefined;
      const lowered = await transform(code, {
        loader: 'ts',
        target: 'es2022',
        format: 'esm',
        sourcefile: file,
        sourcemap: true,
        keepNames: true,
        tsconfigRaw: { compilerOptions },
      });
      return { code: lowered.code, map: lowered.map };
    },
  };
}
