import { inspect } from 'node:util';
import { VarveError } from '../../contract/index.ts';
import { currentConstruction, fieldsBehind, taskFields } from './registry.ts';

/** `this.run` inside a step: where this attempt stands. */
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
    // Looked for last: a field of the same name hides them, and one that is not there is asked for first.
    for (const name of ['random', 'now']) Reflect.deleteProperty(Flow.prototype, name);
    Object.setPrototypeOf(Flow.prototype, createAbsenceTrap({ random, now }));
  }

  /** Where this attempt stands. Only inside a step. */
  declare readonly run: RunContext;

  constructor() {
    // `this` of the whole class becomes what is returned here, also for its #private fields.
    const construction = currentConstruction();
    if (construction) return construction.adopt(this) as this;
  }

  /**
   * A number in [0, 1), like `Math.random()`, but the same ones in the same order each time the step runs; for each element
   * of a foreach others. Only inside a step.
   */
  random(): number {
    const fields = fieldsOf(this);
    if (!fields?.random) throw outsideStep('random');
    return fields.random();
  }

  /**
   * When the run began, ms since the Unix epoch: the same in all of its steps. A cached result keeps what it was made with.
   * Only inside a step.
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

/** A class that extends `Flow`, of whichever installed copy. */
export type FlowClass<T extends Flow = Flow> = abstract new () => T;

export function isFlowClass(value: unknown): value is FlowClass {
  return typeof value === 'function' && FLOW in value && !Object.hasOwn(value, FLOW);
}

/**
 * The last object of every flow's prototype chain. Whatever reaches it is on no instance and in no class: the name of
 * an artifact that is not there. Members of `Object.prototype` and symbols are answered as for any object.
 */
function createAbsenceTrap(late: Readonly<Record<string, unknown>>): object {
  const plain = {};
  Object.defineProperty(plain, inspect.custom, { value: show });
  return new Proxy(plain, {
    get(_, key, receiver) {
      if (typeof key === 'symbol' || key in plain) return Reflect.get(plain, key, receiver);
      fieldsOf(receiver)?.readAbsent(key);
      return Object.hasOwn(late, key) ? late[key] : undefined;
    },
    set(_, key, value, receiver) {
      const fields = typeof key === 'string' && !(key in plain) ? fieldsOf(receiver) : undefined;
      if (fields === undefined) return Reflect.set(plain, key, value, receiver);
      fields.write(key as string, value);
      return true;
    },
    has: (_, key) => Reflect.has(plain, key) || Object.hasOwn(late, key),
  });
}

const shown = new WeakSet<object>();

/** `console.log` looks behind a proxy, past everything that sees it look: it is given a copy, made through the proxy. */
function show(this: object): object {
  if (shown.has(this)) return this;
  fieldsBehind().get(this)?.readNames?.();
  const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this)) as object;
  shown.add(copy);
  return copy;
}

/** Of the instance itself, or of the one an object was made from with `Object.create`. */
export function fieldsOf(receiver: unknown): ReturnType<ReturnType<typeof taskFields>['get']> {
  for (let at: unknown = receiver; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at)) {
    const fields = taskFields().get(at);
    if (fields) return fields;
    if (Object.hasOwn(at, 'constructor')) return undefined;
  }
  return undefined;
}

const NON_RETRYABLE = Symbol.for('varve.NonRetryableError');

/** Thrown by a step when trying again cannot help: no attempt follows, whatever `retry` says. */
export class NonRetryableError extends Error {
  override readonly name: string = 'NonRetryableError';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, NON_RETRYABLE, { value: true });
  }
}

/** Works across two installed copies of this package. */
export function isNonRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && NON_RETRYABLE in error;
}
