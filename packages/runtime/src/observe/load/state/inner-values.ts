import { Session } from 'node:inspector';

/** Names and values in turn. */
export type NamedValues = readonly unknown[];

/** A part of what an object is made of that no code can look at. */
export interface InnerValues {
  /** Variables of the functions around a function, by scope; private fields; the function, object and arguments of a bound one. */
  readonly scopes: readonly NamedValues[];
  readonly fields: NamedValues;
  readonly others: readonly unknown[];
}

interface Property {
  readonly name: string;
  readonly value?: {
    readonly objectId?: string;
    readonly value?: unknown;
    /** Of a bigint, and of numbers that JSON has no text for. */
    readonly unserializableValue?: string;
    readonly type: string;
  };
}

interface Scope {
  readonly description: string;
  readonly object: Readonly<Record<string, unknown>>;
}

const GROUP = 'varve';
const OTHERS = [
  '[[TargetFunction]]',
  '[[BoundThis]]',
  '[[BoundArgs]]',
  '[[Target]]',
  '[[Handler]]',
  '[[GeneratorState]]',
];
/** Variables of modules are looked at by themselves. */
const SHARED_SCOPES = /^(Module|Global|Script)/;
const GLOBAL_SCOPES = /^(Global|Script)/;

/** Through this, objects come to the inspector and back. It can be reached as `PLACE`. */
export class Bridge {
  value: unknown;
  values: unknown[] = [];
}

const PLACE = "globalThis[Symbol.for('varve.load')].bridge";

/**
 * Looks at variables that functions close over and at private fields, as a debugger does, by Node's inspector in this
 * thread. No port is opened.
 */
export class Inspector {
  private session: Session | undefined;

  constructor(private readonly bridge: Bridge) {}

  /** What is inside of an object or a function now. `ofModule`: with the variables of the module that it is written in. */
  look(object: object, ofModule = false): InnerValues {
    const session = this.open();
    try {
      this.bridge.value = object;
      const id = idOf(this.post(session, 'Runtime.evaluate', { expression: `${PLACE}.value`, objectGroup: GROUP }));
      const found = this.post(session, 'Runtime.getProperties', { objectId: id, ownProperties: true }) as {
        readonly internalProperties?: readonly Property[];
        readonly privateProperties?: readonly Property[];
      };
      const { internalProperties = [], privateProperties = [] } = found;
      const at = (name: string) =>
        this.valueOf(
          session,
          internalProperties.find((each) => each.name === name),
        );
      const fields = privateProperties.flatMap((each) => [each.name, this.valueOf(session, each)]);
      return {
        scopes: scopesIn(at('[[Scopes]]'), ofModule ? GLOBAL_SCOPES : SHARED_SCOPES),
        fields,
        others: [...OTHERS.map(at), textOf(at('[[GeneratorLocation]]'))].filter((each) => each !== undefined),
      };
    } finally {
      this.bridge.value = undefined;
      this.bridge.values = [];
      session.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    }
  }

  private open(): Session {
    if (this.session) return this.session;
    this.session = new Session();
    this.session.connect();
    return this.session;
  }

  private valueOf(session: Session, property: Property | undefined): unknown {
    if (property?.value === undefined) return undefined;
    const { objectId, value, unserializableValue, type } = property.value;
    if (objectId === undefined)
      return value ?? (unserializableValue === undefined ? type : `${type} ${unserializableValue}`);
    const functionDeclaration = `function () { 'use strict'; ${PLACE}.values.push(this); }`;
    this.post(session, 'Runtime.callFunctionOn', { functionDeclaration, objectId, objectGroup: GROUP });
    return this.bridge.values.pop();
  }

  /** Answers come at once: the session is one of this thread. */
  private post(session: Session, method: string, parameters: object): unknown {
    let answer: unknown;
    session.post(method as 'Runtime.evaluate', parameters as never, (error, result) => {
      if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
      answer = result;
    });
    return answer;
  }
}

function idOf(answer: unknown): string {
  return (answer as { readonly result: { readonly objectId: string } }).result.objectId;
}

/** A place in the code is another object each time. */
function textOf(place: unknown): string | undefined {
  return place === undefined ? undefined : JSON.stringify(place);
}

function scopesIn(list: unknown, leftOut: RegExp): readonly NamedValues[] {
  if (!Array.isArray(list)) return [];
  // It has no methods.
  return Array.from(list as readonly Scope[])
    .filter(({ description, object }) => !leftOut.test(description) && object !== globalThis)
    .map(({ object }) => Object.keys(object).flatMap((name) => [name, object[name]]));
}
