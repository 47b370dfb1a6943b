/** Code of the flow that runs without a call in the source, and is not proven to change nothing. */
export class HiddenCode {
  readonly #keys = new Set<string>();

  /** Returns true if the key is new. */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    return true;
  }

  /** True if reading that property, or any, may run it. */
  onGet(name: string | null): boolean {
    return this.#on('get', name);
  }

  onSet(name: string | null): boolean {
    return this.#on('set', name);
  }

  /** True if iteration, conversion or waiting may run it. */
  onUse(): boolean {
    return this.#keys.has('wild') || this.#keys.has('implicit');
  }

  /** True if any operation on an object that is not known may run it. */
  onProxy(): boolean {
    return this.#keys.has('proxy');
  }

  #on(kind: 'get' | 'set', name: string | null): boolean {
    if (this.#keys.size === 0) return false;
    if (this.#keys.has('wild') || this.#keys.has(`${kind}:*`)) return true;
    if (name !== null) return this.#keys.has(`${kind}:${name}`);
    return [...this.#keys].some((key) => key.startsWith(`${kind}:`));
  }
}
