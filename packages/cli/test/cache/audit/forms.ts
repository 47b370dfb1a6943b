import type { Random } from '@varve/test-support';
import { type Code, type Helper, type Place, type Program, within } from './program.ts';

/** Makes a random expression of a number, at most `depth` deep. */
export function expression(random: Random, place: Place, depth: number): Code {
  const isLeaf = depth <= 0 || random.chance(0.35);
  return fill(random, random.pick(isLeaf ? leavesAt(random, place) : compoundsAt(random, place)), place, depth - 1);
}

/** Fills a form with random parts. */
export function fill(random: Random, text: string, place: Place, depth: number): Code {
  const count = new Set(text.match(/\$\d/g) ?? []).size;
  return { text, parts: Array.from({ length: count }, () => expression(random, place, depth)) };
}

/** Makes a random statement of a step. */
export function statement(random: Random, place: Place): Code {
  const n = () => spot(random);
  const forms = [
    `this.v${n()} = m($0);`,
    // Depends on the previous value.
    `this.v0 = m(m(this.v0) * 3 + $0);`,
    `this.v${n()} = m(m(this.v0) + m(this.v1) * 7 + $0);`,
    // Takes few values, so that dependent steps often stay the same.
    `this.v${n()} = m($0) % 2;`,
    `if (m($0) > 50) this.v${n()} = m($1);`,
    `this.o${n() % 2} = { a: m($0), b: m($1) % 3 };`,
    `this.l${n() % 3} = [m($0) % 4, m($1) % 3, 2];`,
    `this.g${n() % 2} = m($0);`,
    `delete this.v${n()};`,
    `if (m($0) % 2) delete this.g${n() % 2};`,
    `this.set0(m($0));`,
    `MUTATE if (this.o${n() % 2}) this.o${n() % 2} = { ...this.o0, a: m($0) };`,
    `MUTATE if (this.o0) this.o0.a = m($0);`,
    `MUTATE this.l${n() % 3}?.push(m($0) % 4);`,
    `for (const one of this.l${n() % 3} ?? []) this.v${n()} = m(el(one) + $0);`,
    'await null;',
  ];
  return fill(random, random.pick(forms), place, 2);
}

/** Chooses a kind of read first, then a form, so that kinds with few forms are as frequent as others. */
function leavesAt(random: Random, { kind, helpers, id }: Place): readonly string[] {
  const known = [String(1 + random.below(60)), ...namesOf(helpers, 'constant', (name) => name)];
  if (kind === 'module') return [...known, 'given'];
  if (kind === 'field') return known;
  const n = spot(random);
  const letter = random.pick(['A', 'B']);
  const values = [`m(this.v${n})`, `m(this.v${(n + 1) % 4})`, `m(this.o${n % 2}?.a)`, `(this.l${n % 3}?.length ?? 0)`];
  const looks = [
    known,
    values,
    [...values, `m(this.o${n % 2}?.b)`, `el(this.l${n % 3}?.[${n}])`, `m(this.g${n % 2})`],
    [`m(this.g${n % 2})`, `('g${n % 2}' in this ? 11 : 12)`, `('v${n}' in this ? 13 : 14)`, HAS(n)],
    ['Object.keys(this).length', 'Object.keys({ ...this }).join().length', 'allNames(this)', SHOWN],
    [`m(this.q${n % 2})`, `m(process.env.AUDIT_${id}_${letter})`, `m(data.${letter.toLowerCase()})`],
    [`Math.floor(this.random() * 50)`, `m(this.q${n % 2})`, `m(process.env.AUDIT_${id}_${letter})`],
  ];
  if (kind === 'member') return [...random.pick(looks), 'given'];
  const place = ['this.run.step.length', '(this.run.element?.index ?? 17)', '(this.run.element?.label.length ?? 18)'];
  if (random.chance(0.05)) return [...place, 'this.run.task.length', 'this.run.attempt'];
  const given = argumentForms(random, kind);
  return given.length > 0 && random.chance(0.4) ? given : random.pick(looks);
}

const HAS = (n: number) => `(Object.hasOwn(this, 'g${n % 2}') ? 15 : 16)`;
const SHOWN = 'm(JSON.stringify(this).length)';

/** Reads of the arguments of a step's method. Printing replaces the names. */
export function argumentForms(random: Random, kind: Place['kind']): readonly string[] {
  const n = spot(random);
  if (kind === 'foreach')
    return ['el(ELEMENT)', 'el(ELEMENT)', 'm(INDEX)', '(el(ELEMENT) * 5 + m(INDEX))', 'm(ELEMENT?.w)'];
  if (kind === 'join')
    return [
      ...['tasks.length', `tasks.reduce((sum, one) => sum + m(one.v${n}), 0)`, `m(tasks[0]?.v${n})`],
      ...[`tasks.filter((one) => m(one.v${n}) > 20).length`, `Object.keys(tasks[1] ?? {}).length`],
      ...[`tasks.reduce((sum, one) => m(sum * 3 + m(one.v${n})), 1)`, `m(tasks.at(-1)?.o${n % 2}?.a)`],
      ...[`tasks.filter((one) => 'g${n % 2}' in one).length`, `m(tasks.find((one) => m(one.v${n}) > 9)?.v0)`],
    ];
  if (kind === 'branches')
    return [
      ...[`m(BRANCH0?.v${n})`, `m(BRANCH1?.v${n})`, `m(BRANCH1?.o${n % 2}?.a)`, `(BRANCH0 === undefined ? 21 : 22)`],
      ...[`Object.keys(BRANCH1 ?? {}).length`, `('g${n % 2}' in (BRANCH0 ?? {}) ? 23 : 24)`],
      `Object.values(inputs).reduce((sum, one) => m(sum * 3 + m(one?.v${n})), 1)`,
      `Object.values(inputs).filter((one) => one === undefined).length`,
    ];
  return [];
}

function compoundsAt(random: Random, { kind, helpers, calls }: Place): readonly string[] {
  const inClass = ['member', 'linear', 'foreach', 'join', 'branches'].includes(kind);
  return [
    `($0 ${random.pick(['+', '-', '*'])} $1)`,
    '($0 > $1 ? $2 : $3)',
    '($0 % 3)',
    '[1, 2].map((x) => x + $0)[1]',
    ...namesOf(helpers, 'function', (name) => `${name}($0)`),
    ...namesOf(helpers, 'class', (name) => `new ${name}($0).get()`),
    ...calls,
    ...(inClass ? [`m(this['v' + (m($0) % 4)])`, `(m(this.v${spot(random)}) > $0 ? m(this.v0) : m(this.v1))`] : []),
    ...(inClass ? [`attempt(() => m(this.v${spot(random)}) + $0)`] : []),
  ];
}

function namesOf(helpers: readonly Helper[], kind: Helper['kind'], form: (name: string) => string): string[] {
  return helpers.filter((one) => one.kind === kind).map(({ name }) => form(name));
}

/** Makes a helper that may use those before it. */
export function makeHelper(
  random: Random,
  program: Pick<Program, 'id'>,
  name: string,
  known: readonly Helper[],
): Helper {
  const forms: readonly (readonly [Helper['kind'], string])[] = [
    ['constant', `export const ${name} = $0;`],
    ['function', `export function ${name}(given) { return m($0 + given); }`],
    ['function', `export const ${name} = (given) => m($0 * 2 + given);`],
    [
      'function',
      `export function ${name}(given) { let sum = 0; for (let i = 0; i < 2; i++) sum += m($0); return sum; }`,
    ],
    [
      'class',
      `export class ${name} { kept = 5; constructor(given) { this.kept = m($0 + given); } get() { return this.twice; } get twice() { return this.kept * 2 + this.more(); } more() { const given = 1; return m($1); } }`,
    ],
  ];
  const [kind, text] = random.pick(forms);
  const code = fill(random, text, { kind: 'module', helpers: known, calls: [], id: program.id }, 1);
  // A constant has no argument.
  if (kind === 'constant') for (const one of within(code)) if (one.text === 'given') one.text = '4';
  return { ...code, name, kind };
}

/** Index of a name: mostly the first, so that steps read what others write. */
export function spot(random: Random): number {
  return random.chance(0.6) ? 0 : random.below(4);
}
