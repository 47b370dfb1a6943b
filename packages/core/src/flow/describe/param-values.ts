import type { ParamLimits, ParamSpec } from '../authoring/param-spec.ts';

/** A value that fits, or why it does not. */
export type Parsed = { readonly value: unknown } | { readonly problem: string };

/** Reads a value of every kind but `schema` and `file`. `text`: it came from a flag or a variable. */
export function parseValue(spec: ParamSpec, given: unknown, text: boolean): Parsed {
  const { limits } = spec;
  switch (spec.kind) {
    case 'int':
      return parseNumber(given, limits, /^[+-]?\d+$/, 'a whole number');
    case 'number':
      return parseNumber(given, limits, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i, 'a number');
    case 'boolean':
      return parseBoolean(given);
    case 'enum':
      return typeof given === 'string' && limits.choices?.includes(given)
        ? { value: given }
        : { problem: `must be one of ${limits.choices?.join(', ')}` };
    case 'url':
      return parseUrl(given, limits);
    case 'json':
      return parseJson(given, text);
    default:
      return parseText(given, limits);
  }
}

function parseNumber(given: unknown, limits: ParamLimits, form: RegExp, what: string): Parsed {
  const value = typeof given === 'string' && form.test(given.trim()) ? Number(given) : given;
  const whole = what !== 'a number';
  if (typeof value !== 'number' || !Number.isFinite(value)) return { problem: `must be ${what}` };
  if (whole && !Number.isSafeInteger(value)) {
    return { problem: Number.isInteger(value) ? 'is too large to be exact' : `must be ${what}` };
  }
  if (limits.min !== undefined && value < limits.min) return { problem: `must be >= ${limits.min}` };
  if (limits.max !== undefined && value > limits.max) return { problem: `must be <= ${limits.max}` };
  return { value };
}

const TRUTHS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

function parseBoolean(given: unknown): Parsed {
  if (typeof given === 'boolean') return { value: given };
  const word = typeof given === 'string' ? given.trim().toLowerCase() : '';
  return Object.hasOwn(TRUTHS, word) ? { value: TRUTHS[word] } : { problem: 'must be true or false' };
}

function parseUrl(given: unknown, limits: ParamLimits): Parsed {
  if (typeof given !== 'string' || !URL.canParse(given)) {
    return { problem: 'must be an absolute URL, e.g. https://example.org/data.json' };
  }
  const protocol = new URL(given).protocol.replace(/:$/, '');
  const { protocols } = limits;
  if (protocols && !protocols.some((allowed) => allowed.replace(/:$/, '') === protocol)) {
    return { problem: `must be a URL of ${protocols.join(' or ')}` };
  }
  return { value: given };
}

function parseJson(given: unknown, text: boolean): Parsed {
  if (!text || typeof given !== 'string') return { value: given };
  try {
    return { value: JSON.parse(given) as unknown };
  } catch (error) {
    return { problem: `must be JSON (${(error as Error).message})` };
  }
}

function parseText(given: unknown, limits: ParamLimits): Parsed {
  if (typeof given !== 'string') return { problem: 'must be text' };
  const { minLength, maxLength, pattern } = limits;
  if (minLength !== undefined && given.length < minLength)
    return { problem: `must have at least ${minLength} characters` };
  if (maxLength !== undefined && given.length > maxLength)
    return { problem: `must have at most ${maxLength} characters` };
  if (pattern && given.search(pattern) < 0) return { problem: `must match ${pattern}` };
  return { value: given };
}
