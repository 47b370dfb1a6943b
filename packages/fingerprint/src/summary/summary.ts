/** What one file says about itself: plain data, without paths, so that it can be kept by the hash of the file. */

/** How code uses what a reference leads to. Bits, as several uses of one name are kept together. */
export const Use = {
  /** Reads it, or asks it something that changes nothing. */
  Read: 1,
  /** Calls or constructs it. */
  Call: 2,
  /** Calls a method of it that may change it. */
  Method: 4,
  /** Hands it on: returns it, stores it, binds it to another name. */
  Alias: 8,
  /** Passes it to a call. */
  Argument: 16,
  /** Assigns or deletes it, or a part of it. */
  Assign: 32,
  /** Assigns it only while it has no value yet, as a lazy singleton does. */
  Fill: 64,
  /** Calls the member that is written out: a method of a value, or a function of a namespace. */
  Own: 128,
} as const;

/** Uses that change what they are applied to. */
export const WRITES = Use.Method | Use.Assign | Use.Fill;

export interface Ref {
  /**
   * `name`: a name of the file's top scope. `dynamic`: `import()` or `require` of a literal. `this`, `super`,
   * `static`: a member looked up on the class. `private`: a `#name`. `installed`: a package found from the file. `jsx`:
   * what makes elements.
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
  /** `b` of `a.b`, where it is written out; names taken from a dynamic import, joined by commas. */
  readonly member?: string;
  /** Uses while the piece itself is evaluated. */
  readonly eager: number;
  /** Uses inside functions that it only defines. */
  readonly later: number;
  /** Uses in what it gives to the call that makes its value: now or later, as that call does with it. */
  readonly handed?: number;
  readonly line: number;
}

export interface Finding {
  readonly kind: string;
  readonly line: number;
  /** A name or a path that the message shows. */
  readonly detail?: string;
}

export interface Asset {
  readonly path: string;
  /** What the path is relative to. */
  readonly base: 'module' | 'project';
  readonly line: number;
}

/** Facts about a piece that are not references. Empty lists are left out. */
export interface Facts {
  readonly hazards?: readonly Finding[];
  readonly purity?: readonly Finding[];
  readonly env?: readonly string[];
  readonly assets?: readonly Asset[];
  /** Folders of which any file may be loaded, relative to the module. */
  readonly folders?: readonly string[];
  readonly envComputed?: boolean;
  readonly timeZone?: boolean;
  /** Any file of the project may matter. */
  readonly project?: boolean;
  /** The path of the file can be seen. */
  readonly place?: boolean;
  /** Changes a global or a built-in while it is evaluated. */
  readonly globalEager?: boolean;
  /** The same inside functions that it defines. */
  readonly globalLater?: boolean;
  /** The same inside functions that it gives to the call that makes its value. */
  readonly globalHanded?: boolean;
  /** Gives a global a value where it has none, while it is evaluated; and in functions that it defines. */
  readonly fillsEager?: boolean;
  readonly fillsLater?: boolean;
  readonly fillsHanded?: boolean;
  /** Asks for a global that files may have made. */
  readonly readsGlobal?: boolean;
  /** Calls, while it is evaluated, something that is not plainly a name of the top scope. */
  readonly callsUnknown?: boolean;
  readonly callsUnknownHanded?: boolean;
  /** What of `this` gets out of sight. */
  readonly escape?: 'fields' | 'members';
}

/** A piece of code with its own hash and what it refers to, in order. */
export interface Part {
  readonly own: string;
  readonly line: number;
  readonly refs: readonly Ref[];
  readonly facts: Facts;
}

export interface Member extends Part {
  /** Private names with `#`; `constructor` for the constructor. */
  readonly name: string;
  readonly kind: 'method' | 'field' | 'constructor';
  readonly static: boolean;
  /** What `@step` says about the method's result, when it is a step. */
  readonly options?: Part;
  /** A field whose value is made anew in every task: `#private`, `@transient`, decorated, or a function. */
  readonly remade: boolean;
}

export interface ClassShape {
  /** Base class when it is a plain name. */
  readonly base?: { readonly name: string; readonly member?: string };
  /** Has a base class that is not a plain name. */
  readonly opaqueBase: boolean;
  readonly header: Part;
  readonly members: readonly Member[];
}

/** One declaration or statement of the top scope. */
export interface Unit extends Part {
  /** For people: the first name it binds, or what kind of statement it is. */
  readonly label: string;
  readonly kind: 'function' | 'class' | 'constant' | 'container' | 'value' | 'statement';
  /** Names it binds, in order. */
  readonly binds: readonly string[];
  readonly shape?: ClassShape;
  /** For a function: positions of the parameters that a call of it only keeps for the function it returns. */
  readonly keeps?: readonly number[];
  /** For a value made by a call of a plain name: what is called, and at which positions it is given functions or names. */
  readonly handsTo?: { readonly name: string; readonly member?: string; readonly positions: readonly number[] };
}

export type ImportBinding = { readonly from: string; readonly name: string };

export type ExportEntry =
  | { readonly local: string }
  /** `name` is `*` for `export * as`. */
  | { readonly from: string; readonly name: string };

export interface FileSummary {
  /** Why the file is hashed as a whole, if it is. */
  readonly whole?: Finding;
  readonly units: readonly Unit[];
  /** `name` is `*` for a namespace. */
  readonly imports: Readonly<Record<string, ImportBinding>>;
  readonly exports: Readonly<Record<string, ExportEntry>>;
  readonly stars: readonly string[];
  /** Imported for what they do. */
  readonly bare: readonly string[];
}

/** What a file that is not understood says about itself. */
export function wholeFile(whole: Finding): FileSummary {
  return { whole, units: [], imports: {}, exports: {}, stars: [], bare: [] };
}
