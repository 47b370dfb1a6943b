import type { Deeds } from './doing/doing.ts';

/**
 * The summary of one file: plain data without paths, cached by the hash of its text. Stored: field names must not
 * change.
 */

/** Uses of a reference's target, as bits: one reference may have several. */
export const Use = {
  /** Reads it, or calls a method that changes nothing. */
  Read: 1,
  /** Calls or constructs it. */
  Call: 2,
  /** Calls a method of it that may change it. */
  Method: 4,
  /** Passes it on: returns it, stores it, binds it to another name. */
  Alias: 8,
  /** Passes it to a call. */
  Argument: 16,
  /** Assigns or deletes it, or a part of it. */
  Assign: 32,
  /** Assigns it only while it has no value yet, as a lazy singleton does. */
  Fill: 64,
  /** Calls the named member: a method of a value, or a function of a namespace. */
  Own: 128,
  /** Assigns a part of it only while that has no value yet. */
  FillPart: 256,
  /** What it is filled with depends on what the function that fills it was called with. */
  Given: 512,
} as const;

/** A reference from a piece to a name, a member or a module. */
export interface Ref {
  /**
   * `name`: a name of the file's top scope. `dynamic`: `import()` or `require` of a literal. `this`, `super`,
   * `static`: a member looked up on the class. `private`: a `#name`. `installed`: a package looked up at run time.
   * `jsx`: the function that makes elements.
   */
  readonly kind:
    | 'name'
    | 'dynamic'
    | 'require'
    | 'installed'
    | 'jsx'
    | 'this'
    | 'super'
    | 'static'
    | 'static-super'
    | 'private';
  readonly name: string;
  /** `b` of `a.b`, unless computed; for a dynamic import the names taken from it, joined by commas. */
  readonly member?: string;
  /** Uses while the piece is evaluated. */
  readonly eager: number;
  /** Uses inside functions that the piece only defines. */
  readonly later: number;
  readonly line: number;
}

/** Something in the code worth a hazard or a purity finding. */
export interface Finding {
  readonly kind: string;
  readonly line: number;
  /** A name or path for the message. */
  readonly detail?: string;
}

/** Facts about a piece besides its references. Empty lists are left out. */
export interface Facts {
  readonly hazards?: readonly Finding[];
  readonly purity?: readonly Finding[];
  /** Names of the top scope that are assigned, but for parts of their values. */
  readonly assigns?: readonly string[];
  /** Any file of the project may matter. */
  readonly project?: boolean;
  /** The code can read the path of its file. */
  readonly place?: boolean;
  /** Members that code elsewhere may reach because `this` escapes. */
  readonly escape?: 'fields' | 'members';
}

/** A piece of code with its own hash and its references, in order. */
export interface Part extends Deeds {
  readonly own: string;
  readonly line: number;
  readonly refs: readonly Ref[];
  readonly facts: Facts;
}

/** A member of a top-level class. */
export interface Member extends Part {
  /** Private names with `#`; `constructor` for the constructor. */
  readonly name: string;
  readonly kind: 'method' | 'field' | 'constructor';
  readonly static: boolean;
  /** The options of `@step` that affect the result, if the method is a step. */
  readonly options?: Part;
  /** A field made anew in every task: `#private`, `@transient`, decorated, or a function. */
  readonly remade: boolean;
}

/** A top-level class in parts. */
export interface ClassShape {
  /** Base class, if it is a plain name. */
  readonly base?: { readonly name: string; readonly member?: string };
  /** True if there is a base class that is not a plain name. */
  readonly opaqueBase: boolean;
  readonly header: Part;
  readonly members: readonly Member[];
}

/** One top-level declaration or statement. */
export interface Unit extends Part {
  /** For messages: the first name it binds, or the kind of statement. */
  readonly label: string;
  readonly kind: 'function' | 'class' | 'constant' | 'container' | 'value' | 'statement';
  /** Names it binds, in order. */
  readonly binds: readonly string[];
  readonly shape?: ClassShape;
}

/** Source of an imported name; `name` is `*` for a namespace. */
export type ImportBinding = { readonly from: string; readonly name: string };

/** Source of an exported name: a local name or a re-export. */
export type ExportEntry =
  | { readonly local: string }
  /** `name` is `*` for `export * as`. */
  | { readonly from: string; readonly name: string };

/** Units, imports and exports of one file. */
export interface FileSummary {
  /** The reason why the file is hashed whole, if it is. */
  readonly whole?: Finding;
  readonly units: readonly Unit[];
  readonly imports: Readonly<Record<string, ImportBinding>>;
  readonly exports: Readonly<Record<string, ExportEntry>>;
  /** Specifiers of `export *`. */
  readonly stars: readonly string[];
  /** Specifiers imported only for their side effects. */
  readonly bare: readonly string[];
}

/** Summary of a file that is hashed whole. */
export function wholeFile(whole: Finding): FileSummary {
  return { whole, units: [], imports: {}, exports: {}, stars: [], bare: [] };
}
