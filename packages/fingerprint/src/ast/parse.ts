import type { SourceModule } from '@varve/core/contract';
import { isNode, type Node } from './node.ts';

export interface Parsed {
  readonly program: Node;
  /** Ends of `@__PURE__` comments: a call that starts after one changes nothing. */
  readonly pure: readonly number[];
  readonly hasModuleSyntax: boolean;
}

/** Why a file was not understood. */
export interface ParseFailure {
  readonly kind: 'syntax-error' | 'no-parser';
  readonly message: string;
  /** Offset in the text. */
  readonly offset: number;
}

/** Reads the syntax of one file, without types and names: those are ours. */
export type Parse = (source: string, loader: SourceModule['loader']) => Parsed | ParseFailure;

const LANGUAGES: Partial<Record<SourceModule['loader'], 'ts' | 'tsx' | 'js' | 'jsx'>> = {
  ts: 'ts',
  tsx: 'tsx',
  js: 'jsx',
  jsx: 'jsx',
};

/** Loads the parser on the first call; a platform without it gets a parser that always fails. */
export async function loadParser(): Promise<Parse> {
  try {
    const { parseSync } = await import('oxc-parser');
    return (source, loader) => {
      const lang = LANGUAGES[loader] ?? 'ts';
      const result = parseSync(`source.${lang}`, source, {
        lang,
        astType: 'ts',
        sourceType: 'unambiguous',
        preserveParens: false,
      });
      const [error] = result.errors;
      const program: unknown = error ? undefined : result.program;
      if (error || !isNode(program))
        return failure('syntax-error', error?.message ?? 'no tree', error?.labels[0]?.start);
      const pure = result.comments.filter(({ value }) => /[@#]__PURE__/.test(value));
      return { program, pure: pure.map(({ end }) => end), hasModuleSyntax: result.module.hasModuleSyntax };
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return () => failure('no-parser', message);
  }
}

function failure(kind: ParseFailure['kind'], message: string, offset = 0): ParseFailure {
  return { kind, message, offset };
}
