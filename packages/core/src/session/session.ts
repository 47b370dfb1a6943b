import { readEnvKey } from '../cache/step-key.ts';
import type { Body, Digest, Location, Reference, RunRecord, RunSummary } from '../contract/index.ts';
import { SleepingWorkers, serveBlobs } from '../runtime/io/blob-server.ts';
import type { Appended, AppendMessage, BeginRun, FromIo, IoCalls } from '../runtime/io/io-protocol.ts';
import type { ArtifactStore } from '../store/artifacts/artifact-store.ts';
import { withoutCollector } from '../store/coordination/gc-lease.ts';
import { allocateRunNumber } from '../store/coordination/numbers.ts';
import { CommitWriter } from '../store/journal/commit-writer.ts';
import { type Channel, serveCalls, toWire } from '../task/remote/calls.ts';
import type { BlobSource } from '../task/values/blob-access.ts';

import { SMALL } from '../task/values/values.ts';
import { LocalSpace } from './local-copies.ts';
import type { IoParts } from './parts.ts';
import { IoCache } from './results.ts';
import { storeCode } from './store-code.ts';
import { IoValues } from './value-port.ts';

/** Turns of the event loop to wait for a message that has been sent. Two are enough; a lost one must not hang. */
const ARRIVAL_TURNS = 100;

/** Owns the store on behalf of one scheduler and its workers. */
export class IoHost implements BlobSource {
  private writer: CommitWriter | undefined;
  private parts: Promise<IoParts> | undefined;
  private cache: IoCache | undefined;
  private local: LocalSpace | undefined;
  private readonly waiters = new SleepingWorkers();
  private readonly values = new IoValues(
    () => this.ready(),
    (reference) => this.read([reference]),
  );

  constructor(
    private readonly channel: Channel,
    private readonly load: () => Promise<IoParts>,
  ) {}

  serve(): void {
    this.channel.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'append' in message) this.append(message as AppendMessage);
    });
    serveCalls<IoCalls>(this.channel, {
      open: async () => ({ store: (await this.ready()).store.name }),
      begin: (run) => this.begin(run),
      expand: ({ list, name }) => this.values.expand(list, name),
      envKey: async () => readEnvKey((await this.ready()).store),
      pages: async (key) => (await this.cache?.load(key)) ?? [],
      lease: async (name) => (await this.cache?.lease(name)) ?? true,
      release: (name) => this.cache?.release(name),
      skew: async () => (await this.cache?.skew()) ?? 0,
      before: async ({ flow, steps }) => (await this.cache?.before(flow, steps)) ?? {},
      test: ({ flag, values }) => this.values.test(flag, values),
      store: (value) => this.values.store(value),
      keep: ({ bytes, codec }) => this.values.keep([bytes], codec),
      locate: (digests) => this.locate(digests),
      flush: () => this.writer?.flush(),
      end: (summary) => this.end(summary),
      attach: (link) => {
        this.waiters.add(link);
        serveBlobs(link, this);
      },
      close: () => this.close(),
    });
  }

  async read(references: readonly Reference[]): Promise<readonly Uint8Array[]> {
    const { artifacts } = await this.ready();
    await this.arrival(references);
    const found = references.map((reference) => this.writer?.bytesOf(reference.digest));
    const missing = references.filter((_, i) => found[i] === undefined).map((reference) => this.located(reference));
    const fetched = missing.length === 0 ? [] : await artifacts.readMany(missing);
    let next = 0;
    return found.map((bytes) => bytes ?? fetched[next++] ?? new Uint8Array(0));
  }

  /**
   * A worker may ask for a small artifact before the scheduler's message that brings it has been taken from its port:
   * it was sent earlier, but through another port. A few turns of the loop bring it in.
   */
  private async arrival(references: readonly Reference[]): Promise<void> {
    const isDue = (r: Reference) =>
      !r.at && r.size <= SMALL && !this.writer?.bytesOf(r.digest) && !this.writer?.locate(r.digest);
    for (let turn = 0; turn < ARRIVAL_TURNS && this.writer && references.some(isDue); turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
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

  private async space(): Promise<LocalSpace> {
    const { artifacts, stateDir } = await this.ready();
    this.local ??= new LocalSpace(stateDir, {
      open: (one) => this.open(artifacts, one),
      matches: (one, stream) => artifacts.matches(one, stream),
    });
    return this.local;
  }

  private async *open(artifacts: ArtifactStore, reference: Reference): AsyncGenerator<Uint8Array> {
    const bytes = this.writer?.bytesOf(reference.digest);
    if (bytes) yield bytes;
    else yield* artifacts.open(this.located(reference));
  }

  /** Opened once, however many ask at the same time. */
  private ready(): Promise<IoParts> {
    const opening =
      this.parts ??
      this.load().catch((error) => {
        this.parts = undefined;
        throw error;
      });
    this.parts = opening;
    return opening;
  }

  private async begin(run: BeginRun): Promise<RunRecord> {
    const parts = await this.ready();
    const warn = (warning: string) => this.channel.postMessage({ warning } satisfies FromIo);
    return withoutCollector(parts, run.record, warn, () => this.start(parts, run));
  }

  private async start(parts: IoParts, { record, code, watched }: BeginRun): Promise<RunRecord> {
    const { store, artifacts, metadata, clock } = parts;
    const [number, stored] = await Promise.all([
      allocateRunNumber(store, record.flow, record.id),
      storeCode(artifacts, code),
    ]);
    const run: RunRecord = { ...record, number, code: stored };
    const say = (message: FromIo) => this.channel.postMessage(message);
    this.writer = new CommitWriter({
      store,
      run,
      clock,
      ...(metadata && { metadata }),
      onFlushed: (sequence) => {
        say({ flushed: sequence });
        this.cache?.onFlushed(sequence);
      },
      onStop: (reason) => say({ stopped: reason }),
      onError: (error) => say({ failed: toWire(error) }),
    });
    this.cache = new IoCache(parts, run, this.writer, watched ?? [], (message) => say({ warning: message }));
    await this.writer.begin();
    return run;
  }

  private append({ append, packed }: AppendMessage): void {
    for (const { event, blobs, record } of JSON.parse(append) as Appended[]) {
      const bytes = blobs.map(([digest, start, size]) => [digest, packed.subarray(start, start + size)] as const);
      const sequence = this.writer?.append(event, new Map(bytes));
      if (record && sequence !== undefined) this.cache?.add(record, event, sequence);
    }
  }

  /** What other runs may use is there before the run shows as ended. */
  private async end(summary: RunSummary): Promise<void> {
    await this.writer?.flush();
    await this.cache?.end();
    await this.writer?.end(summary);
  }

  private async locate(digests: readonly Digest[]): Promise<Map<Digest, Location>> {
    await this.writer?.flush();
    const found = digests.map((digest) => [digest, this.writer?.locate(digest)] as const);
    return new Map(found.filter((entry): entry is [Digest, Location] => entry[1] !== undefined));
  }

  /** Where this run has put it, unless the reference says so itself. */
  private located(reference: Reference): Reference {
    if (reference.at) return reference;
    const at = this.writer?.locate(reference.digest);
    return at ? { ...reference, at } : reference;
  }

  private async close(): Promise<void> {
    this.waiters.close();
    this.local?.close();
    await this.writer?.close();
    await (await this.parts)?.close();
  }
}
