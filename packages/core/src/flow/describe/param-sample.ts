import type { ParamSpec } from '../authoring/param-spec.ts';

/** A value that stands for a parameter while its flow is only looked at: the default, or one of the right kind. */
export function sampleOf(spec: ParamSpec): unknown {
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
      return anything();
  }
}

const stoodFor = new WeakSet<object>();

/** Whether a value is, or was made from, the sample of a parameter of which nothing is known. */
export function isSample(value: unknown): boolean {
  return typeof value === 'function' && stoodFor.has(value);
}

/** Answers every read, call and loop, so that initialisers built on a value that is not there yet go through. */
function anything(): object {
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
  stoodFor.add(self);
  return self;
}
