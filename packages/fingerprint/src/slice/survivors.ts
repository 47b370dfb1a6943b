import type { Deed, Doing, Val } from '../summary/doing/doing.ts';

/** What outlives code that runs while files are loaded. */
export interface Survivors {
  /** Functions that it makes may be called later. */
  readonly functions: boolean;
  /** Functions that it returns may change something: they outlive it if its result does. */
  readonly returned: boolean;
  /** References in functions that it makes. */
  readonly inside: ReadonlySet<number>;
  /** References that it only calls, and those of them whose results outlive it. */
  readonly called: ReadonlySet<number>;
  readonly results: ReadonlySet<number>;
  /** References of which it only assigns properties. */
  readonly assigned: ReadonlySet<number>;
}

/** Methods of a built-in object that call what they are given and let it go. */
const CALLBACKS = /^(forEach|map|filter|some|every|find\w*|reduce\w*|flatMap|sort)$/;

/** Code of which nothing is known: anything outlives it. */
const EVERYTHING: Survivors = {
  functions: true,
  returned: true,
  inside: new Set(),
  called: new Set(),
  results: new Set(),
  assigned: new Set(),
};

/** Finds what outlives a run of code; anything that cannot be followed does. */
export function survivorsOf(doing: Doing | undefined): Survivors {
  return doing ? new Survey().run(doing) : EVERYTHING;
}

class Survey {
  /** Functions that run at once, by frame and index, and the number of times each function is mentioned. */
  readonly #atOnce = new Set<string>();
  readonly #returned = new Set<string>();
  readonly #mentions = new Map<string, number>();
  readonly #called = new Map<number, number[]>();
  readonly #kept = new Set<number>();
  readonly #assigned = new Set<number>();
  readonly #inside = new Set<number>();
  #depth = 0;
  readonly #keptSlots = new Set<number>();
  readonly #calledSlots = new Set<number>();
  readonly #usedSlots = new Set<number>();
  /** A value may be kept that the deeds do not show. */
  #drops = false;
  #isLost = false;

  run(doing: Doing): Survivors {
    this.#visit(doing, true);
    if (this.#isLost) return EVERYTHING;
    const made = functionsIn(doing);
    const isOnce = (key: string) => this.#mentions.get(key) === 1;
    const isDone = (key: string) => isOnce(key) && (this.#atOnce.has(key) || this.#returned.has(key));
    const called = new Set([...this.#called.keys()].filter((ref) => !this.#kept.has(ref) && !this.#drops));
    const results = [...called].filter((ref) => this.#called.get(ref)?.some((slot) => this.#isKept(slot)));
    return {
      functions: made.length > 0 && (this.#drops || !made.every(isDone)),
      returned: this.#returned.size > 0,
      inside: this.#inside,
      called,
      results: new Set(results),
      assigned: new Set(
        [...this.#assigned].filter((ref) => !this.#kept.has(ref) && !this.#called.has(ref) && !this.#drops),
      ),
    };
  }

  #isKept(slot: number): boolean {
    return this.#keptSlots.has(slot) || (this.#usedSlots.has(slot) && !this.#calledSlots.has(slot));
  }

  #visitInner(doing: Doing, isAlone: boolean): void {
    this.#depth++;
    this.#visit(doing, false, isAlone);
    this.#depth--;
  }

  #visit(doing: Doing, isOuter: boolean, isAlone = false): void {
    const drops = this.#drops;
    for (const deed of doing.deeds) this.#see(deed);
    // A function without a name cannot be kept by its own code.
    if (isAlone && !doing.fns) this.#drops = drops;
    const { returns } = doing;
    if (isOuter && isFn(returns) && returns[1] === doing.frame) {
      this.#mention(returns);
      this.#returned.add(keyOf(returns));
    } else if (returns !== undefined && returns !== 'any') this.#keep(returns);
    for (const each of doing.fns ?? []) this.#visitInner(each, isOuter && doing.fns?.length === 1);
  }

  #see(deed: Deed): void {
    switch (deed[0]) {
      case 'unknown':
        this.#isLost = true;
        return;
      case 'call':
        this.#call(deed);
        return;
      case 'method': {
        const [, id, on, name, args] = deed;
        this.#keep(on);
        this.#keptSlots.add(id);
        const isBuiltin = Array.isArray(on) && on[0] === 'new' && on[2] === 'array' && CALLBACKS.test(name);
        for (const each of args) if (!(isBuiltin && this.#runs(each))) this.#keep(each);
        return;
      }
      case 'get':
        this.#keep(deed[2]);
        return;
      case 'set':
        if (this.#depth === 0 && Array.isArray(deed[1]) && deed[1][0] === 'top') this.#assigned.add(deed[1][1]);
        else this.#keep(deed[1]);
        this.#drops ||= deed[4] === 0;
        return;
      case 'see':
      case 'replaced':
        this.#keep(deed[1]);
        return;
      case 'assign':
        if (this.#depth > 0) this.#inside.add(deed[1]);
        this.#drops = true;
        return;
      case 'outer':
        this.#drops = true;
    }
  }

  #call([, id, callee, args, used]: Extract<Deed, readonly ['call', ...unknown[]]>): void {
    if (Array.isArray(callee) && callee[0] === 'top') {
      if (this.#depth > 0) this.#inside.add(callee[1]);
      const slots = this.#called.get(callee[1]) ?? [];
      this.#called.set(callee[1], [...slots, id]);
    } else if (!this.#runs(callee) && !isSlot(callee)) this.#keep(callee);
    // A result that is used where the deeds do not show it is kept, unless it is called.
    if (used === 1) this.#usedSlots.add(id);
    if (isSlot(callee)) this.#calledSlots.add(callee[1]);
    // A decorator is given the class and what the language knows of it.
    const isDecorator = Array.isArray(args[0]) && args[0][0] === 'new' && args[0][2] === 'class';
    for (const each of isDecorator ? [] : args) this.#keep(each);
  }

  /** Notes a function that is called where it is written; false for any other value. */
  #runs(value: Val): boolean {
    if (!isFn(value)) return false;
    this.#mention(value);
    this.#atOnce.add(keyOf(value));
    return true;
  }

  #mention(value: Fn): void {
    this.#mentions.set(keyOf(value), (this.#mentions.get(keyOf(value)) ?? 0) + 1);
  }

  /** Notes a value that may be kept. */
  #keep(value: Val): void {
    if (value === 'any') this.#drops = true;
    if (!Array.isArray(value)) return;
    if (isFn(value)) this.#mentions.set(keyOf(value), Number.POSITIVE_INFINITY);
    else if (value[0] === 'top') {
      this.#kept.add(Number(value[1]));
      if (this.#depth > 0) this.#inside.add(Number(value[1]));
    } else if (value[0] === 'slot') this.#keptSlots.add(Number(value[1]));
    else if (value[0] === 'new') {
      if (value[2] === 'class') this.#isLost = true;
      for (const each of value[3] as readonly Val[]) this.#keep(each);
    } else if (value[0] === 'either') for (const each of value[1] as readonly Val[]) this.#keep(each);
  }
}

type Fn = Extract<Val, readonly ['fn', ...unknown[]]>;

function isFn(value: Val | undefined): value is Fn {
  return Array.isArray(value) && value[0] === 'fn';
}

function isSlot(value: Val): value is Extract<Val, readonly ['slot', ...unknown[]]> {
  return Array.isArray(value) && value[0] === 'slot';
}

function keyOf([, frame, index]: Fn): string {
  return `${frame}:${index}`;
}

function functionsIn({ frame, fns = [] }: Doing): readonly string[] {
  return fns.flatMap((each, index) => [`${frame}:${index}`, ...functionsIn(each)]);
}
