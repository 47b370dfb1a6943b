import type { ArtifactStore } from '../artifact/index.ts';
import type {
  Body,
  Clock,
  Datastore,
  Digest,
  Location,
  MetadataProvider,
  Reference,
  RunRecord,
  RunSummary,
  Serializer,
} from '../contract/index.ts';
import { allocateRunNumber, CommitWriter } from '../journal/index.ts';
import { type BlobSource, serveBlobs } from './blob-server.ts';
import { type Channel, serveCalls } from './calls.ts';
import type { AppendMessage, FromIo, IoCalls, SourceFile } from './io-protocol.ts';
import { labelsOf } from './list-labels.ts';
import { toWire } from './wire-error.ts';

/** The parts of a setup that live in the I/O thread. */
export interface IoParts {
  readonly store: Datastore;
  readonly artifacts: ArtifactStore;
  /** Absent: journals go into the datastore, in one object with the small artifacts. */
  readonly metadata: MetadataProvider | undefined;
  readonly serializer: Serializer;
  readonly clock: Clock;
  close(): Promise<void>;
}

/** Owns the store on behalf of one scheduler and its workers. */
export class IoHost implements BlobSource {
  private writer: CommitWriter | undefined;
  private parts: IoParts | undefined;

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
      begin: ({ record, code }) => this.begin(record, code),
      expand: async ({ list, name }) => labelsOf(await this.value(list), name),
      test: async ({ flag, values }) => holds(await this.value(flag), values),
      locate: (digests) => this.locate(digests),
      flush: () => this.writer?.flush(),
      end: (summary: RunSummary) => this.writer?.end(summary),
      attach: (link) => serveBlobs(link, this),
      close: () => this.close(),
    });
  }

  async read(references: readonly Reference[]): Promise<readonly Uint8Array[]> {
    const { artifacts } = await this.ready();
    const found = references.map((reference) => this.writer?.bytesOf(reference.digest));
    const missing = references.filter((_, i) => found[i] === undefined).map((reference) => this.located(reference));
    const fetched = missing.length === 0 ? [] : await artifacts.readMany(missing);
    let next = 0;
    return found.map((bytes) => bytes ?? fetched[next++] ?? new Uint8Array(0));
  }

  async put(digest: Digest, body: Body): Promise<void> {
    const { artifacts } = await this.ready();
    await artifacts.putStream({ ...body, digest, open: () => body.open() }, 'any');
  }

  private ready(): Promise<IoParts> {
    return this.parts
      ? Promise.resolve(this.parts)
      : this.load().then((parts) => {
          this.parts ??= parts;
          return this.parts;
        });
  }

  private async begin(record: Omit<RunRecord, 'number'>, code: readonly SourceFile[]): Promise<RunRecord> {
    const { store, artifacts, metadata, clock } = await this.ready();
    const [number, stored] = await Promise.all([
      allocateRunNumber(store, record.flow, record.id),
      this.storeCode(artifacts, code),
    ]);
    const run: RunRecord = { ...record, number, ...(stored && { code: stored }) };
    const say = (message: FromIo) => this.channel.postMessage(message);
    this.writer = new CommitWriter({
      store,
      run,
      clock,
      ...(metadata && { metadata }),
      onFlushed: (sequence) => say({ flushed: sequence }),
      onStop: (reason) => say({ stopped: reason }),
      onError: (error) => say({ failed: toWire(error) }),
    });
    await this.writer.begin();
    return run;
  }

  private async storeCode(artifacts: ArtifactStore, code: readonly SourceFile[]): Promise<Reference | undefined> {
    if (code.length === 0) return undefined;
    const files = await Promise.all(
      code.map(async ({ path, contents }) => ({
        path,
        digest: (await artifacts.put([contents], 'source/1')).digest,
        size: contents.byteLength,
      })),
    );
    return artifacts.put([Buffer.from(JSON.stringify({ version: 1, files }))], 'code/1');
  }

  private append({ append }: AppendMessage): void {
    for (const { event, bytes } of append) this.writer?.append(event, new Map(bytes.map((b) => [b.digest, b.bytes])));
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

  private async value(reference: Reference): Promise<unknown> {
    const { serializer } = await this.ready();
    const [bytes] = await this.read([reference]);
    return serializer.decode(reference.codec, bytes ?? new Uint8Array(0));
  }

  private async close(): Promise<void> {
    await this.writer?.close();
    await this.parts?.close();
  }
}

function holds(value: unknown, values: readonly unknown[] | undefined): boolean {
  return values === undefined ? Boolean(value) : values.includes(value);
}
