import { portableName } from '../../shared/portable.ts';

/** Gives variables of a module by name. One throws while its module has not been evaluated so far. */
export type Getters = Readonly<Record<string, () => unknown>>;

/** The variables of the project's modules, by labels such as `config.ts#kept`. */
export class Variables {
  private readonly getters = new Map<string, () => unknown>();
  private readonly patterns = new Map<string, readonly string[]>();
  private declared: () => void = () => {};

  constructor(readonly root: string) {}

  /**
   * Call it when a module is evaluated. `path`: of its source, absolute. `patterns`: names that one pattern declares; its
   * label is one of them.
   */
  declare(path: string, getters: Getters, patterns: readonly (readonly string[])[]): void {
    const name = portableName(this.root, path);
    for (const [variable, get] of Object.entries(getters)) this.getters.set(`${name}#${variable}`, get);
    for (const names of patterns) {
      const labels = names.map((each) => `${name}#${each}`);
      for (const label of labels) this.patterns.set(label, labels);
    }
    this.declared();
  }

  /**
   * The variables that a label stands for: those that one pattern declares with it, all of a module for the name of its
   * file, and all that are known for `*`.
   */
  behind(label: string): readonly string[] {
    if (label === '*') return this.labels();
    if (!label.includes('#')) return this.labels().filter((each) => each.startsWith(`${label}#`));
    return this.patterns.get(label) ?? [label];
  }

  /** Calls `action` whenever a module has been evaluated. */
  onDeclare(action: () => void): void {
    this.declared = action;
  }

  has(label: string): boolean {
    return this.getters.has(label);
  }

  /** `undefined` for one that is not known, and for one of a module that has not been evaluated. */
  at(label: string): { readonly value: unknown } | undefined {
    const get = this.getters.get(label);
    try {
      return get && { value: get() };
    } catch {
      return undefined;
    }
  }

  /** The labels of all that are known. */
  labels(): readonly string[] {
    return [...this.getters.keys()];
  }
}
