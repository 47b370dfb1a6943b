import { VarveError } from '@varve/core/contract';
import type { Cancellation } from './cancel-run.ts';
import type { History, ListedRun, RunView } from './history.ts';
import type { Pathspec } from './pathspec.ts';
import type { RunFilter, RunQuery } from './run-filter.ts';

/** Client for the runs of one flow, typed by its class. */
export class FlowClient<F = Record<string, unknown>> {
  constructor(
    readonly flow: string,
    private readonly history: () => Promise<History>,
  ) {}

  /**
   * The newest run, whatever its status; with a filter the newest match: `last({ tag: 'nightly', status: 'failed' })`.
   * Throws `VARVE_NO_RUN`.
   */
  async last(filter?: RunFilter<F>): Promise<RunView<F>> {
    if (!filter) return this.find({ alias: 'last' });
    for await (const run of this.runs(filter)) if (run.record.spin === undefined) return run.open();
    throw new VarveError('VARVE_NO_RUN', `no run of ${this.flow} fits what was asked for`, {
      hint: `See which there are: varve list ${this.flow}`,
    });
  }

  /** The newest run that succeeded. Throws `VARVE_NO_RUN`. */
  lastSuccessful(): Promise<RunView<F>> {
    return this.find({ alias: 'last-ok' });
  }

  /** A run by its number or its id. Throws `VARVE_NO_RUN`. */
  run(which: number | string): Promise<RunView<F>> {
    return this.find(byName(which));
  }

  /** Newest first. Reads no journals: `open()` of a listed run does. */
  async *runs(query: Omit<RunQuery<F>, 'flow'> = {}): AsyncGenerator<ListedRun<F>> {
    const all = { ...query, flow: this.flow } as RunQuery;
    yield* (await this.history()).list(all) as AsyncGenerator<unknown> as AsyncGenerator<ListedRun<F>>;
  }

  /**
   * Asks the process of a run to stop. Throws `VARVE_NO_RUN`, and `VARVE_RUN_ENDED` when the run has succeeded or failed.
   */
  async cancel(which: number | string): Promise<Cancellation> {
    const history = await this.history();
    const { record } = await history.listing({ flow: this.flow, run: byName(which) });
    return history.cancel(record);
  }

  private async find(run: Pathspec['run']): Promise<RunView<F>> {
    return (await (await this.history()).find({ flow: this.flow, run })) as unknown as RunView<F>;
  }
}

function byName(which: number | string): Pathspec['run'] {
  return typeof which === 'number' ? { number: which } : { id: which };
}
