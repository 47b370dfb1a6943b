import type { Random } from '@varve/test-support';
import { expression, makeHelper, statement } from './forms.ts';
import { makeCondition, makeElement, makeItem } from './make.ts';
import {
  blocksOf,
  CALLS,
  type Code,
  codesOf,
  type Helper,
  type Item,
  type Place,
  type Program,
  placedSteps,
  print,
  stepsOf,
} from './program.ts';

export interface Edit {
  readonly program: Program;
  /** Kind of the change. */
  readonly kind: string;
  /** True if the change does not affect any step. */
  readonly neutral: boolean;
}

/** Changes a program in place; returns `false` when it has nothing to change. */
export type Change = (random: Random, program: Program) => boolean;

/** Returns a copy of a program with one random change. */
export function editProgram(random: Random, program: Program): Edit {
  for (;;) {
    const neutral = random.chance(0.12);
    const edits = neutral ? neutralEdits : EDITS;
    const kind = random.pick(Object.keys(edits));
    const edited = structuredClone(program);
    if (edits[kind]?.(random, edited)) return { program: edited, kind, neutral };
  }
}

const EDITS: Readonly<Record<string, Change>> = {
  literal: (random, program) => {
    const found = codesOf(program).filter(({ code }) => /^\d+$/.test(code.text));
    if (found.length === 0) return false;
    random.pick(found).code.text = String(random.below(60));
    return true;
  },
  operator: (random, program) => {
    const found = codesOf(program).filter(({ code }) => /^\(\$0 [-+*] \$1\)$/.test(code.text));
    if (found.length === 0) return false;
    random.pick(found).code.text = `($0 ${random.pick(['+', '-', '*'])} $1)`;
    return true;
  },
  expression: replaceExpression,
  'expression in a step': (random, program) =>
    replaceExpression(random, program, ['linear', 'foreach', 'join', 'branches']),
  'helper body': (random, program) => replaceExpression(random, program, ['module']),
  'member body': (random, program) => replaceExpression(random, program, ['member']),
  'field value': (random, program) => replaceExpression(random, program, ['field']),
  'helper replaced': (random, program) => {
    const list = random.pick(program.modules);
    const i = random.below(list.length);
    const old = list[i];
    if (!old) return false;
    const known = program.modules.slice(0, program.modules.indexOf(list)).flat();
    const fresh = makeHelper(random, program, old.name, known);
    if (fresh.kind !== old.kind) return false;
    list[i] = fresh;
    return true;
  },
  parameter: (random, program) => {
    const used = ['q0', 'q1'].filter((name) => isUsed(program, `this.${name})`));
    if (used.length === 0) return false;
    const name = random.pick(used);
    if (random.chance(0.3)) delete program.parameters[name];
    else program.parameters[name] = random.below(50);
    return true;
  },
  environment: (random, program) => {
    const used = ['A', 'B'].filter((name) => isUsed(program, `process.env.AUDIT_${program.id}_${name}`));
    if (used.length === 0) return false;
    program.env[random.pick(used)] = random.chance(0.3) ? null : random.below(50);
    return true;
  },
  data: (random, program) => {
    const used = ['a', 'b'].filter((name) => isUsed(program, `data.${name}`));
    if (used.length === 0) return false;
    program.data[random.pick(used)] = random.below(50);
    return true;
  },
  'list inserted': (random, program) => {
    const list = listOf(random, program);
    if (list.length > 4) return false;
    list.splice(random.below(list.length + 1), 0, makeElement(random));
    return true;
  },
  'list removed': (random, program) => listOf(random, program).splice(random.below(3), 1).length > 0,
  'list doubled': (random, program) => {
    const list = listOf(random, program);
    if (list.length === 0 || list.length > 4) return false;
    list.splice(random.below(list.length + 1), 0, random.pick(list));
    return true;
  },
  'list turned round': (random, program) => listOf(random, program).reverse().length > 1,
  'list used': (random, program) => {
    const found = blocksOf(program.items)
      .flat()
      .filter((item) => item.kind === 'foreach');
    if (found.length === 0) return false;
    random.pick(found).list = random.pick(['l0', 'l1', 'l2']);
    return true;
  },
  'statement added': (random, program) => {
    const { step, kind } = random.pick(placedSteps(program.items));
    if (step.body.length > 5) return false;
    step.body.splice(random.below(step.body.length + 1), 0, statement(random, placeOf(program, kind)));
    return true;
  },
  'statement removed': (random, program) => {
    const { body } = random.pick(stepsOf(program.items));
    return body.splice(random.below(body.length), 1).length > 0;
  },
  'statements swapped': (random, program) => {
    const { body } = random.pick(stepsOf(program.items));
    return body.length > 1 && body.reverse().length > 1;
  },
  'bodies swapped': (random, program) => {
    const linear = placedSteps(program.items).filter(({ kind }) => kind === 'linear');
    if (linear.length < 2) return false;
    const [a, b] = [random.pick(linear).step, random.pick(linear).step];
    const of: Code[] = [...a.body];
    a.body.splice(0, a.body.length, ...b.body);
    b.body.splice(0, b.body.length, ...of);
    return a !== b;
  },
  'step added': (random, program) => {
    if (stepsOf(program.items).length > 14) return false;
    const block = random.pick(blocksOf(program.items));
    const depth = block === program.items ? 1 : 0;
    block.splice(random.below(block.length + 1), 0, makeItem(random, program, depth));
    return true;
  },
  'step removed': (random, program) => {
    const block = random.pick(blocksOf(program.items));
    if (block.length < 2 && isNeeded(program, block)) return false;
    return block.splice(random.below(block.length), 1).length > 0;
  },
  'steps rewired': (random, program) => {
    const blocks = blocksOf(program.items).filter((one) => one.length > 1);
    if (blocks.length === 0) return false;
    const block = random.pick(blocks);
    block.push(...block.splice(random.below(block.length - 1), 1));
    return true;
  },
  'step renamed': (random, program) => {
    random.pick(stepsOf(program.items)).name = `s${program.serial++}`;
    return true;
  },
  'flag turned': (random, program) => {
    const field = random.pick(program.fields.filter(({ name }) => name.startsWith('v')));
    field.text = `${field.name} = m($0);`;
    field.parts.splice(0, field.parts.length, { text: random.pick(['0', '1', '30']), parts: [] });
    return true;
  },
  condition: (random, program) => {
    const steps = placedSteps(program.items).filter(({ kind }) => kind === 'linear' || kind === 'foreach');
    if (steps.length === 0) return false;
    const { step } = random.pick(steps);
    step.when = step.when === undefined || random.chance(0.5) ? makeCondition(random) : undefined;
    return true;
  },
  'cache version': (random, program) => {
    random.pick(stepsOf(program.items)).extras = `cache: { version: ${random.below(9)} }`;
    return true;
  },
  mutable: (random, program) => {
    const step = random.pick(stepsOf(program.items));
    step.mutable = !step.mutable;
    return true;
  },
  'arguments taken': (random, program) => {
    const steps = placedSteps(program.items).filter(({ kind }) => kind === 'foreach');
    if (steps.length === 0) return false;
    random.pick(steps).step.args = random.below(6);
    return true;
  },
};

function replaceExpression(random: Random, program: Program, kinds?: readonly Place['kind'][]): boolean {
  const found = codesOf(program).filter(({ place }) => kinds === undefined || kinds.includes(place.kind));
  if (found.length === 0) return false;
  const { code, place } = random.pick(found);
  const isConstant =
    place.kind === 'module' && program.modules.flat().some((one) => one.kind === 'constant' && has(one, code));
  const fresh = expression(random, isConstant ? { ...place, kind: 'field' } : place, 2);
  Object.assign(code, fresh);
  return true;
}

function has(root: Code, code: Code): boolean {
  return root.parts.some((part) => part === code || has(part, code));
}

/** True if any code contains the text. Changing unused code has no visible effect. */
function isUsed(program: Program, text: string): boolean {
  return codesOf(program).some(({ code }) => code.text.includes(text));
}

function listOf(random: Random, program: Program) {
  return program.lists[random.pick(['l0', 'l1', 'l2'])] ?? [];
}

export function placeOf(program: Program, kind: Place['kind']): Place {
  const helpers: readonly Helper[] = program.modules.flat();
  return { kind, helpers, calls: CALLS, id: program.id };
}

/** A branch of a diamond, and the flow itself, must keep at least one step. */
function isNeeded(program: Program, block: readonly Item[]): boolean {
  const all = blocksOf(program.items).flat();
  return (
    block === program.items || all.some((item) => item.kind === 'diamond' && item.branches.includes(block as Item[]))
  );
}

/** Changes that invalidate no result. */
export const neutralEdits: Readonly<Record<string, Change>> = {
  'comments and spaces': (random, program) => {
    program.style = random.below(1000);
    return true;
  },
  'names imported otherwise': (_, program) => {
    program.imports++;
    return true;
  },
  'helper renamed': (random, program) => {
    const helper = random.pick(program.modules.flat());
    const [old, name] = [helper.name, `h${program.serial++}`];
    const rename = (text: string) => text.replace(new RegExp(`\\b${old}\\b`, 'g'), name);
    for (const each of program.modules.flat()) each.text = rename(each.text);
    for (const { code } of codesOf(program)) code.text = rename(code.text);
    helper.name = name;
    return true;
  },
  'helper moved': (random, program) => {
    const m = 1 + random.below(2);
    const [to, from] = [program.modules[m - 1], program.modules[m]];
    const movable = from?.filter((one) => !needsOther(one, from)) ?? [];
    if (!to || !from || movable.length === 0) return false;
    const helper = random.pick(movable);
    from.splice(from.indexOf(helper), 1);
    to.push(helper);
    return true;
  },
  'step options': (random, program) => {
    const plain = stepsOf(program.items).filter(({ extras }) => !extras.startsWith('cache'));
    if (plain.length === 0) return false;
    random.pick(plain).extras = random.pick([
      'retry: { times: 1, backoff: "1ms" }',
      `timeout: '50s'`,
      'concurrency: 2',
      '',
    ]);
    return true;
  },
  'members in another order': (_, program) => isRewritten(program),
};

/** True if the helper uses others of its file. */
function needsOther(helper: Helper, file: readonly Helper[]): boolean {
  const text = print(helper);
  return file.some((one) => one !== helper && new RegExp(`\\b${one.name}\\b`).test(text));
}

/** Members of a class may stand in any order. */
function isRewritten(program: Program): boolean {
  return program.members.length > 1 && program.members.reverse().length > 1;
}
