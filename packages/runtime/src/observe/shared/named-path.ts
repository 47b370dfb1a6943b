/**
 * The part that a path may play in a command: `program` is what it starts, `name` most likely a file, also when none is there, `list`
 * the same with more arguments in it, `output` a file that a shell writes, `pattern` several files of a folder, `part`
 * anything that was found in a word.
 */
export type Meaning = 'program' | 'name' | 'list' | 'output' | 'pattern' | 'part';

/** A path in a command. */
export interface NamedPath {
  /** Absolute. */
  readonly path: string;
  readonly meaning: Meaning;
  /** True when the same command means another path in another folder. */
  readonly isRelative: boolean;
}
