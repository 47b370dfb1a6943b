import type { Deed, Doing, Val } from '../summary/doing/doing.ts';

/** What outlives code that runs while files are loaded. */
export interface Survivors {
  /** Functions that it makes may be called later. */
  readonly functions: boolean;
  /** Functions that it returns may change something: they outlive it if its result does. */
  readonly returned: boolean;
  /** References in functions that it makes. */
  readonly inside: ReadonlySet<number>;
  /** References that it only calls, those of them whose results outlive it, and those that do if its value does. */
  readonly called: ReadonlySet<number>;
  readonly results: ReadonlySet<number>;
  readonly valued: ReadonlySet<number>;
  /** The object that its functions are methods of may be kept by others. */
  readonly leaksThis: boolean;
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
  valued: new Set(),
  leaksThis: true,
  assigned: new Set(),
};

/** Finds what outlives a run of code that makes a value, if it makes one; anything that cannot be followed does. */
export function survivorsOf(doing: Doing | undefined, value?: Val): Survivors {
  return doing ? new Survey().run(doing, value) : EVERYTHING;
}

/** What outlives a decorated member: the code of its decorators, which runs once, and its own. */
export function survivorsOfBoth(load: Survivors, call: Survivors): Survivors {
  return {
    ...load,
    functions: load.functions || call.functions,
    returned: load.returned || call.returned,
    inside: new Set([...load.inside, ...call.inside]),
    leaksThis: call.leaksThis,
  };
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
  readonly #valueSlots = new Set<number>();
  /** Parts of `this`. */
  readonly #ownSlots = new Set<number>();
  #leaksThis = false;
  /** A value may be kept that the deeds do not show. */
  #drops = false;
  #isLost = false;

  run(doing: Doing, value: Val = 'data'): Survivors {
    this.#visit(doing, true);
    this.#hold(value);
    if (this.#isLost) return EVERYTHING;
    const made = functionsIn(doing);
    const isOnce = (key: string) => this.#mentions.get(key) === 1;
    const isDone = (key: string) => isOnce(key) && (this.#atOnce.has(key) || this.#returned.has(key));
    const called = new Set([...this.#called.keys()].filter((ref) => !this.#kept.has(ref) && !this.#drops));
    const having = (is: (slot: number) => boolean) => [...called].filter((ref) => this.#called.get(ref)?.some(is));
    const leaksThis = this.#leaksThis || this.#drops || [...this.#ownSlots].some((slot) => this.#keptSlots.has(slot));
    const isMethod = value !== 'data' && leaksThis;
    return {
      functions: made.length > 0 && (this.#drops || isMethod || !made.every(isDone)),
      returned: this.#returned.size > 0,
      inside: this.#inside,
      called,
      results: new Set(having((slot) => this.#isKept(slot))),
      valued: new Set(having((slot) => this.#valueSlots.has(slot))),
      leaksThis,
      assigned: new Set(
        [...this.#assigned].filter((ref) => !this.#kept.has(ref) && !this.#called.has(ref) && !this.#drops),
      ),
    };
  }

  #isKept(slot: number): boolean {
    if (this.#keptSlots.has(slot)) return true;
    return this.#usedSlots.has(slot) && !this.#calledSlots.has(slot) && !this.#valueSlots.has(slot);
  }

  /** Notes what a variable holds: it outlives the code if the variable is used later. */
  #hold(value: Val): void {
    if (!Array.isArray(value)) return;
    if (value[0] === 'slot') this.#valueSlots.add(Number(value[1]));
    else if (isFn(value)) {
      this.#mention(value);
      this.#returned.add(keyOf(value));
    } else if (value[0] === 'new' && /^(object|array)$/.test(String(value[2]))) {
      for (const each of value[3] as readonly Val[]) this.#hold(each);
    } else this.#keep(value);
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
    } else if (returns !== undefined && returns !== 'any' && returns !== 'this') this.#keep(returns);
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
      case 'method':
        this.#method(deed);
        return;
      case 'get':
        if (deed[2] === 'this') this.#ownSlots.add(deed[1]);
        else this.#keep(deed[2]);
        return;
      case 'set':
        if (this.#depth === 0 && Array.isArray(deed[1]) && deed[1][0] === 'top') this.#assigned.add(deed[1][1]);
        else if (deed[1] !== 'this') this.#keep(deed[1]);
        this.#drops ||= deed[4] === 0;
        return;
      case 'see':
        // Making a number of a part of an object hands nothing on.
        if (!isSlot(deed[1]) || !this.#ownSlots.has(deed[1][1])) this.#keep(deed[1]);
        return;
      case 'replaced':
        if (isSlot(deed[1])) this.#calledSlots.add(deed[1][1]);
        return;
      case 'assign':
        if (this.#depth > 0) this.#inside.add(deed[1]);
        this.#drops = true;
        return;
      case 'outer':
        this.#drops = true;
    }
  }

  #method([, id, on, name, args, used]: Extract<Deed, readonly ['method', ...unknown[]]>): void {
    if (Array.isArray(on) && on[0] === 'top') this.#callTop(on[1], [id]);
    else if (isSlot(on)) this.#calledSlots.add(on[1]);
    else if (on !== 'this') this.#keep(on);
    if (used === 1) this.#usedSlots.add(id);
    const isBuiltin = Array.isArray(on) && on[0] === 'new' && on[2] === 'array' && CALLBACKS.test(name);
    for (const each of args) {
      if (isBuiltin && this.#runs(each)) continue;
      if (isBuiltin && Array.isArray(each) && each[0] === 'top') this.#callTop(each[1], []);
      else this.#keep(each);
    }
  }

  #callTop(ref: number, slots: readonly number[]): void {
    if (this.#depth > 0) this.#inside.add(ref);
    this.#called.set(ref, [...(this.#called.get(ref) ?? []), ...slots]);
  }

  #call([, id, callee, args, used]: Extract<Deed, readonly ['call', ...unknown[]]>): void {
    if (Array.isArray(callee) && callee[0] === 'top') this.#callTop(callee[1], [id]);
    else if (!this.#runs(callee) && !isSlot(callee)) this.#keep(callee);
    // A result that is used where the deeds do not show it is kept, unless it is called.
    if (used === 1) this.#usedSlots.add(id);
    if (isSlot(callee)) this.#calledSlots.add(callee[1]);
    // A decorator is given the class and what the language knows of it; what it returns is a part of the class.
    const isDecorator = Array.isArray(args[0]) && args[0][0] === 'new' && args[0][2] === 'class';
    if (isDecorator) this.#valueSlots.add(id);
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
    if (value === 'this') this.#leaksThis = true;
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
