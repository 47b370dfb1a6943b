import type { Random } from '@varve/test-support';
import { type Expression, expression, KEYS, type Names, within } from './expression.ts';
import { type Item, type Member, makeEffect, namesIn, type Program } from './program.ts';

/** Copies a program with one random change of its behaviour. */
export function editProgram(random: Random, program: Program): Program {
  const edited = structuredClone(program);
  const kinds = [
    literal,
    literal,
    operator,
    replaceExpression,
    replaceExpression,
    removeEffect,
    addEffect,
    swapEffects,
    key,
    swapBodies,
  ];
  random.pick(kinds)(random, edited);
  return edited;
}

interface Place {
  readonly expression: Expression;
  readonly names: Names;
}

function places(program: Program): readonly Place[] {
  const all = namesIn(program.modules);
  const inModules = program.modules.flatMap(({ items }, m) =>
    items.flatMap((item, i) => {
      const before = [...program.modules.slice(0, m), { items: items.slice(0, i) }];
      return item.parts.flatMap(within).map((each) => ({ expression: each, names: namesIn(before) }));
    }),
  );
  const inClass = [...program.base, ...program.members, ...program.steps];
  return [
    ...inModules,
    ...inClass.flatMap(({ parts }) => parts.flatMap(within)).map((each) => ({ expression: each, names: all })),
  ];
}

function literal(random: Random, program: Program): void {
  const numbers = places(program).filter((place) => /^\d+$/.test(place.expression.text));
  if (numbers.length > 0) random.pick(numbers).expression.text = String(10 + random.below(90));
}

function operator(random: Random, program: Program): void {
  const found = places(program).filter((place) => /^\(\$0 [-+*] \$1\)$/.test(place.expression.text));
  if (found.length === 0) return literal(random, program);
  const { expression: chosen } = random.pick(found);
  chosen.text = `($0 ${random.pick(['+', '-', '*', '%'])} $1)`;
}

function replaceExpression(random: Random, program: Program): void {
  const { expression: chosen, names } = random.pick(places(program));
  Object.assign(chosen, expression(random, names, 2));
}

function effectsOf(program: Program): readonly { readonly items: Item[]; readonly item: Item }[] {
  return program.modules.flatMap(({ items }) =>
    items.filter(({ kind }) => kind === 'effect').map((item) => ({ items, item })),
  );
}

function removeEffect(random: Random, program: Program): void {
  const effects = effectsOf(program);
  if (effects.length === 0) return literal(random, program);
  const { items, item } = random.pick(effects);
  items.splice(items.indexOf(item), 1);
}

function addEffect(random: Random, program: Program): void {
  const m = random.below(program.modules.length);
  const items = program.modules[m]?.items;
  items?.push(makeEffect(random, program.modules.slice(0, m + 1), 900 + random.below(99)));
}

function swapEffects(random: Random, program: Program): void {
  for (const { items } of program.modules) {
    const [first, second] = items.flatMap(({ kind }, index) => (kind === 'effect' ? [index] : []));
    if (first === undefined || second === undefined) continue;
    const [a, b] = [items[first], items[second]];
    if (a && b) [items[first], items[second]] = [b, a];
    return;
  }
  literal(random, program);
}

function key(random: Random, program: Program): void {
  const withKey = effectsOf(program).filter(({ item }) => /'[ab]'/.test(item.text));
  if (withKey.length === 0) return literal(random, program);
  const { item } = random.pick(withKey);
  item.text = item.text.replace(/'[ab]'/, `'${random.pick(KEYS)}'`);
}

function swapBodies(random: Random, program: Program): void {
  const pool: Member[] = random.chance(0.5) ? program.steps : program.members;
  const [a, b] = [random.pick(pool), random.pick(pool)];
  if (pool === program.steps) return literal(random, program);
  const withoutSelf = ({ parts }: Member) =>
    !parts.flatMap(within).some(({ text }) => text.includes('this.') || text.includes('super.'));
  if (withoutSelf(a) && withoutSelf(b)) [a.parts, b.parts] = [b.parts, a.parts];
}
