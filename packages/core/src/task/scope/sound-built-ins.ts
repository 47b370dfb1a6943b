import { VarveError } from '../../contract/index.ts';

const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;

/** Methods that varve's own code goes through to tell what a task did, by the object that holds them. */
const METHODS: readonly (readonly [path: string, owner: object, keys: readonly PropertyKey[]])[] = [
  [
    'Array.prototype',
    Array.prototype,
    ['push', 'shift', 'splice', 'slice', 'map', 'filter', 'flatMap', Symbol.iterator],
  ],
  ['ArrayIterator.prototype', getPrototypeOf([][Symbol.iterator]()) as object, ['next']],
  ['Map.prototype', Map.prototype, ['get', 'set', 'delete', Symbol.iterator]],
  ['MapIterator.prototype', getPrototypeOf(new Map().values()) as object, ['next']],
  ['Set.prototype', Set.prototype, ['add', 'delete', Symbol.iterator]],
  ['SetIterator.prototype', getPrototypeOf(new Set().values()) as object, ['next']],
  ['Object', Object, ['keys', 'entries']],
  ['JSON', JSON, ['stringify', 'parse']],
];

interface Method {
  readonly path: string;
  readonly owner: Readonly<Record<PropertyKey, unknown>>;
  readonly key: PropertyKey;
  readonly value: unknown;
  readonly descriptor: PropertyDescriptor;
}

/** As they were before this thread loaded a flow. */
let methods: readonly Method[] | undefined;

/** Takes the built-ins as they are, once in each thread: call it before code of a flow runs. */
export function expectSoundBuiltIns(): void {
  methods ??= METHODS.flatMap(([path, owner, keys]) =>
    keys.flatMap((key) => {
      const descriptor = getOwnPropertyDescriptor(owner, key);
      const name = typeof key === 'symbol' ? `${path}[${key.description}]` : `${path}.${key}`;
      return descriptor
        ? [{ path: name, owner: owner as Method['owner'], key, value: descriptor.value, descriptor }]
        : [];
    }),
  );
}

/**
 * Call it when a step's code has ended, or a flow is loaded. Built-ins that others stand in for are left alone as long as they do what they are for:
 * tools patch them. When lists or maps do not work any more, or text of JSON is none, nothing of varve's would, and the run
 * would wait for this task for ever: puts the built-ins back, and throws `VARVE_BROKEN_BUILT_IN`. Compares identities alone, as this is done for each
 * task.
 */
export function checkSoundBuiltIns(label: string): void {
  if (methods === undefined || areUntouched(methods) || areSound()) return;
  let names = '';
  // No list is gone through by an iterator before all are back.
  for (let at = 0; at < methods.length; at++) {
    const { owner, key, value, descriptor, path } = methods[at] as Method;
    if (owner[key] === value) continue;
    names += names === '' ? path : `, ${path}`;
    // Does nothing where the step has frozen it.
    defineProperty(owner, key, descriptor);
  }
  throw new VarveError('VARVE_BROKEN_BUILT_IN', `${label} has put something else in the place of ${names}`, {
    hint: 'A replacement of a built-in must behave like the original, because all code of the thread uses it. varve has put it back.',
  });
}

function areUntouched(all: readonly Method[]): boolean {
  for (let at = 0; at < all.length; at++) {
    const { owner, key, value } = all[at] as Method;
    if (owner[key] !== value) return false;
  }
  return true;
}

/** Tries each method for what it is for. */
function areSound(): boolean {
  try {
    return outcome() === '2,3|2|2,4|1,1,2,2|1 3|one 1|one|1|a1|1' && isSoundJson();
  } catch {
    return false;
  }
}

/** A replacement may write JSON in another form, and add what else there is to values of its own. */
function isSoundJson(): boolean {
  const parse = methods?.find(({ path }) => path === 'JSON.parse')?.value as typeof JSON.parse;
  const text = JSON.stringify([{ a: 1, b: 'x', c: [null, true] }]);
  const read = [parse(text), JSON.parse('[{"a":1,"b":"x","c":[null,true]}]')] as [Sample[], Sample[]];
  return read.every(([one]) => one?.a === 1 && one.b === 'x' && one.c.join() === ',true' && one.c.length === 2);
}

interface Sample {
  readonly a: unknown;
  readonly b: unknown;
  readonly c: readonly unknown[];
}

function outcome(): string {
  const list = [1, 2];
  list.push(3);
  const some = list.slice();
  some.splice(1, 1);
  const map = new Map([[1, 'one']]);
  map.set(2, 'two').delete(2);
  const set = new Set([1, 2]).add(1);
  set.delete(2);
  const parts = [
    list.filter((one) => one === 2).join(),
    list
      .slice(0, 2)
      .map((one) => one * 2)
      .join(),
    list
      .slice(0, 2)
      .flatMap((one) => [one, one])
      .join(),
    [...some].join(' '),
    [...map].map(([key, value]) => `${value} ${key}`).join(),
    String(map.get(1)),
    [...set].join(),
    Object.entries({ a: map.get(2) ?? 1 })
      .flat()
      .join(''),
    Object.keys({ a: 1 }).length,
  ];
  list.shift();
  return [list.join(), ...parts].join('|');
}
