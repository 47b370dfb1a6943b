import type { SourceModule } from '@varve/core/contract';
import { list, type Node } from '../ast/node.ts';
import type { Parse, Parsed } from '../ast/parse.ts';
import { buildScopes, Scope } from '../ast/scopes.ts';
import { readModuleTable } from './module-table.ts';
import { type FileSummary, wholeFile } from './summary.ts';
import { splitUnits } from './units.ts';
import { classHandlers } from './walk/classes.ts';
import { blockHandlers, expressionHandlers } from './walk/expressions.ts';
import { jsxHandlers } from './walk/jsx.ts';
import { nameHandlers } from './walk/names.ts';
import { thisHandlers } from './walk/this.ts';
import type { Handlers } from './walk/walker.ts';

const HANDLERS: Handlers = {
  ...expressionHandlers,
  ...blockHandlers,
  ...nameHandlers,
  ...thisHandlers,
  ...jsxHandlers,
  ...classHandlers,
};

/** Summarises one file of code. Never throws: a file that cannot be parsed is hashed whole. */
export function summarise(parse: Parse, source: string, loader: SourceModule['loader']): FileSummary {
  const lineOf = lineFinder(source);
  try {
    const parsed = parse(source, loader);
    if ('kind' in parsed) return wholeFile({ kind: parsed.kind, line: lineOf(parsed.offset), detail: parsed.message });
    if (isCommonJs(parsed, source)) return wholeFile({ kind: 'commonjs', line: 1 });
    return readFile(parsed, source, lineOf);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return wholeFile({ kind: 'unknown-syntax', line: 1, detail });
  }
}

function readFile({ program, pure, jsx }: Parsed, source: string, lineOf: (offset: number) => number): FileSummary {
  const table = readModuleTable(program);
  const scopes = buildScopes(program);
  const file = {
    handlers: HANDLERS,
    scopes,
    top: scopes.get(program) ?? new Scope('program'),
    pure,
    jsx: jsx.map((each) => each.replace(/\s+/, ' ')),
    source,
    lineOf,
    importOf: (name: string) => table.imports[name],
  };
  return { units: splitUnits(file, program), ...table };
}

/** True for CommonJS: its exports are only known at run time. */
function isCommonJs({ program, hasModuleSyntax }: Parsed, source: string): boolean {
  const assigns = list(program, 'body').some((node: Node) => node.type === 'TSExportAssignment');
  return assigns || (!hasModuleSyntax && /\b(module|exports)\b/.test(source));
}

/** Returns a function from offset to line number, from 1. */
function lineFinder(source: string): (offset: number) => number {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
