import type { Random } from '@varve/test-support';

/** An expression whose value is a number. `text` holds `$0`, `$1` in place of its parts. */
export interface Expression {
  text: string;
  parts: Expression[];
}

/** Names that code at some place of a program may use. */
export interface Names {
  readonly constants: readonly string[];
  readonly functions: readonly string[];
  readonly classes: readonly string[];
  readonly maps: readonly string[];
  readonly lists: readonly string[];
  readonly objects: readonly string[];
  readonly getters: readonly string[];
  /** Functions that wrap their second argument. */
  readonly wrappers: readonly string[];
  /** Members of the flow, inside its methods. */
  readonly members: readonly string[];
  readonly locals: readonly string[];
}

export const KEYS = ['a', 'b'] as const;

export function number(random: Random): Expression {
  return { text: String(1 + random.below(9)), parts: [] };
}

/** A random expression over names, at most `depth` deep. */
export function expression(random: Random, names: Names, depth: number): Expression {
  const forms = depth <= 0 ? [] : compoundForms(random, names);
  const leaves = leafForms(random, names);
  const form = random.chance(0.35) || forms.length === 0 ? random.pick(leaves) : random.pick(forms);
  const count = new Set(form.match(/\$\d/g) ?? []).size;
  return { text: form, parts: Array.from({ length: count }, () => expression(random, names, depth - 1)) };
}

function leafForms(random: Random, names: Names): readonly string[] {
  const key = random.pick(KEYS);
  const one = (from: readonly string[], form: (name: string) => string) =>
    from.length > 0 ? [form(random.pick(from))] : [];
  return [
    String(1 + random.below(9)),
    ...one(names.constants, (name) => name),
    ...one(names.locals, (name) => name),
    ...one(names.maps, (name) => `(${name}.get('${key}') ?? 1)`),
    ...one(names.lists, (name) => `${name}.length`),
    ...one(names.lists, (name) => `${name}.reduce((sum, x) => sum + x, 0)`),
    ...one(names.objects, (name) => `(${name}.${key} ?? 2)`),
    ...one(names.getters, (name) => `(${name}().get('${key}') ?? 3)`),
    ...one(names.classes, (name) => `${name}.fixed`),
    ...one(names.members, (name) => name),
    `(globalThis.shared_${key} ?? 4)`,
  ];
}

function compoundForms(random: Random, names: Names): readonly string[] {
  const one = (from: readonly string[], form: (name: string) => string) =>
    from.length > 0 ? [form(random.pick(from))] : [];
  return [
    `($0 ${random.pick(['+', '-', '*'])} $1)`,
    '($0 > $1 ? $0 : $1)',
    '((x) => x + $0)($1)',
    '[1, 2].map((x) => x * $0).length + $1',
    '(() => { const inner = $0; return inner + $1; })()',
    '(() => { let sum = 0; for (let i = 0; i < 2; i++) sum += $0; return sum; })()',
    ...one(names.functions, (name) => `${name}($0)`),
    ...one(names.functions, (name) => `[$0].map(${name})[0]`),
    ...one(names.classes, (name) => `new ${name}().method($0)`),
    ...one(names.classes, (name) => `new ${name}().value + $0`),
    ...one(names.members, (name) => `(${name} + $0)`),
  ];
}

export function print({ text, parts }: Expression): string {
  return text.replace(/\$(\d)/g, (_, index: string) => {
    const part = parts[Number(index)];
    return part ? print(part) : '0';
  });
}

/** An expression and all expressions inside it. */
export function within(root: Expression): readonly Expression[] {
  return [root, ...root.parts.flatMap(within)];
}
