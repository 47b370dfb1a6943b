import { type PageRecord, readEnvKey, type StoredPage } from '../cache/index.ts';
import {
  type Body,
  type Digest,
  type Location,
  type Reference,
  type RunEvent,
  type RunRecord,
  type RunSummary,
  VarveError,
  type WrittenArtifact,
} from '../contract/index.ts';
import type { EarlierStep, Elements, SmallBytes } from '../run/index.ts';
import {
  type ArtifactStore,
  allocateRunNumber,
  CommitWriter,
  type Guard,
  metricsOf,
  type StoreUsage,
  usageSince,
  withLocation,
  withoutCollector,
  withPatience,
} from '../store/index.ts';
import { type BlobSource, SMALL } from '../task/index.ts';
import { findMissing } from './find-missing.ts';
import { LocalSpace } from './local-copies.ts';
import type { SessionParts } from './parts.ts';
import { PATIENCE_MS, RunResults } from './results.ts';
import { type BeginRun, type RunSession, SessionListeners } from './run-session.ts';
import { storeCode } from './store-code.ts';
import { StoreValues } from './value-port.ts';

/** Turns of the event loop to wait for bytes that were sent. Two are enough; a lost message must not hang. */
const ARRIVAL_TURNS = 100;
/** `setImmediate`, taken here: a test may replace the global one by timers that stand still. */
const onNextTurn = setImmediate;

/** A run's hands on a store in this thread: its journal, its values, the results of earlier runs, and bytes for tasks. */
export class Session extends SessionListeners implements RunSession, BlobSource {
  private writer: CommitWriter | undefined;
  private parts: Promise<SessionParts> | undefined;
  private opened: SessionParts | undefined;
  private results: RunResults | undefined;
  private local: LocalSpace | undefined;
  private usageBefore: StoreUsage | undefined;
  private readonly values = new StoreValues(
    () => this.ready(),
    (reference) => this.read([reference]),
  );

  /** `load` opens the store when it is first needed; a failed attempt is repeated by the next call. */
  constructor(private readonly load: () => Promise<SessionParts>) {
    super();
  }

  async open(): Promise<{ readonly store: string }> {
    return { store: (await this.ready()).store.name };
  }

  async begin(run: BeginRun): Promise<RunRecord> {
    this.removeListeners();
    const parts = await this.ready();
    this.usageBefore = parts.usage && { ...parts.usage };
    return withoutCollector(
      parts,
      run.record,
      { onWarning: (warning) => this.emitWarning(warning), lost: () => lostAtStart(run.record.flow) },
      (guard) => this.start(parts, run, guard),
    );
  }

  async confirm(): Promise<void> {
    await this.writer?.confirm();
  }

  append(event: RunEvent, bytes: SmallBytes = new Map(), record?: PageRecord): number {
    const sequence = this.writer?.append(event, bytes);
    if (record && sequence !== undefined) this.results?.add(record, event, sequence);
    return sequence ?? 0;
  }

  async flush(): Promise<void> {
    await this.writer?.flush();
  }

  /** Results for other runs are published before the run shows as ended. */
  async end(summary: RunSummary): Promise<void> {
    if (this.results?.isOpen) await this.writer?.flush();
    await this.results?.end();
    await this.writer?.end(await this.withUsage(summary));
  }

  expand(list: Reference, name: string): Promise<Elements> {
    return this.values.expand(list, name);
  }

  test(flag: Reference, expected: readonly unknown[] | undefined): Promise<boolean> {
    return this.values.test(flag, expected);
  }

  store(value: unknown): Promise<WrittenArtifact> {
    return this.values.store(value);
  }

  async missing(references: readonly Reference[]): Promise<readonly Digest[]> {
    const { store, artifacts, clock } = await this.ready();
    // What this run has written itself is there, or on its way.
    const isOwn = ({ at, digest }: Reference) => !at && (this.writer?.bytesOf(digest) ?? this.writer?.locate(digest));
    return findMissing(
      withPatience(store, clock, PATIENCE_MS),
      artifacts,
      references.filter((reference) => !isOwn(reference)),
    );
  }

  keep(bytes: Uint8Array, codec: string): Promise<WrittenArtifact> {
    return this.values.keep([bytes], codec);
  }

  async envKey(mayCreate = true): Promise<string> {
    const { store, clock } = await this.ready();
    return readEnvKey(withPatience(store, clock, PATIENCE_MS), mayCreate);
  }

  async pages(key: string): Promise<readonly StoredPage[]> {
    return (await this.results?.load(key)) ?? [];
  }

  async lease(name: string): Promise<boolean> {
    return (await this.results?.lease(name)) ?? true;
  }

  /** Never rejects: a lease that is not released ends with the heartbeat of its run. */
  async release(name: string, publish: boolean): Promise<void> {
    await this.results?.release(name, publish).catch(() => {});
  }

  async skew(): Promise<number> {
    return (await this.results?.skew()) ?? 0;
  }

  async before(flow: string, steps: readonly string[]): Promise<Readonly<Record<string, EarlierStep>>> {
    return (await this.results?.before(flow, steps)) ?? {};
  }

  async locate(digests: readonly Digest[]): Promise<Map<Digest, Location>> {
    await this.writer?.flush();
    const found = digests.map((digest) => [digest, this.writer?.locate(digest)] as const);
    return new Map(found.filter((entry): entry is [Digest, Location] => entry[1] !== undefined));
  }

  async read(references: readonly Reference[]): Promise<readonly Uint8Array[]> {
    const { artifacts } = await this.ready();
    await this.arrival(references);
    // Copies, because each may be transferred, or changed by its reader.
    const found = references.map((reference) => this.writer?.bytesOf(reference.digest)?.slice());
    const missing = references.filter((_, i) => found[i] === undefined).map((reference) => this.located(reference));
    const fetched = missing.length === 0 ? [] : await artifacts.readMany(missing);
    let next = 0;
    return found.map((bytes) => bytes ?? fetched[next++] ?? new Uint8Array(0));
  }

  /** Like `read`, in one call. The session must be open, and its store offer `getSync`: throws `VARVE_ASYNC_STORE`. */
  readSync(reference: Reference): Uint8Array {
    const bytes = this.writer?.bytesOf(reference.digest);
    if (bytes) return bytes.slice();
    if (!this.opened) throw new Error('the session is not open yet');
    return this.opened.artifacts.readSync(this.located(reference));
  }

  async put(digest: Digest, body: Body): Promise<void> {
    const { artifacts } = await this.ready();
    await artifacts.putStream({ ...body, digest, open: () => body.open() }, 'any');
  }

  async materialize(reference: Reference): Promise<string> {
    await this.arrival([reference]);
    return (await this.space()).place(reference);
  }

  async scratch(): Promise<string> {
    return (await this.space()).scratch();
  }

  async close(): Promise<void> {
    this.local?.close();
    this.results?.close();
    try {
      await this.writer?.close();
    } finally {
      await (await this.parts?.catch(() => undefined))?.close?.();
    }
  }

  /**
   * A worker may ask for a small artifact before the message of the scheduler that carries it has been taken from its
   * port: it was sent earlier, but over another port. A few turns of the event loop bring it in. Sending the bytes over
   * the port of the worker would only turn the race round: the event that names them would overtake them.
   */
  private async arrival(references: readonly Reference[]): Promise<void> {
    const isDue = (r: Reference) =>
      !r.at && r.size <= SMALL && !this.writer?.bytesOf(r.digest) && !this.writer?.locate(r.digest);
    for (let turn = 0; turn < ARRIVAL_TURNS && this.writer && references.some(isDue); turn++) {
      await new Promise((resolve) => onNextTurn(resolve));
    }
  }

  private async space(): Promise<LocalSpace> {
    const { artifacts, stateDir } = await this.ready();
    this.local ??= new LocalSpace(stateDir, {
      open: (one) => this.openBytes(artifacts, one),
      matches: (one, stream) => artifacts.matches(one, stream),
    });
    return this.local;
  }

  private async *openBytes(artifacts: ArtifactStore, reference: Reference): AsyncGenerator<Uint8Array> {
    const bytes = this.writer?.bytesOf(reference.digest);
    if (bytes) yield bytes;
    else yield* artifacts.open(this.located(reference));
  }

  /** Opens once, however many calls wait for it. */
  private ready(): Promise<SessionParts> {
    const opening =
      this.parts ??
      this.load().then(
        (parts) => {
          this.opened = parts;
          return parts;
        },
        (error) => {
          this.parts = undefined;
          throw error;
        },
      );
    this.parts = opening;
    return opening;
  }

  private async start(parts: SessionParts, { record, code, watched }: BeginRun, guard: Guard): Promise<RunRecord> {
    const { store, artifacts, metadata, clock } = parts;
    const [number, stored] = await Promise.all([
      allocateRunNumber(store, record.flow, record.id),
      code && storeCode(artifacts, code),
    ]);
    await guard.confirm();
    const run: RunRecord = { ...record, number, ...(stored && { code: stored }) };
    this.writer = new CommitWriter({
      store,
      run,
      clock,
      beatenAt: guard.beatenAt,
      ...(metadata && { metadata }),
      onFlushed: (sequence) => {
        this.emitFlushed(sequence);
        this.results?.onFlushed(sequence);
      },
      onStop: (reason) => this.emitStop(reason),
      onError: (error) => this.emitError(error),
    });
    this.results = new RunResults(parts, run, this.writer, watched ?? [], (message) => this.emitWarning(message));
    await this.writer.begin();
    return run;
  }

  /** Adds the calls to the store since the run began: also those of other runs of this process at the same time. */
  private async withUsage(summary: RunSummary): Promise<RunSummary> {
    const { usage } = await this.ready();
    if (!usage || !this.usageBefore) return summary;
    return { ...summary, metrics: { ...summary.metrics, ...metricsOf(usageSince(usage, this.usageBefore)) } };
  }

  /** The reference with the place where this run has put the bytes, unless it names one itself. */
  private located(reference: Reference): Reference {
    return withLocation(reference, (digest) => this.writer?.locate(digest));
  }
}

function lostAtStart(flow: string): VarveError {
  return new VarveError('VARVE_FENCED', `A run of ${flow} was held up at its start until varve gc took it for dead.`, {
    hint: 'No task of it was started. Start it again.',
  });
}
