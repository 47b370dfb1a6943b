import { VarveError } from '../../contract/index.ts';
import { locateCallSite } from '../authoring/call-site.ts';
import { checkOutsideInputs } from '../authoring/outside-inputs.ts';
import { type StepMark, stepsByMethod, stepsByPrototype } from '../authoring/registry.ts';
import { type InputsOptions, LONGEST_TIMER_MS, parseDuration } from '../authoring/step-options.ts';
import {
  kindOf,
  type RetryDescription,
  SEES_BOTH,
  type StepDescription,
  seenArguments,
  type WhenDescription,
} from './description.ts';

const DEFAULT_BACKOFF_MS = 1000;
const DEFAULT_MAX_BACKOFF_MS = 10 * 60_000;
const DEFAULT_JITTER = 0.25;

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

/** Steps and methods of a class. `marks` are those that only the constructor reported. */
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

interface Member {
  readonly name: string;
  readonly method: (...values: never[]) => unknown;
  readonly mark: StepMark | undefined;
}

/** Methods by name; an overridden step stays a step, in its original position. */
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

function describeStep(name: string, mark: StepMark, method: Member['method']): StepDescription {
  const options = toPlain(mark.options) as Record<string, unknown>;
  const location = locateCallSite(mark.site);
  const kind = kindOf(options, options.after !== undefined);
  const described: Record<string, unknown> = { name, kind, options, arity: method.length };
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

/** Classes and functions by name, so that the description can be cloned. */
function toPlain(value: unknown): unknown {
  if (typeof value === 'function') return value.name;
  if (typeof value === 'symbol') return String(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPlain(member)]));
}

type Reader = (value: unknown) => unknown;

/** Reads the value of each option. Throws `VarveError` for an invalid one. */
export const OPTION_READERS: Readonly<Record<string, Reader>> = {
  after: readAfter,
  foreach: readName,
  join: readName,
  catch: readName,
  when: readWhen,
  retry: readRetry,
  timeout: readTimeout,
  cache: readCache,
  effect: readEffect,
  concurrency: (value) => readCount(value, 1, 'a whole number of at least 1'),
  rate: readRate,
  runner: readName,
  inputs: readInputs,
};

/** The value of an option; `undefined` when it is absent or invalid. */
function readOption<T>(options: Readonly<Record<string, unknown>>, name: string): T | undefined {
  const value = options[name];
  const read = OPTION_READERS[name];
  if (value === undefined || !read) return undefined;
  try {
    return read(value) as T;
  } catch (error) {
    if (VarveError.is(error)) return undefined;
    throw error;
  }
}

function refuse(value: unknown, wanted: string): never {
  const shown = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
  throw new VarveError('VARVE_STEP_OPTION', `is ${shown}`, { hint: `Write ${wanted}.` });
}

function readName(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : refuse(value, 'a name as a text');
}

function readAfter(value: unknown): readonly string[] {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  const fine = names.every((n): n is string => typeof n === 'string' && n !== '');
  return fine ? names : refuse(value, "the name of a step, or several: ['left', 'right']");
}

function readCount(value: unknown, least: number, wanted: string): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : refuse(value, wanted);
}

function readOneOf(value: unknown, choices: readonly string[]): string {
  return typeof value === 'string' && choices.includes(value)
    ? value
    : refuse(value, choices.map((c) => `'${c}'`).join(' or '));
}

function readRecord(value: unknown, names: readonly string[], wanted: string): Record<string, unknown> {
  const fine = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!fine || Object.keys(value).some((key) => !names.includes(key))) refuse(value, wanted);
  return value as Record<string, unknown>;
}

function readWhen(value: unknown): WhenDescription {
  if (typeof value === 'string' && value !== '') return { artifact: value };
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const [entry] = entries;
  if (!entry || entries.length > 1)
    refuse(value, "one artifact: 'flag', or { kind: 'big' }, or { kind: ['big', 'huge'] }");
  const values: unknown[] = Array.isArray(entry[1]) ? entry[1] : [entry[1]];
  const plain = values.every((v) => v === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof v));
  if (!plain || values.length === 0) refuse(value, 'texts, numbers, booleans or null to compare with');
  const text = values
    .map((v) => (typeof v === 'bigint' ? `${v}n` : typeof v === 'string' ? `'${v}'` : String(v)))
    .join(' or ');
  return { artifact: entry[0], values: values as NonNullable<WhenDescription['values']>, text };
}

function readRetry(value: unknown): RetryDescription {
  const wanted = "a number of further attempts, or { times: 3, backoff: '10s', maxBackoff: '5m', on: 'TimeoutError' }";
  const names = ['times', 'backoff', 'maxBackoff', 'jitter', 'on'];
  const { times, backoff, maxBackoff, jitter, on } = readRecord(
    typeof value === 'number' ? { times: value } : value,
    names,
    wanted,
  );
  return {
    times: readCount(times, 0, wanted),
    backoffMs: backoff === undefined ? DEFAULT_BACKOFF_MS : parseDuration(backoff),
    maxBackoffMs: maxBackoff === undefined ? DEFAULT_MAX_BACKOFF_MS : readTimeout(maxBackoff),
    jitter: jitter === undefined ? DEFAULT_JITTER : readShare(jitter),
    ...(on !== undefined && { on: readAfter(on) }),
  };
}

function readShare(value: unknown): number {
  return typeof value === 'number' && value >= 0 && value <= 1 ? value : refuse(value, 'a jitter from 0 to 1');
}

/** A span that a timer can wait for. */
function readTimeout(value: unknown): number {
  const ms = parseDuration(value);
  return ms > 0 && ms <= LONGEST_TIMER_MS ? ms : refuse(value, "more than 0 and at most 24 days, e.g. '5m'");
}

function readCache(value: unknown): NonNullable<StepDescription['cache']> | false {
  if (value === false) return false;
  const { version, ttl, scope } = readRecord(value, ['version', 'ttl', 'scope'], "false, or { version: 2, ttl: '1d' }");
  if (version !== undefined && typeof version !== 'string' && !Number.isFinite(version))
    refuse(value, 'the version as a text or a finite number');
  return {
    ...(version !== undefined && { version: String(version) }),
    ...(ttl !== undefined && { ttlMs: parseDuration(ttl) }),
    ...(scope !== undefined && { scope: readOneOf(scope, ['run', 'flow', 'store']) as 'run' | 'flow' | 'store' }),
  };
}

function readEffect(value: unknown): NonNullable<StepDescription['effect']> {
  if (value === true) return {};
  const { key } = readRecord(value, ['key'], "true, or { key: 'invoice-2024-05' }");
  return key === undefined ? {} : { key: readName(key) };
}

function readInputs(value: unknown): InputsOptions {
  if (typeof value === 'string') return { artifacts: readAccess(value) };
  const { artifacts, ...rest } = readRecord(value, ['artifacts', ...Object.keys(value ?? {})], INPUTS);
  const findings = checkOutsideInputs(rest, ['artifacts']).map(([message, hint]) => ({
    code: 'VARVE_STEP_OPTION',
    message,
    hint,
  }));
  if (findings.length > 0) throw new VarveError('VARVE_STEP_OPTION', 'holds what no step can use', { findings });
  return { ...(rest as InputsOptions), ...(artifacts !== undefined && { artifacts: readAccess(artifacts) }) };
}

const INPUTS = "'frozen', 'mutable', or { files: { exclude: ['logs/**'] } }";

function readAccess(value: unknown): 'frozen' | 'mutable' {
  return readOneOf(value, ['frozen', 'mutable']) as 'frozen' | 'mutable';
}

function readRate(value: unknown): NonNullable<StepDescription['rate']> {
  const [, count, unit = ''] = /^(\d+)\/([smh])$/.exec(typeof value === 'string' ? value : '') ?? [];
  const perMs = { s: 1000, m: 60_000, h: 3_600_000 }[unit];
  return perMs !== undefined && Number(count) > 0
    ? { count: Number(count), perMs }
    : refuse(value, "a rate: '10/s', '600/m', '100/h'");
}
