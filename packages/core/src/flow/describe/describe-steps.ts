import { locateCallSite } from '../authoring/call-site.ts';
import { type StepMark, stepsByMethod, stepsByPrototype } from '../authoring/registry.ts';
import type { StepDescription, StepKind } from './description.ts';
import { SEES_BOTH, seenArguments } from './seen-arguments.ts';
import { readOption } from './step-values.ts';

/** The prototypes of a flow class, the outermost base class first, `Flow` itself left out. */
export function prototypesOf(Class: abstract new () => object): object[] {
  const chain: object[] = [];
  const isFlow = Symbol.for('varve.Flow');
  for (
    let at: object = Class;
    typeof at === 'function' && !Object.hasOwn(at, isFlow);
    at = Object.getPrototypeOf(at) as object
  ) {
    chain.unshift((at as { prototype: object }).prototype);
  }
  return chain;
}

interface Member {
  readonly name: string;
  readonly method: (...values: never[]) => unknown;
  readonly mark: StepMark | undefined;
}

/** Methods by name; one that is overridden stays a step, in the place of the first. */
function membersOf(Class: abstract new () => object, marks: ReadonlyMap<string, StepMark>): Member[] {
  const members = new Map<string, Member>();
  for (const prototype of prototypesOf(Class)) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
      if (name === 'constructor' || typeof method !== 'function') continue;
      const own = stepsByMethod().get(method) ?? stepsByPrototype().get(prototype)?.get(name) ?? marks.get(name);
      members.set(name, { name, method: method as Member['method'], mark: own ?? members.get(name)?.mark });
    }
  }
  return [...members.values()];
}

/** `marks` are those that only the constructor reported. */
export function describeSteps(
  Class: abstract new () => object,
  marks: ReadonlyMap<string, StepMark>,
): { readonly steps: StepDescription[]; readonly methods: string[]; readonly sources: string } {
  const members = membersOf(Class, marks);
  return {
    steps: members.flatMap(({ method, mark, name }) => (mark ? [describeStep(name, mark, method)] : [])),
    methods: members.flatMap((m) => (m.mark ? [] : [m.name])),
    sources: members.map((m) => Function.prototype.toString.call(m.method)).join('\n'),
  };
}

function describeStep(name: string, mark: StepMark, method: Member['method']): StepDescription {
  const options = toPlain(mark.options) as Record<string, unknown>;
  const location = locateCallSite(mark.site);
  const described: Record<string, unknown> = { name, kind: kindOf(options), options, arity: method.length };
  described.sees = stepsByMethod().has(method) ? seenArguments(method) : SEES_BOTH;
  if (location) described.location = location;
  described.after = readOption(options, 'after') ?? [];
  for (const option of [
    'foreach',
    'join',
    'when',
    'retry',
    'catch',
    'cache',
    'effect',
    'concurrency',
    'rate',
    'runner',
    'inputs',
  ]) {
    const value = readOption(options, option);
    if (value !== undefined) described[option] = value;
  }
  const timeoutMs = readOption<number>(options, 'timeout');
  if (timeoutMs !== undefined) described.timeoutMs = timeoutMs;
  return described as unknown as StepDescription;
}

function kindOf(options: Readonly<Record<string, unknown>>): StepKind {
  if (options.foreach !== undefined) return 'foreach';
  if (options.join !== undefined) return 'foreach-join';
  if (options.after === undefined) return 'root';
  return Array.isArray(options.after) ? 'branch-join' : 'linear';
}

/** Classes and functions by name, so that the description can be cloned. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'function') return value.name;
  if (typeof value === 'symbol') return String(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPlain(member)]));
}
