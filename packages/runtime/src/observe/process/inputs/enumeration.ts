/**
 * Follows one enumeration of the variables. JavaScript asks for all names and then for one after the other, so reads that
 * come in this order belong to the enumeration, and all others name their variable.
 */
export class Enumeration {
  private keys: readonly string[] = [];
  private described = 0;
  private got = 0;
  private last: string | undefined;
  private by: object | undefined;
  private isIgnored = false;

  /** `by`: whom it belongs to. `isIgnored`: none of it counts. */
  begin(by: object, keys: readonly string[], isIgnored: boolean): void {
    this.by = by;
    this.keys = keys;
    this.isIgnored = isIgnored;
    this.described = 0;
    this.got = 0;
    this.last = undefined;
  }

  /** True when this look at a property is only part of the enumeration, which is counted as a whole. */
  describes(by: object, key: string): boolean {
    if (by !== this.by || this.keys[this.described] !== key) return false;
    this.described++;
    this.last = key;
    return true;
  }

  /** `copied` for a value that is read because all are, `ignored` when that does not count, else `named`. */
  reads(by: object, key: string): 'named' | 'copied' | 'ignored' {
    if (by !== this.by) return 'named';
    // Some ways describe all first and read them then, others take turns.
    const isNext = this.keys[this.got] === key;
    if (isNext) this.got++;
    const isCopied = isNext || this.last === key;
    this.last = undefined;
    return !isCopied ? 'named' : this.isIgnored ? 'ignored' : 'copied';
  }
}
