/**
 * What a piece of code does when it runs, as far as other code can notice: plain data in the order of evaluation.
 * Stored: the forms must not change.
 */

/** Kinds of objects that code makes by a literal or by `new`. `odd`: an object with accessors. */
export type Made =
  | 'array'
  | 'map'
  | 'set'
  | 'object'
  | 'odd'
  | 'class'
  | 'regexp'
  | 'date'
  | 'error'
  | 'promise'
  | 'other';

/** A value as it is known before code runs. `data`: a primitive. `any`: nothing is known. */
export type Val =
  | 'any'
  | 'data'
  | 'this'
  /** An object made by code of a frame; `parts` are the values that it holds. */
  | readonly ['new', frame: number, type: Made, parts: readonly Val[]]
  /** A function of a frame, by its index. */
  | readonly ['fn', frame: number, index: number]
  /** A name of the file's top scope, by the index of the reference. */
  | readonly ['top', ref: number]
  /** A parameter, or the result of a deed. */
  | readonly ['slot', id: number]
  /** A global or a member of one, such as `Object.keys`. */
  | readonly ['global', path: string]
  /** One of several. */
  | readonly ['either', values: readonly Val[]];

/** One thing that code does. The first number after the name is its slot where it has a result. */
export type Deed =
  /** Something of which nothing is known. */
  | readonly ['unknown', line: number, what: string]
  | readonly ['call', id: number, callee: Val, args: readonly Val[], used: 0 | 1, line: number, isNew: 0 | 1]
  | readonly ['method', id: number, on: Val, name: string, args: readonly Val[], used: 0 | 1, line: number]
  /** Reads a property; without a name any. */
  | readonly ['get', id: number, of: Val, name: string | null, line: number]
  /** Assigns or deletes a property; without a name any. `plain` if the value is a primitive. */
  | readonly ['set', of: Val, name: string | null, line: number, plain: 0 | 1]
  /** Assigns a name of the file's top scope, by the index of the reference. */
  | readonly ['assign', ref: number, line: number]
  /** Assigns a variable of an enclosing function. */
  | readonly ['outer', frame: number, line: number]
  /** Iterates, converts or awaits a value, which may run code of it. */
  | readonly ['see', of: Val, line: number]
  /** Runs what a decorator returned, if that is code. */
  | readonly ['replaced', by: Val, line: number];

/** The deeds of one function, or of code that runs at once. */
export interface Doing {
  /** Unique in the piece. */
  readonly frame: number;
  readonly deeds: readonly Deed[];
  /** Slots of the parameters, in order. */
  readonly params?: readonly number[];
  /** Slot of the rest parameter. */
  readonly rest?: number;
  readonly fns?: readonly Doing[];
  readonly returns?: Val;
  /** `this` is that of the enclosing code. */
  readonly arrow?: true;
  /** Functions made by it change variables or objects that it made: state that outlives a call. */
  readonly keeps?: true;
  /** Changes the object that it is a method of, or a container in it. */
  readonly changesThis?: true;
}

/**
 * Code that runs without a call in the source, by the operation that runs it: `get:name`, `set:name`, `get:*`,
 * `implicit` for iteration and conversion, `proxy` for operations on a proxy, `wild` for anything.
 */
export type Hidden = readonly [key: string, code: Doing];

/** What a piece does. Empty parts are left out. */
export interface Deeds {
  /** While its file is loaded. */
  readonly load?: Doing;
  /** When it is called; for a field, when an object is made. */
  readonly call?: Doing;
  /** The value that it declares, or the base class of a class header. */
  readonly value?: Val;
  readonly hidden?: readonly Hidden[];
  /** For a class header: what may run whenever the class is used, although no member has a name for it. */
  readonly use?: Doing;
}

/** Position of the line in each kind of deed. */
export const LINE_AT: Readonly<Record<Deed[0], number>> = {
  unknown: 1,
  call: 5,
  method: 6,
  get: 4,
  set: 3,
  assign: 2,
  outer: 2,
  see: 2,
  replaced: 2,
};
