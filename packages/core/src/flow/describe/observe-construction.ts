import type { Finding } from '../../contract/index.ts';
import { locateCallSite, locateFrame } from '../authoring/call-site.ts';
import type { ParamSpec } from '../authoring/param-spec.ts';
import { type Construction, type StepMark, underConstruction } from '../authoring/registry.ts';
import { secretName } from '../authoring/secret.ts';

/** Facts about a flow class that constructing it once has shown. */
export interface Observation {
  /** One for each call of `param.…()`, in order; without a name when it initialises no field. */
  readonly params: readonly { readonly field: string | undefined; readonly spec: ParamSpec }[];
  readonly fields: readonly string[];
  readonly transient: ReadonlySet<string>;
  readonly secrets: readonly { readonly field: string; readonly name: string }[];
  readonly marks: ReadonlyMap<string, StepMark>;
  /** True when declared fields without a value exist too: the class was compiled with define semantics. */
  readonly seesDeclared: boolean;
  /** Fields that hold a function. */
  readonly functions: readonly string[];
  readonly findings: readonly Finding[];
}

/** Constructs the class with sample values and observes to which field each parameter is assigned. Never throws. */
export function observeConstruction(Class: abstract new () => object): Observation {
  const observer = new Observer(Class);
  try {
    underConstruction(observer, () => Reflect.construct(Class, []) as object);
  } catch (error) {
    observer.report(constructorFailed(Class.name, error));
  }
  return observer.finish();
}

class Observer implements Construction {
  private readonly params: { field: string | undefined; spec: ParamSpec; sample: unknown }[] = [];
  private readonly transient = new Set<string>();
  private readonly marks = new Map<string, StepMark>();
  private readonly findings: Finding[] = [];
  private instance: object = {};

  constructor(private readonly Class: abstract new () => object) {}

  adopt(instance: object): object {
    if (Object.getPrototypeOf(instance) !== this.Class.prototype) return instance;
    this.instance = instance;
    return new Proxy(instance, {
      defineProperty: (target, key, descriptor) => {
        if (typeof key === 'string') this.assigned(key, descriptor.value);
        return Reflect.defineProperty(target, key, descriptor);
      },
    });
  }

  takeParameter(spec: ParamSpec): unknown {
    const sample = sampleOf(spec);
    this.params.push({ field: undefined, spec, sample });
    return sample;
  }

  markTransient(name: string): void {
    this.transient.add(name);
  }

  markStep(mark: StepMark): void {
    this.marks.set(mark.name, mark);
  }

  report(finding: Finding): void {
    this.findings.push(finding);
  }

  finish(): Observation {
    for (const { field, spec } of this.params) if (field === undefined) this.report(notAField(spec));
    const fields = Object.keys(this.instance);
    const valueFor = (name: string): unknown => Object.getOwnPropertyDescriptor(this.instance, name)?.value;
    return {
      params: this.params,
      fields,
      transient: this.transient,
      secrets: fields.flatMap((field) => {
        const name = secretName(valueFor(field));
        return name === undefined ? [] : [{ field, name }];
      }),
      marks: this.marks,
      seesDeclared: fields.some((field) => valueFor(field) === undefined),
      functions: fields.filter((field) => typeof valueFor(field) === 'function' && !isSample(valueFor(field))),
      findings: this.findings,
    };
  }

  /** The value of a field initialiser is assigned right after it was created. */
  private assigned(field: string, value: unknown): void {
    const last = this.params.at(-1);
    if (last && last.field === undefined && Object.is(last.sample, value)) last.field = field;
  }
}

function notAField(spec: ParamSpec): Finding {
  const location = locateCallSite(spec.site);
  return {
    code: 'VARVE_PARAM_NOT_A_FIELD',
    message: `param.${spec.kind === 'schema' ? '…' : spec.kind}() is not the value of a field`,
    hint: `Assign it directly: name = param.${spec.kind === 'schema' ? '…' : spec.kind}(…), and compute with this.name in another field or in a step.`,
    ...(location && { location }),
  };
}

function constructorFailed(flow: string, error: unknown): Finding {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: 'VARVE_CONSTRUCTOR',
    message: `the field initialisers or the constructor of ${flow} failed: ${what}`,
    hint: 'They also run when the flow is only looked at, with sample values for required parameters: move work that can fail into a step.',
    ...(error instanceof Error && locationIn(error.stack)),
  };
}

/** The innermost frame that names a file. */
function locationIn(stack = ''): Pick<Finding, 'location'> {
  const [location] = stack.split('\n').flatMap((line) => (/^\s*at /.test(line) ? (locateFrame(line) ?? []) : []));
  return location ? { location } : {};
}

/** The value of a parameter while its flow is only described: the default, or one of the right kind. */
function sampleOf(spec: ParamSpec): unknown {
  if (spec.fallback && spec.kind !== 'file' && spec.kind !== 'schema') return spec.fallback.value;
  switch (spec.kind) {
    case 'int':
    case 'number':
      return spec.limits.min ?? spec.limits.max ?? 1;
    case 'boolean':
      return false;
    case 'enum':
      return spec.limits.choices?.[0];
    case 'string':
      return '';
    case 'url':
      return 'https://parameter.invalid/';
    case 'file':
      return spec.as === 'text' ? '' : new Uint8Array(0);
    default:
      return createSample();
  }
}

const samples = new WeakSet<object>();

/** True for the sample of a parameter of unknown type, and for values derived from it. */
function isSample(value: unknown): boolean {
  return typeof value === 'function' && samples.has(value);
}

/** Accepts every read, call and loop, so that initialisers that use a missing value succeed. */
function createSample(): object {
  const target = function sample() {};
  const self: object = new Proxy(target, {
    get(_, key) {
      if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? 0 : '');
      if (key === Symbol.iterator) return () => [][Symbol.iterator]();
      return key === 'length' ? 0 : typeof key === 'symbol' || key === 'then' ? undefined : self;
    },
    apply: () => self,
    construct: () => self,
  });
  samples.add(self);
  return self;
}
