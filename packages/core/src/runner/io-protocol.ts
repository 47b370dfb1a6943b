import type {
  Digest,
  Location,
  Reference,
  RunEvent,
  RunRecord,
  RunSummary,
  WrittenArtifact,
} from '../contract/index.ts';
import type { BlobLink } from './blob-port.ts';

/** A local source file that goes into a run's code package. */
export interface SourceFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly contents: Uint8Array;
}

/** What the scheduler may ask the I/O thread. */
export interface IoCalls {
  /** Opens the store; says what it is called. */
  open(nothing: undefined): Promise<{ readonly store: string }>;
  /** Takes a number, stores the code, creates the run, starts its heartbeat. */
  begin(run: { readonly record: Omit<RunRecord, 'number'>; readonly code: readonly SourceFile[] }): Promise<RunRecord>;
  expand(question: { readonly list: Reference; readonly name: string }): Promise<readonly string[]>;
  /** Encodes plain data; what is not small is durable when this resolves. */
  store(value: unknown): Promise<WrittenArtifact>;
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
}

/** What the I/O thread says on its own. */
export type FromIo =
  | { readonly flushed: number }
  | { readonly stopped: 'fenced' | 'cancelled' }
  | { readonly failed: import('./wire-error.ts').WireError };
