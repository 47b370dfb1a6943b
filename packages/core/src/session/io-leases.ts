import { hostname } from 'node:os';
import type { Clock, Datastore, RunRecord } from '../contract/index.ts';
import { readHeartbeat } from '../store/coordination/heartbeat.ts';
import { acquireLease, type Lease, releaseLease } from '../store/coordination/lease.ts';

/** A run that missed this many heartbeats has its tasks taken over. */
const MISSED_BEATS = 3;

/** Tasks that this run executes on behalf of all that share the store. */
export class IoLeases {
  private readonly held = new Map<string, Lease>();

  constructor(
    private readonly store: Datastore,
    private readonly run: RunRecord,
    private readonly clock: Clock,
    /** What the store's clock is ahead, ms. */
    private readonly skew: () => Promise<number>,
  ) {}

  async take(name: string): Promise<boolean> {
    if (this.held.has(name)) return true;
    const { flow, id } = this.run;
    const owner = { host: hostname(), pid: process.pid, flow, runId: id, takenAt: this.clock.now() };
    const answer = await acquireLease(this.store, name, owner, { isAlive: (other) => this.isAlive(other) });
    if (answer.held) this.held.set(name, answer.lease);
    return answer.held;
  }

  async release(name: string): Promise<void> {
    const lease = this.held.get(name);
    this.held.delete(name);
    if (lease) await releaseLease(this.store, lease);
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.held.keys()].map((name) => this.release(name)));
  }

  /** By the store's clock alone: the clocks of two machines may be far apart. */
  private async isAlive({ owner: { flow, runId } }: Lease): Promise<boolean> {
    if (flow === undefined || runId === undefined) return false;
    if (runId === this.run.id) return true;
    const beat = await readHeartbeat(this.store, { flow, id: runId });
    if (!beat) return false;
    const now = this.clock.now() + (await this.skew());
    return now - beat.modifiedAt <= MISSED_BEATS * beat.intervalMs;
  }
}
