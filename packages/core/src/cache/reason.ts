import { type AmbientKind, type ContextField, parseRead, type Read } from '../contract/index.ts';
import type { CacheEntry } from './entry.ts';
import type { StepComponents } from './step-key.ts';
import type { Observe } from './task-key.ts';

/** Reason of a cache miss, in one word. A closed set: tools may rely on it. */
export type ReasonCode =
  | 'NO_RECORD'
  | 'CODE'
  | 'PACKAGE'
  | 'ASSET'
  | 'ENV'
  | 'RUNTIME'
  | 'OPTION'
  | 'READ'
  | 'OUTPUT'
  | 'EXPIRED'
  | 'INVALIDATED'
  | 'FORCED'
  | 'DISABLED'
  | 'IMPURE'
  | 'CORRUPT'
  | 'BLOB_MISSING'
  | 'UNAVAILABLE'
  | 'LEASE_TIMEOUT';

export interface Reason {
  readonly code: ReasonCode;
  /** The particulars, in one line: `normalize in lib/math.ts changed`. */
  readonly text: string;
}

/** Formats a reason for the journal. */
export function formatReason({ code, text }: Reason): string {
  return `${code} ${text}`;
}

/** Splits a stored reason into its two parts. */
export function parseReason(stored: string): { readonly code: string; readonly text: string } {
  const at = stored.indexOf(' ');
  return at < 0 ? { code: stored, text: '' } : { code: stored.slice(0, at), text: stored.slice(at + 1) };
}

/** Reason of a miss in which code and environment match, but the task would read other values than the nearest result. */
export function readReason(nearest: CacheEntry, observe: Observe): Reason {
  const changed = nearest.reads.filter((read, i) => observe(read) !== nearest.tokens[i]);
  const [first] = changed;
  if (first === undefined) return { code: 'NO_RECORD', text: 'it is to read other artifacts than before' };
  const others = changed.length > 1 ? ` and ${changed.length - 1} more` : '';
  return {
    code: readCode(first),
    text: `${describeRead(first)}${others} ${isOutput(first) ? NOT_AS_LEFT : 'changed'}`,
  };
}

const NOT_AS_LEFT = 'is not as this step left it';

function isOutput(read: string): boolean {
  return read.startsWith('@wrote ');
}

const AMBIENT_CODES: Readonly<Partial<Record<AmbientKind, ReasonCode>>> = {
  env: 'ENV',
  tz: 'RUNTIME',
  locale: 'RUNTIME',
  os: 'RUNTIME',
  package: 'PACKAGE',
  wrote: 'OUTPUT',
};

function readCode(text: string): ReasonCode {
  const read = parseRead(text);
  return (read?.kind === 'ambient' && AMBIENT_CODES[read.what]) || 'READ';
}

function describeRead(text: string): string {
  const read = parseRead(text);
  if (!read) return text;
  switch (read.kind) {
    case 'own':
      return read.name;
    case 'own-names':
      return 'the set of its artifacts';
    case 'task':
      return read.index === '*' ? `${read.name} of the tasks it joins` : `${read.name} of task ${read.index}`;
    case 'task-names':
      return 'the set of artifacts of the tasks it joins';
    case 'branch':
      return `${read.name} of ${read.branch}`;
    case 'branch-names':
      return `the set of artifacts of ${read.branch}`;
    case 'ambient':
      return describeAmbient(read);
    default:
      return describeContext(read.field);
  }
}

const OS_FACTS: Readonly<Record<string, string>> = {
  cwd: 'the working directory',
  conditions: 'the conditions that Node was given',
};

const AMBIENT_SENTENCES: Readonly<Partial<Record<AmbientKind, (name: string) => string>>> = {
  env: (name) => (/^\*( |$)/.test(name) ? 'the set of variables of the environment' : `the variable ${name}`),
  dir: (name) => `the list of files in ${name}`,
  kinds: (name) => `the list of files in ${name}`,
  tree: (name) => `the list of files below ${name}`,
  tz: () => 'the time zone',
  locale: () => 'the locale',
  os: (name) => OS_FACTS[name] ?? `the ${name} of this machine`,
  package: (name) => `the package ${name}`,
  call: (name) => `the result of ${name}`,
};

/** A file is named by its path alone, as an artifact by its name. */
function describeAmbient({ what, name }: Read & { readonly kind: 'ambient' }): string {
  return AMBIENT_SENTENCES[what]?.(name) ?? name;
}

function describeContext(field: ContextField): string {
  if (field === 'element') return 'its element';
  if (field === 'seed') return 'the elements around it, which this.random() depends on,';
  if (field === 'length') return 'the number of tasks it joins';
  return field.startsWith('run.') ? `this.${field}, which it reads,` : `its ${field}`;
}

/** Suffix of the piece of code that holds a step's options. Options known by name are reported instead. */
const OPTIONS = ' @step';

interface Difference {
  readonly code: ReasonCode;
  readonly names: readonly string[];
  say(names: string): string;
}

/** The first difference between the components of two keys of a step; `undefined` when they are equal. */
export function componentsReason(before: StepComponents, now: StepComponents): Reason | undefined {
  const upgrade = upgradeOf(before.runtime, now.runtime);
  if (upgrade !== undefined) return { code: 'RUNTIME', text: upgrade };
  const pieces = changedNames(before.pieces, now.pieces);
  const isOptions = (name: string) => name.endsWith(OPTIONS);
  const differences: Difference[] = [
    {
      code: 'CODE',
      // Results of earlier versions do not tell their options.
      names: before.compiler && now.compiler ? changedNames(before.compiler, now.compiler) : [],
      say: (names) => `the option ${names} in tsconfig.json changed`,
    },
    {
      code: 'CODE',
      names: codeChanges(
        before.pieces,
        now.pieces,
        pieces.filter((name) => !isOptions(name)),
      ),
      say: (names) => names,
    },
    { code: 'PACKAGE', names: packageChanges(before.packages, now.packages), say: (names) => names },
    { code: 'ASSET', names: changedNames(before.assets, now.assets), say: (names) => `${names} changed` },
    ...loadDifferences(before.load, now.load),
    { code: 'OPTION', names: changedNames(before.options, now.options), say: (names) => `the option ${names} changed` },
    {
      code: 'OPTION',
      names: pieces.filter(isOptions).map(describePiece),
      say: (names) => `${names} changed`,
    },
    {
      code: 'RUNTIME',
      names: changedNames(before.runtime, now.runtime).map(describeRuntime),
      say: (names) => `${names} changed`,
    },
  ];
  const found = differences.find(({ names }) => names.length > 0);
  if (found) return { code: found.code, text: found.say(listNames(found.names)) };
  if (before.code !== now.code) return { code: 'CODE', text: 'the order or the connections of its code changed' };
  if (before.scope !== now.scope) return { code: 'OPTION', text: 'the option cache.scope changed' };
  return undefined;
}

/** Hashes that were made in different ways cannot be compared: that a piece differs says nothing of an edit then. */
function upgradeOf(before: Names, now: Names): string | undefined {
  if (before.protocol !== now.protocol) return 'another version of varve made the earlier result';
  if (before.fingerprinter !== now.fingerprinter) return 'another version of the fingerprinter hashed its code';
  return undefined;
}

/** Pieces of code that changed, with what is told of each. One that only moved to another file is told as that. */
function codeChanges(before: Names, now: Names, names: readonly string[]): string[] {
  const changed = names.filter((name) => Object.hasOwn(before, name) && Object.hasOwn(now, name));
  if (changed.length > 0) return [`${listNames(changed.map(describePiece))} changed`];
  const added = names.filter((name) => !Object.hasOwn(before, name));
  const gone = names.filter((name) => !Object.hasOwn(now, name));
  const moved = added.flatMap((name) => {
    const from = gone.find((other) => symbolOf(other) === symbolOf(name));
    return from === undefined
      ? []
      : [`${symbolOf(name)} comes from ${fileOf(name)} and no longer from ${fileOf(from)}`];
  });
  if (moved.length > 0) return moved.slice(0, 1);
  if (added.length > 0) return [`it reaches ${listNames(added.map(describePiece))}`];
  return gone.length > 0 ? [`it no longer reaches ${listNames(gone.map(describePiece))}`] : [];
}

function symbolOf(label: string): string {
  return label.slice(label.indexOf('#') + 1);
}

function fileOf(label: string): string {
  return label.slice(0, Math.max(0, label.indexOf('#')));
}

function describeRuntime(name: string): string {
  return name === 'classes' ? 'the code of the classes that the config registers' : name;
}

/** What was read while the flow was loaded: the kinds that changed, one after the other. */
function loadDifferences(before: Names, now: Names): Difference[] {
  return changedNames(before, now).map((read) => ({
    code: readCode(read),
    names: [describeRead(read)],
    say: (names) => `${names}, read while the flow is loaded, changed`,
  }));
}

/** `lib/math.ts#normalize` -> `normalize in lib/math.ts`. */
export function describePiece(label: string): string {
  const at = label.indexOf('#');
  if (at < 0) return label;
  const name = label.slice(at + 1);
  const isOptions = name.endsWith(OPTIONS);
  return `${isOptions ? `the options of ${name.slice(0, -OPTIONS.length)}` : name} in ${label.slice(0, at)}`;
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 2).join(', ');
  return names.length > 2 ? `${shown} and ${names.length - 2} more` : shown;
}

type Names = Readonly<Record<string, string | null>>;

/** Changed names first, then added, then removed ones. */
function changedNames(before: Names, now: Names): string[] {
  const names = Object.keys(now);
  return [
    ...names.filter((name) => Object.hasOwn(before, name) && before[name] !== now[name]),
    ...names.filter((name) => !Object.hasOwn(before, name)),
    ...Object.keys(before).filter((name) => !Object.hasOwn(now, name)),
  ];
}

/** `zod 4.1.0 -> 4.1.2`. */
function packageChanges(before: Names, now: Names): string[] {
  return changedNames(before, now).flatMap((id) => {
    const [name, version] = splitId(id);
    const other = Object.keys(before).find((one) => splitId(one)[0] === name && !Object.hasOwn(now, one));
    if (!Object.hasOwn(now, id))
      return Object.keys(now).some((one) => splitId(one)[0] === name) ? [] : [`${name} is gone`];
    if (Object.hasOwn(before, id)) return [`${name} ${version} has other content`];
    return other === undefined ? [`${name} ${version} is new`] : [`${name} ${splitId(other)[1]} -> ${version}`];
  });
}

function splitId(id: string): [string, string] {
  const at = id.lastIndexOf('@');
  return [id.slice(0, at), id.slice(at + 1)];
}
