/** Which of its two arguments the method of a foreach step can look at. It is handed no others. */
export interface SeenArguments {
  readonly element: boolean;
  readonly index: boolean;
}

/** Also what a function sees that another decorator has put in the place of a step's method. */
export const SEES_BOTH: SeenArguments = { element: true, index: true };

/**
 * `async`, `function`, `*` and a name, then parameters without defaults, rests, strings, comments and anything else in
 * which a bracket or a comma could hide, then the body.
 */
const SIMPLE =
  /^(?:async\b\s*)?(?:function\b\s*)?\*?\s*(?:[\p{ID_Start}$_][\p{ID_Continue}$]*)?\s*\((?<list>[^()='"`/\\.]*)\)\s*\{/u;

/** A body can reach what its parameters do not name, `\u` may spell either word, and of bound functions there is no text. */
const INDIRECT = /\b(?:arguments|eval|native code)\b|\\u/;

/**
 * Decided from the source text, because `length` says nothing of defaults and rests. In doubt it is both: an argument too
 * many costs a needless run, one too few would hide what a result depends on.
 */
export function seenArguments(method: (...values: never[]) => unknown): SeenArguments {
  const source = Function.prototype.toString.call(method);
  const list = SIMPLE.exec(source)?.groups?.list;
  const count = list === undefined || INDIRECT.test(source) ? undefined : countParameters(list);
  return count === undefined ? SEES_BOTH : { element: count > 0, index: count > 1 };
}

/** `undefined` when the brackets of a pattern do not match. */
function countParameters(list: string): number | undefined {
  let depth = 0;
  const found: string[] = [''];
  for (const character of list) {
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    if (depth < 0) return undefined;
    if (character === ',' && depth === 0) found.push('');
    else found[found.length - 1] += character;
  }
  return depth === 0 ? found.filter((one) => one.trim() !== '').length : undefined;
}
