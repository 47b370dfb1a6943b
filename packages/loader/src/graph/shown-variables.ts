import { basename, dirname, resolve } from 'node:path';
import { isCommonJs, LISTENER } from '../import-meta.ts';

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
const SELF = '__varve_self';

/**
 * Lets varve look into the variables of a module, which tasks may fill, in threads that observe it, and into data that it
 * imports. Adds a line at the end. A name that is in a text only has a getter that throws; a variable that is missed counts
 * as one that cannot be looked into.
 */
export function showVariables(source: string, file: string): string {
  const variables = [...source.matchAll(VARIABLES)].map(([, names = '', pattern = '', rest = '']) => ({
    isPattern: pattern !== '',
    names: namesIn(`${names} ${pattern}`),
    further: [...rest.matchAll(FURTHER)].flatMap(([, name = '']) => namesIn(name)),
  }));
  const named = [...source.matchAll(NAMED)].flatMap(([, name = '']) => namesIn(name));
  const all = new Set([...variables.flatMap(({ names, further }) => [...names, ...further]), ...named]);
  const getters = [...all].map((name) => `${name}: () => ${name}`);
  const isUnnamed = UNNAMED.test(source) && !isCommonJs(source, file);
  if (isUnnamed) getters.push(`default: () => ${SELF}.default`);
  const patterns = variables.filter(({ isPattern, names }) => isPattern && names.length > 1).map(({ names }) => names);
  const own = getters.length === 0 ? [] : [declaring(file, getters, JSON.stringify(patterns))];
  const calls = [...own, ...dataIn(source, file)];
  if (calls.length === 0) return source;
  // A module may import itself: its default has no other name.
  const self = isUnnamed ? ` import * as ${SELF} from ${JSON.stringify(`./${basename(file)}`)};` : '';
  return `${source}\n;${calls.join(' ')}${self}\n`;
}

function namesIn(text: string): readonly string[] {
  return (text.match(NAMES) ?? []).filter((name) => !RESERVED.test(name));
}

function declaring(file: string, getters: readonly string[], patterns: string): string {
  return `${LISTENER}?.variables?.(${JSON.stringify(file)}, { ${getters.join(', ')} }, ${patterns});`;
}

/** Data has no code that could show it: who imports it does. */
function dataIn(source: string, file: string): readonly string[] {
  return [...source.matchAll(DATA)].map(([, name = '', list = '', path = '']) => {
    const names = name === '' ? list.split(',').flatMap((each) => namesIn(each).slice(-1)) : [name];
    return declaring(
      resolve(dirname(file), path),
      names.map((each) => `${each}: () => ${each}`),
      '[]',
    );
  });
}
