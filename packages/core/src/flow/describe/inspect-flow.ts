import type { Finding } from '../../contract/index.ts';
import { locateCallSite } from '../authoring/call-site.ts';
import type { FlowClass } from '../authoring/flow.ts';
import { type ParamDescription, type ParamSpec, showValue } from '../authoring/param-spec.ts';
import { misuses, transientNames } from '../authoring/registry.ts';
import { describeSteps, prototypesOf } from './describe-steps.ts';
import type { FlowDescription, StepDescription } from './description.ts';
import { type Observation, observeConstruction } from './observe-construction.ts';
import { parseValue } from './param-values.ts';

/** A description and the live parameters behind it. */
export interface Inspection {
  readonly description: FlowDescription;
  readonly specs: ReadonlyMap<string, ParamSpec>;
  /** The parameter that each call of `param.…()` declares, in the order of the calls. */
  readonly calls: readonly { readonly name: string | undefined; readonly spec: ParamSpec }[];
}

const inspections = new WeakMap<object, Inspection>();

/** Members that every flow inherits from `Flow` and may hide by a field of its own. */
const INHERITED = ['random', 'now'];
const memberSets = new WeakMap<object, { readonly fields: readonly string[]; readonly names: ReadonlySet<string> }>();

/** Inspects a class, once: constructing it runs its initialisers. */
export function inspectFlow(Class: FlowClass): Inspection {
  const known = inspections.get(Class);
  if (known) return known;
  const fresh = inspectClass(Class);
  inspections.set(Class, fresh);
  return fresh;
}

/** A flow class as plain data, with its mistakes. Never throws because of them. */
export function describeFlow(Class: FlowClass): FlowDescription {
  return inspectFlow(Class).description;
}

/**
 * Names of members of the class: methods, getters, members of every object. They are never artifacts: a step that reads
 * one would silently get another value as soon as another step had assigned it.
 */
export function memberNames(Class: FlowClass, fields: readonly string[]): ReadonlySet<string> {
  const found = memberSets.get(Class);
  if (found?.fields === fields) return found.names;
  const names = new Set([
    ...Object.getOwnPropertyNames(Object.prototype),
    ...prototypesOf(Class).flatMap((prototype) => Object.getOwnPropertyNames(prototype)),
    ...INHERITED.filter((name) => !fields.includes(name)),
  ]);
  memberSets.set(Class, { fields, names });
  return names;
}

function inspectClass(Class: FlowClass): Inspection {
  const observed = observeConstruction(Class);
  const { steps, methods, sources } = describeSteps(Class, observed.marks);
  const specs = new Map(
    observed.params.flatMap(({ field, spec }) => (field === undefined ? [] : [[field, spec] as const])),
  );
  const transient = [
    ...new Set([...prototypesOf(Class).flatMap((p) => [...(transientNames().get(p) ?? [])]), ...observed.transient]),
  ];
  const hidden = new Set([...transient, ...observed.secrets.map((s) => s.field)]);
  const params = [...specs].map(([name, spec]) => describeParam(name, spec));
  const file = steps.find((s) => s.location)?.location?.file;
  const description: FlowDescription = {
    name: Class.name,
    ...(file !== undefined && { file }),
    steps,
    params,
    fields: observed.fields.filter((field) => !hidden.has(field)),
    transient,
    secrets: observed.secrets,
    methods,
    unmentioned: observed.seesDeclared ? unmentioned(steps, observed.fields, sources) : [],
    needsConstruction: transient.length > 0 || hasPrivateFields(Class),
    findings: [...findingsOf(Class, observed, hidden, specs), ...shadowed(Class, observed, hidden, steps)],
  };
  return { description, specs, calls: observed.params.map(({ field, spec }) => ({ name: field, spec })) };
}

function describeParam(name: string, spec: ParamSpec): ParamDescription {
  const { pattern, ...limits } = spec.limits;
  const location = locateCallSite(spec.site);
  return {
    name,
    kind: spec.kind,
    required: !spec.fallback && !(spec.schema && acceptsNothing(spec)),
    ...(spec.fallback && { default: showValue(spec.fallback.value) }),
    ...(spec.help !== undefined && { help: spec.help }),
    ...limits,
    ...(pattern && { pattern: String(pattern) }),
    ...(location && { location }),
  };
}

/** True when a schema has a default of its own. An asynchronous one is validated again when the run starts. */
function acceptsNothing(spec: ParamSpec): boolean {
  try {
    const result = spec.schema?.['~standard'].validate(undefined);
    if (result instanceof Promise) result.catch(() => undefined);
    return result instanceof Promise || (result !== undefined && !result.issues);
  } catch {
    return false;
  }
}

function findingsOf(
  Class: FlowClass,
  observed: Observation,
  hidden: ReadonlySet<string>,
  specs: ReadonlyMap<string, ParamSpec>,
): Finding[] {
  const functions = observed.functions.filter((field) => !hidden.has(field));
  return [
    ...prototypesOf(Class).flatMap((prototype) => misuses().get(prototype.constructor) ?? []),
    ...observed.findings,
    ...functions.map((field) => ({
      code: 'VARVE_FIELD_FUNCTION',
      message: `the field '${field}' of ${Class.name} holds a function, which cannot be stored`,
      hint: `Make it a method: ${field}() { … }, or mark the field @transient.`,
    })),
    ...[...specs].flatMap(([name, spec]) => badDefault(name, spec)),
  ];
}

/** Fields that hide a method or getter. Steps, functions and `__proto__` have findings of their own. */
function shadowed(
  Class: FlowClass,
  observed: Observation,
  hidden: ReadonlySet<string>,
  steps: readonly StepDescription[],
): Finding[] {
  const known = new Set(['__proto__', ...hidden, ...observed.functions, ...steps.map((s) => s.name)]);
  const members = memberNames(Class, observed.fields);
  return observed.fields
    .filter((field) => members.has(field) && !known.has(field))
    .map((field) => ({
      code: 'VARVE_RESERVED_NAME',
      message: `the field '${field}' of ${Class.name} has the name of a method or getter that every instance has`,
      hint: 'Rename the field.',
    }));
}

function badDefault(name: string, spec: ParamSpec): Finding[] {
  if (!spec.fallback || spec.kind === 'file' || spec.kind === 'schema') return [];
  const parsed = parseValue(spec, spec.fallback.value, false);
  if ('value' in parsed) return [];
  const location = locateCallSite(spec.site);
  return [
    {
      code: 'VARVE_PARAM_DEFAULT',
      message: `the default of '${name}', ${showValue(spec.fallback.value)}, ${parsed.problem}`,
      hint: 'Change the default or its limits.',
      ...(location && { location }),
    },
  ];
}

/** True for own `#names`, also as compilers lower them. A false positive only costs one constructor call for each task. */
function hasPrivateFields(Class: FlowClass): boolean {
  return prototypesOf(Class).some((prototype) =>
    /#[\p{ID_Start}_$]|__private|\b(?:WeakMap|WeakSet|accessor)\b/u.test(
      Function.prototype.toString.call(prototype.constructor),
    ),
  );
}

/** Names that options take for artifacts, though nothing could ever set them. */
function unmentioned(steps: readonly StepDescription[], fields: readonly string[], sources: string): string[] {
  const set = new Set(fields);
  const words = new Set(sources.match(/[\p{ID_Start}_$][\p{ID_Continue}$]*/gu) ?? []);
  const named = steps.flatMap((s) => [s.foreach, s.when?.artifact, s.catch].filter((name) => name !== undefined));
  return [...new Set(named)].filter((name) => !set.has(name) && !words.has(name));
}
