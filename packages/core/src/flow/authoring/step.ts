import type { Finding } from '../../contract/index.ts';
import { type CallSite, captureCallSite, locateCallSite } from './call-site.ts';
import {
  currentConstruction,
  misuses,
  type StepMark,
  stepsByMethod,
  stepsByPrototype,
  transientNames,
} from './registry.ts';
import type { MethodContext, StepFunction } from './step-types.ts';

/**
 * Makes a public method a step: `@step({ after: 'load' })`. Works as a standard and as a legacy decorator; names are
 * checked by the compiler in both. Mistakes it finds are reported with all others when the flow is described.
 */
export const step: StepFunction = (options = {}) => {
  const site = captureCallSite(step);
  return (target: unknown, key: unknown, descriptor?: PropertyDescriptor): void => {
    if (isContext(key)) markByContext(target, key, options, site);
    else markByPrototype(target as object, String(key), descriptor, { name: String(key), options, site });
  };
};

function isContext(key: unknown): key is MethodContext<object, unknown> {
  return typeof key === 'object' && key !== null && 'kind' in key;
}

function markByContext(
  method: unknown,
  context: MethodContext<object, unknown>,
  options: unknown,
  site: CallSite,
): void {
  const mark: StepMark = { name: String(context.name), options, site };
  if (typeof method === 'function' && !context.static && !context.private && typeof context.name === 'string') {
    stepsByMethod().set(method, mark);
    // A decorator above this one may replace the method.
    context.addInitializer(() => currentConstruction()?.markStep(mark));
    return;
  }
  const what = context.static ? 'static' : context.private ? 'private' : context.kind;
  context.addInitializer(function (this: object) {
    reportMisuse(this, misplaced(mark, what));
  });
}

function markByPrototype(
  target: object,
  name: string,
  descriptor: PropertyDescriptor | undefined,
  mark: StepMark,
): void {
  // Not every compiler passes the descriptor of the method.
  const method: unknown = (Object.getOwnPropertyDescriptor(target, name) ?? descriptor)?.value;
  if (typeof target === 'function') return reportMisuse(target, misplaced(mark, 'static'));
  if (typeof method !== 'function') return reportMisuse(target.constructor, misplaced(mark, 'not a method'));
  stepsByMethod().set(method, mark);
  const marks = stepsByPrototype().get(target) ?? new Map<string, StepMark>();
  stepsByPrototype().set(target, marks.set(name, mark));
}

function reportMisuse(owner: object, finding: Finding): void {
  const construction = currentConstruction();
  if (typeof owner !== 'function') return construction?.report(finding);
  misuses().set(owner, [...(misuses().get(owner) ?? []), finding]);
}

function misplaced(mark: StepMark, what: string): Finding {
  const location = locateCallSite(mark.site);
  return {
    code: 'VARVE_NOT_A_METHOD',
    message: `@step on '${mark.name}', which is ${what}`,
    hint: 'Steps are public methods of the class, neither static nor private.',
    ...(location && { location }),
  };
}

/**
 * Keeps a field out of the artifacts: `@transient pool = new Pool()`. It is never stored; each task runs the initialiser
 * again. Works as a standard and as a legacy decorator.
 */
export function transient<T, V>(target: undefined, context: ClassFieldDecoratorContext<T, V>): (value: V) => V;
export function transient(target: object, key: string | symbol): void;
export function transient(target: object | undefined, key: ClassFieldDecoratorContext | string | symbol): unknown {
  if (typeof key === 'object') {
    const name = String(key.name);
    return (value: unknown) => {
      currentConstruction()?.markTransient(name);
      return value;
    };
  }
  if (target === undefined) return undefined;
  const names = transientNames().get(target) ?? new Set<string>();
  transientNames().set(target, names.add(String(key)));
  return undefined;
}
