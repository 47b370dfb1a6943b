import { dirname, join } from 'node:path';
import { VarveError } from '@varve/core/contract';
import { getTsconfig } from 'get-tsconfig';

/** Options that change the behaviour of compiled code; all others change types or places only. */
const EMIT_OPTIONS = [
  'target',
  'useDefineForClassFields',
  'experimentalDecorators',
  'emitDecoratorMetadata',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'verbatimModuleSyntax',
] as const;

/** Reads those options from the nearest `tsconfig.json` upward, following `extends`. */
export function readCompilerOptions(file: string): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = { ...read(file) };
  return Object.fromEntries(
    EMIT_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

function read(file: string) {
  try {
    return getTsconfig(dirname(file))?.config.compilerOptions;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VarveError('VARVE_COMPILE', `the tsconfig.json that applies to ${file} cannot be read: ${reason}`, {
      cause,
      hint: `Mend it, or put one of its own beside the file: ${join(dirname(file), 'tsconfig.json')}`,
    });
  }
}
