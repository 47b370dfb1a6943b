import type { RunStatus } from '../contract/index.ts';
import type { History, ListedRun, RunQuery } from './history.ts';
import type { Pathspec } from './pathspec.ts';
import type { RunView } from './run-view.ts';

/** The history of one flow, typed by its class. */
export class FlowClient<F> {
  constructor(
    readonly flow: string,
    private readonly history: () => Promise<History>,
  ) {}

  /** The newest run, however it ended. Throws `VARVE_NO_RUN`. */
  last(): Promise<RunView<F>> {
    return this.find({ alias: 'last' });
  }

  /** The newest run that succeeded. Throws `VARVE_NO_RUN`. */
  lastSuccessful(): Promise<RunView<F>> {
    return this.find({ alias: 'last-ok' });
  }

  /** A run by its number or its id. Throws `VARVE_NO_RUN`. */
  run(which: number | string): Promise<RunView<F>> {
    return this.find(typeof which === 'number' ? { number: which } : { id: which });
  }

  /** Newest first. */
  async *runs(
    query: { readonly tag?: string; readonly status?: RunStatus; readonly limit?: number } = {},
  ): AsyncGenerator<ListedRun> {
    const all: RunQuery = { ...query, flow: this.flow };
    yield* (await this.history()).list(all);
  }

  private async find(run: Pathspec['run']): Promise<RunView<F>> {
    return (await (await this.history()).find({ flow: this.flow, run })) as unknown as RunView<F>;
  }
}
