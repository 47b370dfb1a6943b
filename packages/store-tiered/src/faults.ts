import type { Logger } from '@varve/core/contract';

/** Warns once of each kind of fault: a run does not depend on copies. */
export class Faults {
  readonly #warned = new Set<string>();

  constructor(
    private readonly logger: Pick<Logger, 'warn' | 'debug'>,
    /** Where the copies are, for the message. */
    private readonly place: string,
    private readonly remote: string,
  ) {}

  /** Copies cannot be kept or read. */
  note(error: unknown): void {
    const message = `copies in ${this.place} cannot be used: ${textOf(error)}`;
    this.#warn('copies', message, `. Nothing is lost: what is not at hand there is read from ${this.remote}`);
  }

  /** The remote store had lost an object, and has it again. */
  restored(key: string): void {
    const message = `${this.remote} had lost ${key}: it was put back from the copies in ${this.place}`;
    this.#warn('restored', message, '. varve doctor looks for rules that delete objects');
  }

  /** The remote store has lost an object, and its copy could not be put back. */
  notRestored(key: string, error: unknown): void {
    const message = `${this.remote} has lost ${key}, and its copy in ${this.place} could not be put back: ${textOf(error)}`;
    this.#warn('not restored', message, '');
  }

  #warn(kind: string, message: string, once: string): void {
    if (this.#warned.has(kind)) return this.logger.debug(message);
    this.#warned.add(kind);
    this.logger.warn(`${message}${once}`);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
