import { EventEmitter } from 'node:events';
import { types } from 'node:util';
import {
  bytes,
  type Content,
  contentOf,
  elements,
  extrasOf,
  properties,
  propertiesOf,
  prototypeOf,
} from './contents.ts';
import type { InnerValues, Inspector } from './inner-values.ts';
import { assignsPrivateFields, type ProgramText, sourceOf } from './program-text.ts';

/** Objects that are looked at for one program. */
const OBJECTS_MAX = 20_000;
/** Objects that the inspector is asked about: each takes a quarter of a millisecond. What uses others cannot be compared. */
const INSPECTED_MAX = 1000;

/** What an object held when it was looked at. */
export interface Snapshot {
  readonly object: object;
  readonly content: Content<never>;
  readonly held: readonly unknown[];
}

/** Stands for what was not looked at, because there is too much of it. */
export const UNKNOWN: Snapshot = {
  object: {},
  content: { take: () => [], isSame: () => true },
  held: [],
};

/** What is known of one object: its snapshots, and the objects that it leads to. */
interface Captured {
  readonly snapshots: Snapshot[];
  readonly leads: Key[];
}

type Maker = { readonly prototype?: unknown } & ((...args: never[]) => unknown);

/** What the objects of a program hold, for a later look at what has changed. */
export class Snapshots {
  private readonly captured = new Map<object, Captured>();
  private readonly weak: WeakContent[] = [];
  private readonly symbols = new Set<symbol>();
  private inspected = 0;

  constructor(
    private readonly text: ProgramText,
    private readonly inspector: Inspector,
  ) {}

  /** Takes snapshots of all that a value leads to. Objects of packages are left out: their state is theirs. */
  take(root: unknown): void {
    const waiting = [root];
    while (waiting.length > 0 && this.captured.size < OBJECTS_MAX) {
      const object = waiting.pop();
      if (typeof object === 'symbol' && !this.symbols.has(object)) {
        this.symbols.add(object);
        for (const map of this.weak) waiting.push(map.takeFor(object));
      }
      if (!isObject(object) || this.captured.has(object) || GLOBALS.has(object)) continue;
      const captured: Captured = { snapshots: [], leads: [] };
      this.captured.set(object, captured);
      this.capture(object, captured);
      for (const map of this.weak) waiting.push(map.takeFor(object));
      for (const each of captured.leads) waiting.push(each);
    }
  }

  /** All snapshots of what a value led to when they were taken. */
  snapshotsOf(root: unknown): readonly Snapshot[] {
    const seen = new Set<object>();
    const snapshots: Snapshot[] = [];
    const waiting = [root];
    while (waiting.length > 0) {
      const object = waiting.pop();
      if (!isObject(object) || seen.has(object)) continue;
      seen.add(object);
      const captured = this.captured.get(object);
      snapshots.push(...(captured?.snapshots ?? []));
      waiting.push(...(captured?.leads ?? []));
    }
    return snapshots;
  }

  private capture(object: object, captured: Captured): void {
    if (types.isProxy(object)) return this.inspect(object, captured);
    if (typeof object === 'function') return this.captureFunction(object as Maker, captured);
    if (isWeak(object))
      this.weak.push(new WeakContent(object, captured, [...GLOBALS, ...this.symbols, ...this.captured.keys()]));
    const content = contentOf(object);
    if (content) add(captured, object, content);
    const isList = Array.isArray(object) || ArrayBuffer.isView(object);
    const extras = isList ? extrasOf(object) : undefined;
    if (extras) add(captured, object, extras);
    const makers = makersOf(object).filter((maker) => this.text.isOwn(maker));
    if (makers[0]) lead(captured, makers[0]);
    if (!isList && (makers.length > 0 || this.isLookedInto(object))) add(captured, object, propertiesOf(object));
    if (types.isGeneratorObject(object) || makers.some(hasPrivateFields)) this.inspect(object, captured, makers);
  }

  /** True for an object that no package has made a class for, as far as can be told. */
  private isLookedInto(object: object): boolean {
    const prototype: object | null = Object.getPrototypeOf(object);
    if (prototype === null || KNOWN.has(prototype) || isOfLanguage(prototype)) return true;
    const methods = Object.values(Object.getOwnPropertyDescriptors(prototype));
    return methods.some(({ value, get }) => this.text.isOwn(value ?? get));
  }

  private captureFunction(object: Maker, captured: Captured): void {
    if (!this.text.isOwn(object)) {
      if (isBound(object)) {
        add(captured, object, properties);
        this.inspect(object, captured);
      }
      return;
    }
    const isClass = sourceOf(object).startsWith('class');
    add(captured, object, properties);
    if (!this.text.isTopLevel(object)) this.inspect(object, captured, isClass ? [object] : []);
    else if (isClass && hasPrivateFields(object)) this.inspect(object, captured, [object]);
    if (isObject(object.prototype)) captureMethods(object as unknown as new () => object, captured);
  }

  /** Looks at what code cannot see. What nothing assigns any more is looked at only once. */
  private inspect(object: object, captured: Captured, classes: readonly unknown[] = []): void {
    if (++this.inspected > INSPECTED_MAX) {
      captured.snapshots.push(UNKNOWN);
      return;
    }
    const inner = this.look(object);
    for (const each of flat(inner)) lead(captured, each);
    const names = inner.scopes.flatMap((scope) => scope.filter((_, at) => at % 2 === 0));
    const changes =
      types.isGeneratorObject(object) || classes.some(assignsPrivateFields) || this.isAssigned(object, names);
    if (changes) captured.snapshots.push({ object, content: this.inner, held: flat(inner) });
  }

  /** Of a bound function, and of one whose text is not in the program, nothing is known. */
  private isAssigned(object: object, names: readonly unknown[]): boolean {
    if (names.length === 0) return false;
    if (!this.text.isOwn(object)) return true;
    const assigned = this.text.assignedAround(object);
    return names.some((name) => assigned.has(String(name)));
  }

  private readonly inner: Content = {
    take: (object) => flat(this.look(object)),
    isSame: (object, held) => elements.isSame(flat(this.look(object)), held),
  };

  private look(object: object): InnerValues {
    return this.inspector.look(object, this.text.isNative(object));
  }
}

type Key = object | symbol;

/** Objects that every task can name. What they hold is looked at with the built-ins. */
const GLOBALS: ReadonlySet<object> = new Set(
  [
    globalThis,
    process,
    ...Object.values(Object.getOwnPropertyDescriptors(globalThis)).map(({ value }): unknown => value),
  ].filter(isObject),
);

/** What a WeakMap or a WeakSet holds for objects that outlive tasks: a task cannot find others in it. */
class WeakContent {
  private readonly held = new Map<Key, unknown>();
  private readonly keys: Key[] = [];

  constructor(
    private readonly object: WeakMap<object, unknown> | WeakSet<object>,
    private readonly captured: Captured,
    keys: Iterable<Key>,
  ) {
    for (const key of keys) this.takeFor(key);
    const isSame = () => this.keys.every((key) => this.at(key) === this.held.get(key));
    captured.snapshots.push({ object, content: { take: () => [], isSame }, held: [] });
  }

  /** Call it for each object that outlives tasks. Returns what is held for it. */
  takeFor(key: Key): unknown {
    const value = this.at(key);
    this.keys.push(key);
    if (value !== undefined) this.held.set(key, value);
    lead(this.captured, value);
    return value;
  }

  private at(key: Key): unknown {
    if (types.isWeakMap(this.object)) return WeakMap.prototype.get.call(this.object, key as object);
    return WeakSet.prototype.has.call(this.object, key as object) || undefined;
  }
}

function isWeak(object: object): object is WeakMap<object, unknown> | WeakSet<object> {
  return types.isWeakMap(object) || types.isWeakSet(object);
}

/** Prototypes of objects that are looked into. */
const KNOWN = new Set<object>([
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
  EventEmitter.prototype,
  EventTarget.prototype,
]);

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function add(captured: Captured, object: object, content: Content<never>): void {
  const held = content.take(object as never);
  captured.snapshots.push({ object, content, held });
  // Copies of bytes are varve's own.
  if (content !== bytes) for (const each of held) lead(captured, each);
}

function lead(captured: Captured, to: unknown): void {
  if (isObject(to) || typeof to === 'symbol') captured.leads.push(to);
}

/** Methods that were replaced, as a decorator does, close over variables of their own. */
function captureMethods(ofClass: new () => object, captured: Captured): void {
  const source = sourceOf(ofClass);
  const { prototype } = ofClass;
  lead(captured, Object.getPrototypeOf(ofClass));
  captured.snapshots.push({ object: ofClass, content: prototypeOf, held: [prototype] });
  captured.snapshots.push({ object: prototype, content: properties, held: properties.take(prototype) });
  for (const { value, get, set } of Object.values(Object.getOwnPropertyDescriptors(prototype)))
    for (const each of [value, get, set])
      if (typeof each !== 'function' || !source.includes(sourceOf(each)))
        lead(captured, each === ofClass ? null : each);
      else if (each !== ofClass) add(captured, each, properties);
}

/** True for a prototype of the language itself: `Date.prototype`, `Error.prototype`. */
function isOfLanguage(prototype: object): boolean {
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  return typeof maker === 'function' && sourceOf(maker).endsWith('{ [native code] }') && !isBound(maker);
}

/** The classes of an object, most derived first. */
function makersOf(object: object): readonly unknown[] {
  const makers: unknown[] = [];
  for (let at: object | null = Object.getPrototypeOf(object); at !== null; at = Object.getPrototypeOf(at)) {
    const maker: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof maker === 'function') makers.push(maker);
  }
  return makers;
}

function hasPrivateFields(ofClass: unknown): boolean {
  return sourceOf(ofClass).includes('#');
}

function isBound(object: object): boolean {
  return /^bound /.test(String(Object.getOwnPropertyDescriptor(object, 'name')?.value));
}

function flat({ scopes, fields, others }: InnerValues): readonly unknown[] {
  return [...scopes.flat(), ...fields, ...others];
}

/** True while each object holds what it held. */
export function areAsBefore(snapshots: readonly Snapshot[]): boolean {
  return snapshots.every(({ object, content, held }) => content.isSame(object as never, held));
}
