import type { AmbientInputs } from '@varve/core/internal';
import { findAsker } from '../../asking/asker.ts';
import { tokenOf } from '../../shared/tokens.ts';
import { namesFor, settings } from '../settings.ts';
import { allNamesOf } from './all-names.ts';
import type { NameRules } from './variable-names.ts';
import type { Variables } from './variables.ts';

/** Windows knows names in any case. */
export const nameOf = process.platform === 'win32' ? (key: string) => key.toUpperCase() : (key: string) => key;

/** The token of all names: those that differ between machines without meaning are no part of it. */
export function namesToken(names: readonly string[], rules: NameRules): string {
  const counted = names.map(nameOf).filter((name) => !rules.isQuiet(name) && !rules.isExcluded(name));
  return tokenOf(JSON.stringify(counted.sort()));
}

/** A look at one variable. */
export interface VariableLook {
  readonly key: string;
  /** Function of the Proxy that was called. */
  readonly callee: (...values: never[]) => unknown;
  /** Read only because all were: nobody has named it. */
  readonly isCopied?: boolean;
}

/** Names of reads, by variable: made once, because they are looked up far more often. */
const reads = new Map<string, string>();

function readOf(name: string): string {
  let read = reads.get(name);
  if (read === undefined) {
    read = `@env ${name}`;
    reads.set(name, read);
  }
  return read;
}

/** Notes what code of a flow reads of the environment, and leaves out what it has set itself. */
export class VariableReads {
  /** Names that were looked at without counting. */
  private readonly uncounted = new WeakMap<AmbientInputs, Set<string>>();

  constructor(private readonly variables: Variables) {}

  note(inputs: AmbientInputs, { key, callee, isCopied = false }: VariableLook): void {
    const name = nameOf(key);
    if (inputs.has(readOf(name)) || this.variables.isOwn(name, inputs)) return;
    const { options } = settings();
    const names = namesFor(inputs);
    if (names.isExcluded(name)) return;
    if (names.isQuiet(name) && (isCopied || !isByUser(callee, options))) {
      this.uncountedOf(inputs).add(name);
      return;
    }
    this.add(inputs, name, this.variables.outer(key));
  }

  /**
   * Notes the value before a change whose making may have depended on it: a package like dotenv sets only what is not set,
   * and what it sets is no input afterwards.
   */
  noteBeforeChange(inputs: AmbientInputs, name: string, value: string | undefined): void {
    if (!this.uncounted.get(inputs)?.has(nameOf(name))) return;
    this.noteValue(inputs, name, value);
  }

  /** Notes a variable whoever has looked. */
  noteValue(inputs: AmbientInputs, key: string, value: string | undefined): void {
    const name = nameOf(key);
    if (inputs.has(readOf(name)) || this.variables.isOwn(name, inputs)) return;
    if (!namesFor(inputs).isExcluded(name)) this.add(inputs, name, value);
  }

  /** Notes a variable that a text for another program names: whoever starts that has asked for it. */
  noteNamed(inputs: AmbientInputs, key: string): void {
    this.noteValue(inputs, key, this.variables.outer(key));
  }

  /** Returns false for an enumeration that does not count: Node's own, to hand the variables to another process. */
  noteNames(inputs: AmbientInputs, callee: (...values: never[]) => unknown): boolean {
    const asker = findAsker(callee, settings().options);
    if (asker.through.length > 0 || asker.kind === 'varve') return false;
    this.addNames(inputs);
    return true;
  }

  /** Notes all names, and the values of those that count. */
  noteAll(inputs: AmbientInputs): void {
    this.addNames(inputs);
    const names = namesFor(inputs);
    for (const key of this.variables.names(inputs)) {
      if (!names.isQuiet(nameOf(key))) this.noteValue(inputs, key, this.variables.outer(key));
    }
  }

  private add(inputs: AmbientInputs, name: string, value: string | undefined): void {
    this.variables.see(inputs);
    inputs.read(readOf(name), tokenOf(value));
  }

  private addNames(inputs: AmbientInputs): void {
    this.variables.see(inputs);
    const read = `@env ${allNamesOf(inputs.counts?.env)}`;
    if (!inputs.has(read)) inputs.read(read, namesToken(this.variables.foreignNames(), namesFor(inputs)));
  }

  private uncountedOf(inputs: AmbientInputs): Set<string> {
    let names = this.uncounted.get(inputs);
    if (!names) {
      names = new Set();
      this.uncounted.set(inputs, names);
    }
    return names;
  }
}

/** False for what Node reads itself on somebody's behalf, e.g. to decide about colours. */
function isByUser(callee: VariableLook['callee'], options: Parameters<typeof findAsker>[1]): boolean {
  const asker = findAsker(callee, options);
  return asker.kind === 'user' && asker.through.length === 0;
}
