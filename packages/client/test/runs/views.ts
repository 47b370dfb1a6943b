import type { RunEvent, RunRecord, RunStatus, StepOutline } from '@varve/core/contract';
import { createOnce, DatastoreJournal, encodeEnvelope, fold, numberKey, writeHeartbeat } from '@varve/core/internal';
import { MemoryStore, referenceOf, runRecord, succeeded } from '@varve/test-support';
import { History, RunView } from '../../src/runs/history.ts';

/** Decodes each value to the digest of its reference, to tell which one was read. */
const VALUES = {
  readNow: (reference: { readonly digest: string }) => reference.digest,
  read: async (reference: { readonly digest: string }) => reference.digest,
  bytes: async () => new Uint8Array(),
  stream: async function* () {},
};

interface Ended {
  readonly writes?: Readonly<Record<string, string>>;
  readonly reads?: readonly string[];
  readonly deletes?: readonly string[];
}

/** The event of an executed task. */
export function done(task: string, { writes = {}, ...rest }: Ended = {}): RunEvent {
  return { ...succeeded(task, writes).event, ...rest } as RunEvent;
}

export function expanded(step: string, ...labels: string[]): RunEvent {
  return { type: 'foreach-expanded', at: 1, step, parent: 'x', labels };
}

export function skipped(task: string): RunEvent {
  return { type: 'task-skipped', at: 1, task, reason: 'not asked for' };
}

export function viewOf(graph: readonly StepOutline[], events: readonly RunEvent[], status: RunStatus = 'succeeded') {
  const record = runRecord({ graph });
  return new RunView({ record }, fold(record, events), status, VALUES, {} as never);
}

/** A history in memory whose clock is also that of the store. */
export class Past {
  now = 1_700_000_100_000;
  readonly store = new MemoryStore({ now: () => this.now });
  private readonly journal = new DatastoreJournal(this.store);
  readonly history = new History(this.store, this.journal, VALUES, () => this.now);

  /** Without `status`, a heartbeat is written and no end. */
  async run(number: number, changes: Partial<RunRecord> = {}, status?: 'succeeded' | 'failed' | 'cancelled') {
    const id = `01j9zq00000000000000000${String(number).padStart(3, '0')}`;
    const record = runRecord({ id, number, ...changes });
    const parts = [encodeEnvelope('number', { flow: record.flow, run: id })];
    await createOnce(this.store, numberKey(record.flow, number), parts);
    await this.journal.createRun(record);
    if (status) await this.journal.finishRun(record, { status, endedAt: record.createdAt + 5, counts: {} });
    else await writeHeartbeat(this.store, record, { host: 'lab', pid: 1, intervalMs: 5_000 });
    return record;
  }

  /** Writes the whole journal of a run. */
  tell(record: RunRecord, events: readonly RunEvent[]): Promise<void> {
    return this.journal.append(record, events, { expectedLength: 0 });
  }

  finish(record: RunRecord, status: 'succeeded' | 'failed' | 'cancelled'): Promise<void> {
    return this.journal.finishRun(record, { status, endedAt: this.now, counts: {} });
  }
}

export { referenceOf };
