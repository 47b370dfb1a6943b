import type { StoredError } from '@varve/core/contract';
import { type AttemptState, type LogLine, parseLog } from '@varve/core/internal';

import type { ValueReader } from './artifact-view.ts';

/** One attempt of a task. */
export class AttemptView {
  readonly #values: ValueReader;

  constructor(
    private readonly state: AttemptState,
    /** `lost` when its run died with it unfinished. */
    readonly status: AttemptState['status'] | 'lost',
    values: ValueReader,
  ) {
    this.#values = values;
  }

  /** From 1. */
  get number(): number {
    return this.state.attempt;
  }
  /** Ms since the Unix epoch; `undefined` when it never began. */
  get startedAt(): number | undefined {
    return this.state.startedAt;
  }
  /** Ms since the Unix epoch; `undefined` while it goes on. */
  get endedAt(): number | undefined {
    return this.state.endedAt;
  }
  /** Wall time, ms; `undefined` while it goes on, and when it was stopped. */
  get ms(): number | undefined {
    return this.state.ms;
  }
  /** What it threw, as plain data: `name`, `message`, `code`, `hint`, `stack`, `cause`. */
  get error(): StoredError | undefined {
    return this.state.error;
  }

  /** What it printed. */
  async log(): Promise<LogLine[]> {
    return this.state.log ? parseLog(await this.#values.bytes(this.state.log)) : [];
  }
}
