import type { OutsideInputs } from '@varve/core/internal';

const compiled = new WeakMap<OutsideInputs, RegExp>();

/** The test of names that a step leaves out, the same for all its tasks. */
export function excludedBy(counts: OutsideInputs | undefined): RegExp | undefined {
  if (counts?.files?.exclude === undefined) return undefined;
  const known = compiled.get(counts) ?? compileGlobs(counts.files.exclude);
  if (known) compiled.set(counts, known);
  return known;
}

/**
 * Compiles globs into one test of a name; `undefined` when there are none. `*` and `?` stop at `/`, `**` does not, `{a,b}`
 * is either, `[a-z]` one of these. A glob that fits a folder holds for everything in it.
 */
export function compileGlobs(globs: readonly string[]): RegExp | undefined {
  if (globs.length === 0) return undefined;
  return new RegExp(`^(?:${globs.map(toSource).join('|')})(?:/.*)?$`, 's');
}

function toSource(glob: string): string {
  const tokens = glob.replace(/^\.\//, '').replace(/\/+$/, '').match(TOKENS) ?? [];
  let open = 0;
  const parts = tokens.map((token) => {
    if (token === '{') open++;
    if (token === '}') return open > 0 ? closing(() => open--) : '\\}';
    if (token === ',') return open > 0 ? '|' : ',';
    return SOURCES[token] ?? (isSet(token) ? token.replace(/^\[!/, '[^') : literal(token));
  });
  return parts.join('') + ')'.repeat(open);
}

const TOKENS = /\*\*\/|\*\*|\*|\?|\{|\}|,|\[[^\]/]+\]|\\?./gs;
const SOURCES: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
  '{': '(?:',
};

function closing(done: () => void): string {
  done();
  return ')';
}

function isSet(token: string): boolean {
  return token.length > 2 && token.startsWith('[');
}

function literal(token: string): string {
  return token.replace(/^\\/, '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
