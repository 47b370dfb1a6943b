import { VarveError } from '../../contract/index.ts';
import { locateCallSite } from '../authoring/call-site.ts';
import type { FlowClass } from '../authoring/flow.ts';
import type { ParamSpec } from '../authoring/param-spec.ts';
import { type Construction, underConstruction } from '../authoring/registry.ts';
import { inspectFlow } from '../describe/inspect-flow.ts';

/**
 * Runs the constructor of a flow with real parameter values, by name. Throws the errors of the constructor, and
 * `VARVE_PARAM_ORDER` when it declares other parameters than it did when the flow was described.
 */
export function construct(
  Class: FlowClass,
  valueFor: (name: string) => unknown,
  adopt: (instance: object) => object,
): object {
  const { calls } = inspectFlow(Class);
  let next = 0;
  const construction: Construction = {
    adopt: (instance) => (Object.getPrototypeOf(instance) === Class.prototype ? adopt(instance) : instance),
    takeParameter(spec) {
      const call = calls[next++];
      if (call?.name === undefined || !isSameCall(call.spec, spec)) throw otherOrder(spec);
      return valueFor(call.name);
    },
    markTransient() {},
    markStep() {},
    report() {},
  };
  return underConstruction(construction, () => Reflect.construct(Class, []) as object);
}

/** The root artifacts: values of field initialisers and the constructor. Fields without a value are left out. */
export function constructRoot(Class: FlowClass, values: Readonly<Record<string, unknown>>): Map<string, unknown> {
  const { description, specs } = inspectFlow(Class);
  const valueFor = (name: string) => (Object.hasOwn(values, name) ? values[name] : specs.get(name)?.fallback?.value);
  const instance = construct(Class, valueFor, (made) => made);
  const hidden = new Set([...description.transient, ...description.secrets.map((s) => s.field)]);
  const artifacts = new Map<string, unknown>();
  for (const name of Object.keys(instance)) {
    const value: unknown = Object.getOwnPropertyDescriptor(instance, name)?.value;
    if (value !== undefined && !hidden.has(name)) artifacts.set(name, value);
  }
  return artifacts;
}

function isSameCall(a: ParamSpec, b: ParamSpec): boolean {
  return a.kind === b.kind && a.help === b.help && (a.fallback === undefined) === (b.fallback === undefined);
}

function otherOrder(spec: ParamSpec): VarveError {
  const location = locateCallSite(spec.site);
  return new VarveError(
    'VARVE_PARAM_ORDER',
    `the constructor asked for a ${spec.kind} parameter that it did not ask for before`,
    {
      hint: 'Declare parameters as fields, unconditionally: name = param.int(…).',
      ...(location && { location }),
    },
  );
}
