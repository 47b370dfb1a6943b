import { type CallOptions, type RunRecord, VarveError } from '@varve/core/contract';
import { allFlowsKeys, flowsKey, numberKey, topKey } from './keys.ts';
import type { Records } from './records.ts';

/** Numbers looked up at once, and the gap of unused numbers that ends the search. */
const NUMBERS = 500;

/** A run as the index names it. */
export interface Entry {
  readonly flow: string;
  readonly id: string;
  readonly number: number;
}

/**
 * The runs of each flow, by their numbers: varve gives each number once, so an entry has one writer and never changes. The highest
 * number is a hint that two processes may write at once, so the search goes beyond it.
 */
export class RunIndex {
  constructor(private readonly records: Records) {}

  /** Throws `VARVE_CONFIG` when another run has the number. */
  async requireFree({ flow, id, number }: RunRecord, options: CallOptions): Promise<void> {
    const key = numberKey(flow, number);
    const entry = await this.records.readOne<Entry>(key, options);
    if (entry === undefined || entry.id === id) return;
    throw new VarveError('VARVE_CONFIG', `${flow}#${number} in ${this.records.name} is another run, ${entry.id}`, {
      hint: 'Two datastores keep their journals there, and each counts its runs by itself: give each a namespace of its own.',
    });
  }

  async add(run: RunRecord, options: CallOptions): Promise<void> {
    const { flow, id, number } = run;
    await this.records.write(numberKey(flow, number), { flow, id, number }, options);
    await this.touch(run, options);
  }

  /** Mends what two processes have written at the same time. */
  async touch({ flow, number }: RunRecord, options: CallOptions): Promise<void> {
    const [top, known] = await Promise.all([
      this.records.readOne<{ readonly number: number }>(topKey(flow), options),
      this.records.readOne<{ readonly flows: readonly string[] }>(flowsKey(flow), options),
    ]);
    if (top === undefined || top.number < number) await this.records.write(topKey(flow), { number }, options);
    if (known?.flows.includes(flow)) return;
    await this.records.write(flowsKey(flow), { flows: [...(known?.flows ?? []), flow] }, options);
  }

  async has({ flow, id, number }: Entry, options: CallOptions): Promise<boolean> {
    return (await this.records.readOne<Entry>(numberKey(flow, number), options))?.id === id;
  }

  async remove({ flow, number }: RunRecord, options: CallOptions): Promise<void> {
    await this.records.remove([numberKey(flow, number)], options);
  }

  /** Newest first; of all flows when `flow` is left out. */
  async runs(flow: string | undefined, options: CallOptions): Promise<Entry[]> {
    const flows = flow === undefined ? await this.flows(options) : [flow];
    const found: Entry[] = [];
    for (const one of flows) for await (const entry of this.ofFlow(one, options)) found.push(entry);
    return found.sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0));
  }

  private async flows(options: CallOptions): Promise<string[]> {
    const lists = await this.records.read<{ readonly flows: readonly string[] }>(allFlowsKeys(), options);
    return lists.flatMap((list) => list?.flows ?? []);
  }

  private async *ofFlow(flow: string, options: CallOptions): AsyncGenerator<Entry> {
    const top = (await this.records.readOne<{ readonly number: number }>(topKey(flow), options))?.number ?? 0;
    for (let start = 0, found = 0; start <= top || found > 0; start += NUMBERS) {
      const keys = Array.from({ length: NUMBERS }, (_, i) => numberKey(flow, start + i));
      const entries = (await this.records.read<Entry>(keys, options)).filter((entry) => entry != null);
      found = entries.length;
      yield* entries;
    }
  }
}
