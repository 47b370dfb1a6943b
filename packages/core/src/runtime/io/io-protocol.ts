import type { PageRecord, StoredPage } from '../../cache/page-store.ts';

import type { StepComponents } from '../../cache/step-key.ts';
import type {
  Digest,
  Location,
  Reference,
  RunEvent,
  RunRecord,
  RunSummary,
  WrittenArtifact,
} from '../../contract/index.ts';
import type { Elements } from '../../run/plan/ports.ts';
import type { WatchedFile } from '../../session/results.ts';
import type { CodeFile, CodeManifest } from '../../store/artifacts/code-manifest.ts';
import type { BlobLink } from './blob-client.ts';

/** The local source files of a run, all paths relative to the project, with `/`. */
export interface SourcePackage extends Omit<CodeManifest, 'files'> {
  readonly files: readonly (Pick<CodeFile, 'path' | 'imports'> & { readonly contents: Uint8Array })[];
}

export interface BeginRun {
  readonly record: Omit<RunRecord, 'number'>;
  readonly code: SourcePackage;
  /** Results are published as long as these files are what they were; absent: results are not published. */
  readonly watched?: readonly WatchedFile[];
}

/** What the scheduler may ask the I/O thread. */
export interface IoCalls {
  /** Opens the store; says what it is called. */
  open(nothing: undefined): Promise<{ readonly store: string }>;
  /** Takes a number, stores the code, creates the run, starts its heartbeat. */
  begin(run: BeginRun): Promise<RunRecord>;
  expand(question: { readonly list: Reference; readonly name: string }): Promise<Elements>;
  /** With what values of environment variables are hashed. */
  envKey(nothing: undefined): Promise<string>;
  /** Everything kept under a step's key. */
  pages(key: string): Promise<readonly StoredPage[]>;
  /** Takes a task for this process, unless another one that lives has it. */
  lease(name: string): Promise<boolean>;
  /** Publishes what is durable, then lets others have the task. */
  release(name: string): Promise<void>;
  /** What the store's clock is ahead, ms. */
  skew(nothing: undefined): Promise<number>;
  before(question: {
    readonly flow: string;
    readonly steps: readonly string[];
  }): Promise<Readonly<Record<string, StepComponents>>>;
  /** Encodes plain data; what is not small is durable when this resolves. */
  store(value: unknown): Promise<WrittenArtifact>;
  /** Names bytes; what is not small is durable when this resolves. */
  keep(piece: { readonly bytes: Uint8Array; readonly codec: string }): Promise<WrittenArtifact>;
  test(question: { readonly flag: Reference; readonly values: readonly unknown[] | undefined }): Promise<boolean>;
  /** Makes everything durable, and says where these small artifacts lie; those that lie on their own are left out. */
  locate(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, Location>>;
  flush(nothing: undefined): Promise<void>;
  end(summary: RunSummary): Promise<void>;
  /** Serves blobs to one more thread. */
  attach(link: BlobLink): Promise<void>;
  close(nothing: undefined): Promise<void>;
}

/** Sent without waiting for an answer, in order: events, and the bytes of the small artifacts they name in one piece. */
export interface AppendMessage {
  /** A list of `Appended` as JSON, which crosses threads several times faster than the objects would. */
  readonly append: string;
  readonly packed: Uint8Array<ArrayBuffer>;
}

export interface Appended {
  readonly event: RunEvent;
  /** Digest, where its bytes begin, and how many they are. */
  readonly blobs: readonly (readonly [Digest, number, number])[];
  /** The result is published for other runs. */
  readonly record?: PageRecord;
}

/** What the I/O thread says on its own. */
export type FromIo =
  | { readonly flushed: number }
  | { readonly warning: string }
  | { readonly stopped: 'fenced' | 'cancelled' }
  | { readonly failed: import('../../task/remote/calls.ts').WireError };
