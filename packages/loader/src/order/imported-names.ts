/** What a bundle takes of a package. */
export interface ImportedNames {
  readonly names: readonly string[];
  /** True when it may take others, too: by `import * as`, or in a form that is not known. */
  readonly isWhole: boolean;
}

const LIST = /^\{([^{}"']*)\}$/s;

/**
 * Reads what a bundle imports, by specifier. A package that it exports as a whole is left out: such names are known to
 * Node alone.
 */
export async function importedNames(
  code: string,
  specifiers: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ImportedNames>> {
  const { init, parse } = await import('es-module-lexer');
  await init;
  const names = new Map<string, ImportedNames>();
  const exported = new Set<string>();
  for (const { d, n, ss, s } of parse(code)[0]) {
    if (d !== -1 || n === undefined || !specifiers.has(n)) continue;
    const clause = code.slice(ss, s - 1);
    if (/^export\s*\*/.test(clause)) exported.add(n);
    const found = namesIn(clause);
    const { names: before, isWhole } = names.get(n) ?? { names: [], isWhole: false };
    names.set(n, { names: [...new Set([...before, ...found.names])].sort(), isWhole: isWhole || found.isWhole });
  }
  for (const one of exported) names.delete(one);
  return names;
}

/** Takes `import d, { a as b } from`, `export { a } from` or `import * as n from`. */
function namesIn(clause: string): ImportedNames {
  const inner = clause.replace(/^(import|export)\s*/, '').replace(/\s*from\s*$/, '');
  const [, head = '', rest = ''] = /^([\p{L}\p{N}_$]*)\s*,?\s*(.*)$/su.exec(inner) ?? [];
  const first = head === '' ? [] : ['default'];
  if (rest === '') return { names: first, isWhole: false };
  const list = LIST.exec(rest)?.[1];
  if (list === undefined) return { names: first, isWhole: true };
  const named = list.split(',').map((each) => each.trim().split(/\s+as\s+/)[0] ?? '');
  return { names: [...first, ...named.filter((name) => name !== '')], isWhole: false };
}
