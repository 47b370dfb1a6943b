import type { Random } from '@varve/test-support';
import { argumentForms, expression, fill, makeHelper, spot, statement } from './forms.ts';
import type { Element, Item, Member, Place, Program, Step } from './program.ts';
import { CALLS } from './program.ts';

/** Makes a random flow. */
export function makeProgram(random: Random, id: string): Program {
  const program: Program = {
    ...{ id, modules: [[], [], []], base: [], members: [], fields: [], items: [], serial: 0 },
    ...{ style: random.below(1000), imports: random.below(3) },
    lists: { l0: makeList(random), l1: makeList(random), l2: makeList(random) },
    data: { a: random.below(50), b: random.below(50) },
    env: { A: random.below(50), B: random.chance(0.5) ? null : 7 },
    parameters: random.chance(0.5) ? {} : { q0: random.below(50) },
  };
  for (const list of program.modules)
    for (let i = 0; i < 3; i++) list.push(makeHelper(random, program, `h${program.serial++}`, program.modules.flat()));
  addClass(random, program);
  program.items.push(...makeItems(random, program, 2, 2 + random.below(2)));
  return program;
}

function addClass(random: Random, program: Program): void {
  const helpers = program.modules.flat();
  const at = (kind: Place['kind'], calls: readonly string[] = []): Place => ({ kind, helpers, calls, id: program.id });
  const member = (name: string, text: string, place = at('member')): Member => {
    return { name, ...fill(random, text, place, 1) };
  };
  program.base.push(
    member('base0', 'base0(given) { return m($0 + this.kind0(given)); }'),
    member('kind0', 'kind0(given) { return m($0); }'),
    member('set0', 'set0(given) { this.v3 = m($0); }'),
    member('b0', 'b0 = $0;', at('field')),
  );
  program.members.push(
    member('own0', 'own0(given) { return m($0 + this.base0(1)); }'),
    member('hidden0', '#hidden0(given) { return m($0); }'),
    member('getter0', 'get getter0() { const given = 2; return m($0); }'),
  );
  if (random.chance(0.5)) program.members.push(member('kind0', 'kind0(given) { return m(super.kind0(given) + $0); }'));
  for (const name of ['v0', 'v1', 'v2', 'v3']) {
    const text = random.chance(0.8) ? `${name} = m($0);` : `${name};`;
    program.fields.push(member(name, text, at('field')));
  }
  program.fields.push(member('o0', 'o0 = { a: m($0), b: 1 };', at('field')), member('o1', 'o1;', at('field')));
  for (const name of ['q0', 'q1'])
    program.fields.push({ name, text: `${name} = param.int($0);`, parts: [literal(random)] });
}

function literal(random: Random) {
  return { text: String(1 + random.below(50)), parts: [] };
}

export function makeList(random: Random): Element[] {
  return Array.from({ length: random.pick([0, 1, 2, 2, 3, 3, 4]) }, () => makeElement(random));
}

/** Makes one of few different elements, so that some are equal. */
export function makeElement(random: Random): Element {
  const n = random.below(5);
  return random.pick<Element>([n, n, n, `s${n}`, { k: n }, { k: n, w: random.below(3) }]);
}

function makeItems(random: Random, program: Program, depth: number, count: number): Item[] {
  return Array.from({ length: count }, () => makeItem(random, program, depth));
}

export function makeItem(random: Random, program: Program, depth: number): Item {
  const kind = depth <= 0 ? 'linear' : random.pick(['linear', 'linear', 'foreach', 'foreach', 'diamond'] as const);
  if (kind === 'linear') return { kind, step: makeStep(random, program, 'linear', 0.05) };
  const below = (chance: number) => makeItems(random, program, depth - 1, random.chance(chance) ? 1 : 0);
  if (kind === 'foreach')
    return {
      ...{ kind, list: random.pick(['l0', 'l1', 'l2']), step: makeStep(random, program, 'foreach', 0.1) },
      inner: below(0.5),
      join: makeStep(random, program, 'join', 0),
    };
  const branch = (): Item[] => [
    { kind: 'linear', step: makeStep(random, program, 'linear', 0.35) },
    ...makeItems(random, program, 0, random.below(2)),
  ];
  return { kind, branches: [branch(), branch()], join: makeStep(random, program, 'branches', 0) };
}

export function makeStep(random: Random, program: Program, kind: Place['kind'], conditional: number): Step {
  const place: Place = { kind, helpers: program.modules.flat(), calls: CALLS, id: program.id };
  const body = Array.from({ length: 1 + random.below(3) }, () => statement(random, place));
  const forms = argumentForms(random, kind);
  const given = forms.length > 0 ? random.pick(forms) : undefined;
  if (given !== undefined && random.chance(0.8))
    body.push({
      text: `this.v${spot(random)} = m(m(this.v0) * 3 + $0 + $1);`,
      parts: [{ text: given, parts: [] }, expression(random, place, 1)],
    });
  return {
    ...{ name: `s${program.serial++}`, args: random.below(6), mutable: random.chance(0.2), extras: '', body },
    when: random.chance(conditional) ? makeCondition(random) : undefined,
  };
}

export function makeCondition(random: Random): string {
  const n = spot(random);
  return random.pick([`'v${n}'`, `'v${n}'`, `{ v${n}: [0, 1, 2, 3] }`, `{ v${n}: 1 }`, `'o0'`]);
}
