import {
  type ContextField,
  isAmbientRead,
  parseRead,
  type Read,
  type Reference,
  type References,
  type TaskSpec,
  type ViewSpec,
} from '../contract/index.ts';
import { namesInView, referenceInView } from '../store/index.ts';
import { framedDigest } from './framing.ts';

/** Returns one token for a read. Tokens are equal when the values that the task would read are equal. */
export type Observe = (read: string) => string;

/** Tokens of ambient reads, by read. One that could not be looked at has none. */
export type Tokens = ReadonlyMap<string, string>;

/** Token of an ambient read that cannot be looked at: equal to no other. */
export const UNKNOWN = '?';

/** Token of an absent name. */
export const ABSENT = '-';

/**
 * Observes the inputs of a task. `element`: digest of the value of its foreach element; `ambient`: what is there outside of
 * the run. Throws for an unknown read, as in the record of another version.
 */
export function observer(spec: TaskSpec, element: string | undefined, ambient: Tokens): Observe {
  return (read) => tokenOf({ spec, element, ambient }, read);
}

const parsed = new Map<string, Read>();
const PARSED_MAX = 10_000;

/** Cached, because all tasks of a step read the same few names. */
function parseCached(text: string): Read {
  const known = parsed.get(text);
  if (known) return known;
  const read = parseRead(text);
  if (!read) throw new TypeError(`'${text}' is no read`);
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(text, read);
  return read;
}

interface Observed {
  readonly spec: TaskSpec;
  readonly element: string | undefined;
  readonly ambient: Tokens;
}

function tokenOf({ spec, element, ambient }: Observed, text: string): string {
  if (isAmbientRead(text)) return ambient.get(text) ?? UNKNOWN;
  const read = parseCached(text);
  switch (read.kind) {
    case 'own':
      return ownToken(spec, read.name);
    case 'own-names':
      // Names on which branches differ are not enumerated by a step.
      return namesToken(Object.keys(spec.inputs));
    case 'task':
      return taskToken(spec.tasks ?? [], read.index, (view) => viewToken(view, read.name));
    case 'task-names':
      return taskToken(spec.tasks ?? [], read.index, (view) => namesToken(namesInView(view)));
    case 'branch':
      return branchToken(spec, read.branch, (view) => viewToken(view, read.name));
    case 'branch-names':
      return branchToken(spec, read.branch, (view) => namesToken(namesInView(view)));
    case 'context':
      return contextToken(spec, element, read.field);
    default:
      return UNKNOWN;
  }
}

function ownToken({ inputs, conflicts }: TaskSpec, name: string): string {
  const branches = conflicts && Object.hasOwn(conflicts, name) ? conflicts[name] : undefined;
  if (branches) return `! ${JSON.stringify(branches)}`;
  return Object.hasOwn(inputs, name) ? valueToken(inputs[name]) : ABSENT;
}

function valueToken(reference: Reference | undefined): string {
  return reference ? `${reference.codec} ${reference.digest}` : ABSENT;
}

/** In the order in which they are enumerated. */
function namesToken(names: readonly string[]): string {
  return `names ${framedDigest('names/1', names)}`;
}

function taskToken(views: readonly ViewSpec[], index: number | '*', of: (view: ViewSpec) => string): string {
  if (index === '*') return `all ${framedDigest('tokens/1', views.map(of))}`;
  const view = views[index];
  return view ? of(view) : ABSENT;
}

function branchToken({ branches }: TaskSpec, name: string, of: (view: ViewSpec) => string): string {
  const view = branches && Object.hasOwn(branches, name) ? branches[name] : undefined;
  return view ? of(view) : ABSENT;
}

function viewToken(view: ViewSpec, name: string): string {
  return valueToken(referenceInView(view, name));
}

function contextToken(spec: TaskSpec, element: string | undefined, field: ContextField): string {
  if (field === 'element') return element === undefined ? ABSENT : `element ${element}`;
  if (field === 'branches') {
    const branches = Object.entries(spec.branches ?? {}).map(([name, view]) => [name, view !== null] as const);
    return `is ${JSON.stringify(branches)}`;
  }
  return `is ${JSON.stringify(contextValue(spec, field) ?? null)}`;
}

function contextValue(
  spec: TaskSpec,
  field: Exclude<ContextField, 'element' | 'branches'>,
): string | number | undefined {
  const innermost = spec.elements.at(-1);
  switch (field) {
    case 'index':
      return innermost?.index;
    case 'label':
      return innermost?.label;
    case 'length':
      return spec.tasks?.length;
    case 'seed':
      return spec.seed;
    case 'run.id':
      return spec.runId;
    case 'run.number':
      return spec.runNumber;
    case 'run.flow':
      return spec.flow;
    case 'run.task':
      return spec.task;
    case 'run.attempt':
      return spec.attempt;
    default:
      return spec.origin;
  }
}

/**
 * Digest of all artifacts that a task could read: two tasks of a step with the same digest do the same, unless they read
 * their place in the run. Used as long as the reads of the step are unknown. `seesIndex`: the step takes its index as an
 * argument.
 */
export function inputsDigest(key: string, spec: TaskSpec, element: string | undefined, seesIndex: boolean): string {
  const { inputs, conflicts, tasks, branches } = spec;
  return framedDigest('visible/1', [
    key,
    setDigest(inputs),
    conflicts ? JSON.stringify(conflicts) : null,
    element ?? null,
    seesIndex && spec.isForeach ? (spec.elements.at(-1)?.index ?? null) : null,
    tasks ? tasks.map(viewDigest) : null,
    branches ? Object.entries(branches).map(([name, view]) => [name, view && viewDigest(view)]) : null,
  ]);
}

function viewDigest({ base, own, deleted }: ViewSpec): string {
  return framedDigest('view/1', [setDigest(base), setDigest(own), [...(deleted ?? [])]]);
}

const setDigests = new WeakMap<References, string>();

/** All tasks of a foreach share one set of artifacts: it is hashed once. */
function setDigest(references: References): string {
  const known = setDigests.get(references);
  if (known !== undefined) return known;
  const tokens = Object.entries(references).map(([name, reference]) => [name, valueToken(reference)]);
  const digest = framedDigest('artifacts/1', tokens);
  setDigests.set(references, digest);
  return digest;
}

/** The reads of a task, with a token for the value of each. */
export interface ObservedReads {
  /** As `formatRead` writes them, sorted. */
  readonly reads: readonly string[];
  /** One a read. */
  readonly tokens: readonly string[];
}

/** The complete key of a task's result: its step's key and its reads. Hex. The two phases are those of BuildXL. */
export function taskKey(step: string, { reads, tokens }: ObservedReads): string {
  return framedDigest('task-key/1', [step, reads, tokens]);
}

const NONE: readonly (readonly [string, string])[] = [];

/** The reads outside of the run, each with its token. Most tasks have none. */
export function ambientReads({ reads, tokens }: ObservedReads): readonly (readonly [read: string, token: string])[] {
  if (!reads.some(isAmbientRead)) return NONE;
  return reads.flatMap((read, i) => (isAmbientRead(read) ? [[read, tokens[i] ?? UNKNOWN] as const] : []));
}

/** The reads of the run alone. */
export function runReads(observed: ObservedReads): ObservedReads {
  const { reads, tokens } = observed;
  if (!reads.some(isAmbientRead)) return observed;
  return {
    reads: reads.filter((read) => !isAmbientRead(read)),
    tokens: tokens.filter((_, i) => !isAmbientRead(reads[i] ?? '')),
  };
}

/** Reads of the run and outside of it as one, in the order of their names. */
export function withAmbient(observed: ObservedReads, ambient: Tokens): ObservedReads {
  if (ambient.size === 0) return observed;
  const all = [...observed.reads.map((read, i) => [read, observed.tokens[i] ?? UNKNOWN] as const), ...ambient];
  all.sort(([a], [b]) => (a < b ? -1 : 1));
  return { reads: all.map(([read]) => read), tokens: all.map(([, token]) => token) };
}

/** Names of reads, sorted, without the mark of absence. */
export function readNames(reads: readonly string[]): string[] {
  return [...new Set(reads.map((read) => (read.startsWith('!') ? read.slice(1) : read)))].sort();
}

/** The inverse of `readNames`: reads as the task reported them, absent ones marked. */
export function readsOf({ reads, tokens }: ObservedReads): string[] {
  return reads.map((read, i) => (tokens[i] === ABSENT && !read.startsWith('@') ? `!${read}` : read)).sort();
}

/** Observes each of the names. */
export function observeReads(observe: Observe, names: readonly string[]): ObservedReads {
  return { reads: names, tokens: names.map(observe) };
}
