import { dirname, resolve } from 'node:path';
import { isCommonJs } from '../import-meta.ts';

/** What the top level of a module declares. */
export interface Declared {
  readonly names: readonly string[];
  /** Names that one pattern declares. */
  readonly patterns: readonly (readonly string[])[];
  /** True when its default export has no name of its own. */
  readonly hasUnnamed: boolean;
  /** JSON files that it imports, with its names for what is in them. */
  readonly data: readonly { readonly path: string; readonly names: readonly string[] }[];
  /** False when its evaluation only declares things. */
  readonly acts: boolean;
}

const NAME = String.raw`[\p{L}_$][\p{L}\p{N}_$]*`;
/** What is declared at the beginning of a line: names, or a pattern; then the rest of the line. */
const VARIABLES = new RegExp(
  String.raw`^(?:export[ \t]+)?(?:let|var|const)[ \t]+(?:(${NAME}(?:[ \t]*,[ \t]*${NAME})*)[ \t]*[!:=;,\r\n]|([[{][^;=()]*[\]}])[ \t]*[:=])(.*)`,
  'gmu',
);
/** A further declaration on the same line. */
const FURTHER = new RegExp(String.raw`,[ \t]*(${NAME})[ \t]*(?:[!:][^=,;]*)?=(?![=>])`, 'gu');
/** A class, a function, an enum or a namespace that is declared at the beginning of a line. */
const NAMED = new RegExp(
  String.raw`^(?:export[ \t]+(?:default[ \t]+)?)?(?:(?:abstract[ \t]+)?class|(?:async[ \t]+)?function[ \t]*\*?|(?:const[ \t]+)?enum|namespace)[ \t]+(${NAME})`,
  'gmu',
);
/** A default export without a name of its own. */
const UNNAMED = new RegExp(
  String.raw`^export[ \t]+default[ \t]+(?!interface\b|type\b|(?:abstract[ \t]+)?class[ \t]+(?!extends\b)${NAME}|(?:async[ \t]+)?function[ \t]*\*?[ \t]*${NAME}|${NAME}[ \t]*;?[ \t]*$)`,
  'mu',
);
/** An import of data: the names, or the default and all of it. */
const DATA = new RegExp(
  String.raw`^import[ \t]+(?:(?:\*[ \t]+as[ \t]+)?(${NAME})|\{([^}]*)\})[ \t]+from[ \t]*['"](\.[^'"\n]*\.json)['"]`,
  'gmu',
);
/** The names of a pattern, and some that are none of its own. */
const NAMES = new RegExp(NAME, 'gu');
/** Words that are no names: such a line is part of a text. */
const RESERVED =
  /^(await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|arguments|eval)$/;

/**
 * Finds what a module declares by the beginnings of its lines, where there is no parser for this platform. A name that is in
 * a text only is found, too; one that stands elsewhere on a line is not.
 */
export function declaredByLines(source: string, file: string): Declared {
  const variables = [...source.matchAll(VARIABLES)].map(([, names = '', pattern = '', rest = '']) => ({
    isPattern: pattern !== '',
    names: namesIn(`${names} ${pattern}`),
    further: [...rest.matchAll(FURTHER)].flatMap(([, name = '']) => namesIn(name)),
  }));
  const named = [...source.matchAll(NAMED)].flatMap(([, name = '']) => namesIn(name));
  return {
    names: [...variables.flatMap(({ names, further }) => [...names, ...further]), ...named],
    patterns: variables.filter(({ isPattern, names }) => isPattern && names.length > 1).map(({ names }) => names),
    hasUnnamed: UNNAMED.test(source) && !isCommonJs(source, file),
    acts: true,
    data: [...source.matchAll(DATA)].map(([, name = '', list = '', path = '']) => ({
      path: resolve(dirname(file), path),
      names: name === '' ? list.split(',').flatMap((each) => namesIn(each).slice(-1)) : [name],
    })),
  };
}

function namesIn(text: string): readonly string[] {
  return (text.match(NAMES) ?? []).filter((name) => !RESERVED.test(name));
}
