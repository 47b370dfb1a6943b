import { type Item, type Program, placedSteps, print, type Step } from './program.ts';

/** Functions that every file of a program may use. */
const TOOLS = `export const m = (x) => { const n = Math.trunc(Number(x)) % 101; return n === n ? (n + 101) % 101 : 0; };
export const el = (x) => (typeof x === 'number' ? x : typeof x === 'string' ? x.length + Number(x[1] ?? 0) : (x?.k ?? 2));
export const attempt = (act) => { try { return act(); } catch { return 77; } };
export const allNames = (flow) => { let n = 0; for (const name in flow) n += name.length; return n; };
`;

/** Prints the files of a program, in a folder of its own. */
export function printProgram(program: Program): Readonly<Record<string, string>> {
  const { id, modules, base, members, fields, lists, style, imports } = program;
  const home = new Map(modules.flatMap((list, m) => list.map(({ name }) => [name, m] as const)));
  const files: Record<string, string> = { 'tools.ts': TOOLS, 'data.json': JSON.stringify(program.data) };
  modules.forEach((list, m) => {
    const text = list.map((one, i) => `${comment(style + m + i)}${print(one)}`).join('\n');
    files[`m${m}.ts`] = withImports(text, home, m, imports);
  });
  const lines = (all: readonly { readonly text: string; readonly parts: [] | unknown }[]) =>
    all.map((one) => print(one as never)).join('\n');
  files['base.ts'] = withImports(`export class Base extends Flow {\n${lines(base)}\n}`, home, -1, imports + 1);
  const listed = Object.entries(lists).map(([name, list]) => `${name} = ${JSON.stringify(list)};`);
  const kinds = new Map(placedSteps(program.items).map(({ step, kind }) => [step, kind]));
  const steps = printItems(program.items, undefined, (step, options, branches) =>
    printStep(step, options, kinds.get(step) ?? 'linear', branches, style),
  );
  const body = [lines(fields), ...listed, lines(members), ...steps.lines].join('\n');
  files['flow.ts'] = withImports(`export class ${id} extends Base {\n${body}\n}`, home, -1, imports + 2);
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${id}/${name}`, text]));
}

type PrintStep = (step: Step, options: readonly string[], branches: readonly string[]) => string;

interface Printed {
  readonly lines: readonly string[];
  /** The last step of an item. */
  readonly last: string | undefined;
}

function printItems(items: readonly Item[], after: string | undefined, one: PrintStep): Printed {
  let last = after;
  const lines: string[] = [];
  const hang = (options: readonly string[] = []) => [...(last === undefined ? [] : [`after: '${last}'`]), ...options];
  for (const item of items) {
    if (item.kind === 'linear') {
      lines.push(one(item.step, hang(), []));
      last = item.step.name;
      continue;
    }
    if (item.kind === 'foreach') {
      lines.push(one(item.step, hang([`foreach: '${item.list}'`]), []));
      const inner = printItems(item.inner, item.step.name, one);
      lines.push(...inner.lines, one(item.join, [`join: '${inner.last}'`], []));
    } else {
      const branches = item.branches.map((branch) => printItems(branch, last, one));
      const ends = branches.flatMap((branch) => branch.last ?? []);
      lines.push(...branches.flatMap((branch) => branch.lines));
      lines.push(one(item.join, [`after: [${ends.map((end) => `'${end}'`).join(', ')}]`], ends));
    }
    last = item.join.name;
  }
  return { lines, last };
}

/** Parameter lists of a foreach method, and the expressions for element and index. */
const ARGUMENTS: readonly (readonly [list: string, element: string, index: string])[] = [
  ['(e)', 'e', '7'],
  ['(e, i)', 'e', 'i'],
  ['()', '5', '6'],
  ['(...all)', 'all[0]', 'all[1]'],
  ['()', 'arguments[0]', 'arguments[1]'],
  ['({ k = 1 } = {})', 'k', '8'],
];

function printStep(
  step: Step,
  options: readonly string[],
  kind: string,
  branches: readonly string[],
  style: number,
): string {
  const all = [
    ...options,
    ...(step.when === undefined ? [] : [`when: ${step.when}`]),
    ...(step.mutable ? [`inputs: 'mutable'`] : []),
    ...(step.extras === '' ? [] : [step.extras]),
  ];
  const [list, element, index] = ARGUMENTS[step.args] ?? ['(e)', 'e', '7'];
  const args = { foreach: list, join: '(tasks)', branches: '(inputs)' }[kind] ?? '()';
  const body = step.body
    .map(print)
    .filter((text) => step.mutable || !text.startsWith('MUTATE'))
    .map((text) => `    ${text.replace('MUTATE ', '')}${comment(style)}`)
    .join('\n')
    .replace(/\bELEMENT\b/g, element)
    .replace(/\bINDEX\b/g, index)
    .replace(/\bBRANCH(\d)\b/g, (_, n: string) => `inputs.${branches[Number(n) % branches.length]}`);
  return `${comment(style + 1)}  @step({ ${all.join(', ')} })\n  async ${step.name}${args} {\n${body}\n  }`;
}

function comment(style: number): string {
  return style % 3 === 0 ? ` // as of ${style}\n` : style % 3 === 1 ? ` /* ${style} */ ` : '\n\n';
}

/** Imports what a text names from other files: by name, by another name, or as a namespace. */
function withImports(text: string, home: ReadonlyMap<string, number>, own: number, style: number): string {
  const imports: string[] = [];
  let out = text;
  for (const name of [...new Set(text.match(/\bh\d+\b/g) ?? [])].sort()) {
    const from = home.get(name);
    if (from === undefined || from === own) continue;
    const how = (style + from) % 3;
    if (how === 0) imports.push(`import { ${name} } from './m${from}.ts';`);
    else if (how === 1) imports.push(`import { ${name} as other_${name} } from './m${from}.ts';`);
    else imports.push(`import * as all_${from} from './m${from}.ts';`);
    const shown = how === 0 ? name : how === 1 ? `other_${name}` : `all_${from}.${name}`;
    out = out.replace(new RegExp(`\\b${name}\\b`, 'g'), shown);
  }
  if (/\bextends (Flow|Base)\b/.test(out)) {
    imports.unshift(
      `import { Flow, param, step } from 'varve';`,
      `import data from './data.json' with { type: 'json' };`,
    );
    if (out.includes('extends Base')) imports.push(`import { Base } from './base.ts';`);
  }
  return `import { allNames, attempt, el, m } from './tools.ts';\n${[...new Set(imports)].join('\n')}\n${out}\n`;
}
