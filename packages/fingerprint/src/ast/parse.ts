import type { SourceModule } from '@varve/core/contract';
import { isNode, type Node } from './node.ts';

/** The syntax tree of one file. */
export interface Parsed {
  readonly program: Node;
  /** End offsets of `@__PURE__` comments: a call right after one changes nothing. */
  readonly pure: readonly number[];
  readonly hasModuleSyntax: boolean;
  /** `@jsx` comments, which choose the functions that make elements: `jsx h`. */
  readonly jsx: readonly string[];
}

/** The reason why a file was not parsed. */
export interface ParseFailure {
  readonly kind: 'syntax-error' | 'no-parser';
  readonly message: string;
  /** Offset in the text. */
  readonly offset: number;
}

/** Parses one file. Names are not resolved. */
export type Parse = (source: string, loader: SourceModule['loader']) => Parsed | ParseFailure;

const LANGUAGES: Partial<Record<SourceModule['loader'], 'ts' | 'tsx' | 'js' | 'jsx'>> = {
  ts: 'ts',
  tsx: 'tsx',
  js: 'jsx',
  jsx: 'jsx',
};

/** Loads oxc-parser. On a platform without it, returns a parser that always fails. */
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
      const jsx = result.comments.flatMap(
        ({ value }) => value.match(/(?<=@)jsx(Frag|ImportSource|Runtime)?\s+\S+/g) ?? [],
      );
      return { program, pure: pure.map(({ end }) => end), hasModuleSyntax: result.module.hasModuleSyntax, jsx };
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return () => failure('no-parser', message);
  }
}

function failure(kind: ParseFailure['kind'], message: string, offset = 0): ParseFailure {
  return { kind, message, offset };
}
