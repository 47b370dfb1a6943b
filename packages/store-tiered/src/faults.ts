import type { Logger } from '@varve/core/contract';

/** Warns once that copies cannot be kept: a run does not depend on them. */
export class Faults {
  #warned = false;

  constructor(
    private readonly logger: Pick<Logger, 'warn' | 'debug'>,
    /** Where the copies are, for the message. */
    private readonly place: string,
    private readonly remote: string,
  ) {}

  note(error: unknown): void {
    const message = `copies in ${this.place} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    if (this.#warned) return this.logger.debug(message);
    this.#warned = true;
    this.logger.warn(`${message}. Nothing is lost: what is not at hand there is read from ${this.remote}`);
  }
}
