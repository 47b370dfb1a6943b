/** Code as data: `text` holds `$0`, `$1` where its parts go. */
export interface Code {
  text: string;
  parts: Code[];
}

/** A helper function or constant of a module. */
export interface Helper extends Code {
  name: string;
  readonly kind: 'constant' | 'function' | 'class';
}

/** A method, getter or private method of the flow or of its base class. */
export interface Member extends Code {
  readonly name: string;
}

export interface Step {
  name: string;
  /** Form of the parameters of a foreach step. */
  args: number;
  mutable: boolean;
  when: string | undefined;
  /** Options that do not change the step's results, or its `cache.version`. */
  extras: string;
  readonly body: Code[];
}

/** Part of a graph. It ends with one step, which the next item follows. */
export type Item =
  | { readonly kind: 'linear'; readonly step: Step }
  | { readonly kind: 'foreach'; list: string; readonly step: Step; readonly inner: Item[]; readonly join: Step }
  | { readonly kind: 'diamond'; readonly branches: Item[][]; readonly join: Step };

export type Element = number | string | { k: number; w?: number };

/** A flow of several files, with its parameters and environment. */
export interface Program {
  /** Name of the folder, and suffix of the class and of environment variables. */
  readonly id: string;
  /** Later ones may use earlier ones. */
  readonly modules: Helper[][];
  readonly base: Member[];
  readonly members: Member[];
  readonly fields: Member[];
  readonly lists: Record<string, Element[]>;
  readonly data: Record<string, number>;
  /** `null` for unset variables. */
  readonly env: Record<string, number | null>;
  readonly parameters: Record<string, number>;
  readonly items: Item[];
  /** Decides on comments and spaces. */
  style: number;
  /** Decides how names are imported. */
  imports: number;
  /** For new names. */
  serial: number;
}

/** All steps, in source order. */
export function stepsOf(items: readonly Item[]): Step[] {
  return items.flatMap((item) => {
    if (item.kind === 'linear') return [item.step];
    if (item.kind === 'foreach') return [item.step, ...stepsOf(item.inner), item.join];
    return [...item.branches.flatMap(stepsOf), item.join];
  });
}

/** All lists of items, for inserting and removing. */
export function blocksOf(items: Item[]): Item[][] {
  const inner = items.flatMap((item) => {
    if (item.kind === 'linear') return [];
    return item.kind === 'foreach' ? blocksOf(item.inner) : item.branches.flatMap(blocksOf);
  });
  return [items, ...inner];
}

/** A place for code, and the names in its scope. */
export interface Place {
  readonly kind: 'module' | 'field' | 'member' | 'linear' | 'foreach' | 'join' | 'branches';
  readonly helpers: readonly Helper[];
  /** Methods of the class that may be called, inside a step or a member. */
  readonly calls: readonly string[];
  readonly id: string;
}

/** All pieces of code with their places. */
export function codesOf(program: Program): { readonly code: Code; readonly place: Place }[] {
  const { id, modules, base, members, fields, items } = program;
  const helpers = modules.flat();
  const at = (kind: Place['kind'], calls: readonly string[], known = helpers): Place => ({
    ...{ kind, calls, id },
    helpers: known,
  });
  const parts = (code: Code, place: Place) => code.parts.flatMap(within).map((one) => ({ code: one, place }));
  const before = (m: number, i: number) => [...modules.slice(0, m).flat(), ...(modules[m]?.slice(0, i) ?? [])];
  return [
    ...modules.flatMap((list, m) => list.flatMap((one, i) => parts(one, at('module', [], before(m, i))))),
    ...fields.flatMap((one) => parts(one, at('field', []))),
    ...[...base, ...members].flatMap((one) => parts(one, at('member', []))),
    ...placedSteps(items).flatMap(({ step, kind }) => step.body.flatMap((one) => parts(one, at(kind, CALLS)))),
  ];
}

type StepKind = 'linear' | 'foreach' | 'join' | 'branches';

/** All steps with the kind of their arguments. */
export function placedSteps(items: readonly Item[]): { readonly step: Step; readonly kind: StepKind }[] {
  return items.flatMap((item): { readonly step: Step; readonly kind: StepKind }[] => {
    if (item.kind === 'linear') return [{ step: item.step, kind: 'linear' }];
    if (item.kind === 'diamond')
      return [...item.branches.flatMap(placedSteps), { step: item.join, kind: 'branches' as const }];
    const ends = [{ step: item.join, kind: 'join' as const }];
    return [{ step: item.step, kind: 'foreach' as const }, ...placedSteps(item.inner), ...ends];
  });
}

/** Members that a step may use, of the class and of its base. */
export const CALLS = ['this.own0($0)', 'this.base0($0)', 'this.#hidden0($0)', '(this.getter0 + $0)', 'this.kind0($0)'];

/** All pieces inside one, itself first. */
export function within(root: Code): Code[] {
  return [root, ...root.parts.flatMap(within)];
}

export function print({ text, parts }: Code): string {
  return text.replace(/\$(\d)/g, (_, index: string) => {
    const part = parts[Number(index)];
    return part ? print(part) : '0';
  });
}
