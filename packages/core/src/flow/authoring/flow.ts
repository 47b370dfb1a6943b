import { inspect } from 'node:util';
import { VarveError } from '../../contract/index.ts';
import { currentConstruction, fieldsBehind, taskFields } from './registry.ts';

/** `this.run` inside a step: facts about the attempt. */
export interface RunContext {
  readonly flow: string;
  readonly id: string;
  /** Small and per flow: `12` in `Penguins#12`. */
  readonly number: number;
  readonly step: string;
  /** `train[2]`. */
  readonly task: string;
  /** Position and name of the element of the innermost foreach around the step. */
  readonly element: { readonly index: number; readonly label: string } | undefined;
  /** From 1. */
  readonly attempt: number;
  /** The run this one resumes. */
  readonly origin: string | undefined;
  /** Aborted when the run is stopped or the attempt times out. */
  readonly signal: AbortSignal;
  /** Prints a line that is stored with the attempt, with fields as JSON. */
  log(message: string, fields?: object): void;
}

const FLOW = Symbol.for('varve.Flow');

/** The base of every flow: methods with `@step` are its steps, fields are its artifacts. */
export abstract class Flow {
  static {
    Object.defineProperty(Flow, FLOW, { value: true });
    const { random, now } = Flow.prototype;
    // They move to the end of the prototype chain: fields of the same name must hide them, also artifacts not read yet.
    for (const name of ['random', 'now']) Reflect.deleteProperty(Flow.prototype, name);
    Object.setPrototypeOf(Flow.prototype, createAbsenceTrap({ random, now }));
  }

  /** Facts about this attempt. Only inside a step. */
  declare readonly run: RunContext;

  constructor() {
    // The returned object becomes `this` of the whole class, also for its #private fields.
    const construction = currentConstruction();
    if (construction) return construction.adopt(this) as this;
  }

  /**
   * A number in [0, 1), like `Math.random()`, but the same sequence each time the step runs, and another one for each
   * element of a foreach. Only inside a step.
   */
  random(): number {
    const fields = fieldsOf(this);
    if (!fields?.random) throw outsideStep('random');
    return fields.random();
  }

  /**
   * Start of the run, ms since the Unix epoch: the same in all of its steps. A cached result keeps the time it was computed
   * with. Only inside a step.
   */
  now(): number {
    const fields = fieldsOf(this);
    if (!fields?.now) throw outsideStep('now');
    return fields.now();
  }
}

function outsideStep(name: string): VarveError {
  return new VarveError('VARVE_OUTSIDE_STEP', `this.${name}() was called outside of a step`, {
    hint: 'Call it in the step that needs it: field initialisers and constructors have no part in it.',
  });
}

/** A class that extends `Flow`, of any installed copy of this package. */
export type FlowClass<T extends Flow = Flow> = abstract new () => T;

export function isFlowClass(value: unknown): value is FlowClass {
  return typeof value === 'function' && FLOW in value && !Object.hasOwn(value, FLOW);
}

/**
 * The last object of every flow's prototype chain. A name that reaches it is on no instance and in no class: it is the
 * name of an absent artifact. Members of `Object.prototype` and symbols behave as on any object.
 */
function createAbsenceTrap(methods: Readonly<Record<string, unknown>>): object {
  const plain = {};
  Object.defineProperty(plain, inspect.custom, { value: copyForPrinting });
  return new Proxy(plain, {
    get(_, key, receiver) {
      if (typeof key === 'symbol' || key in plain) return Reflect.get(plain, key, receiver);
      fieldsOf(receiver)?.readAbsent(key);
      return Object.hasOwn(methods, key) ? methods[key] : undefined;
    },
    set(_, key, value, receiver) {
      const fields = typeof key === 'string' && !(key in plain) ? fieldsOf(receiver) : undefined;
      if (fields === undefined) return Reflect.set(plain, key, value, receiver);
      fields.write(key as string, value);
      return true;
    },
    has: (_, key) => Reflect.has(plain, key) || Object.hasOwn(methods, key),
  });
}

const printedCopies = new WeakSet<object>();

/** `console.log` reads behind a proxy, where reads are not tracked: it gets a copy that is made through the proxy. */
function copyForPrinting(this: object): object {
  if (printedCopies.has(this)) return this;
  fieldsBehind().get(this)?.readNames?.();
  const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this)) as object;
  printedCopies.add(copy);
  return copy;
}

/** The fields of the instance itself, or of the instance that is the prototype of an object made by `Object.create`. */
export function fieldsOf(receiver: unknown): ReturnType<ReturnType<typeof taskFields>['get']> {
  for (let at: unknown = receiver; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const fields = taskFields().get(at);
    if (fields) return fields;
    if (Object.hasOwn(at, 'constructor')) return undefined;
  }
  return undefined;
}
