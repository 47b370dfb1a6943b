import type { Digest, Location, RunRecord, WrittenArtifact } from '../contract/index.ts';
import type { CachePort, JournalPort, ValuePort } from '../run/index.ts';
import type { CodeFile, CodeManifest } from '../store/index.ts';

/** The local source files of a run, all paths relative to the project, with `/`. */
export interface SourcePackage extends Omit<CodeManifest, 'files'> {
  readonly files: readonly (Pick<CodeFile, 'path' | 'imports'> & { readonly contents: Uint8Array })[];
}

/** A file that must not change between compiling or loading the flow and publishing a result. */
export interface WatchedFile {
  /** Absolute. */
  readonly path: string;
  /** Of its content; absent for a file that must not even be put back. */
  readonly digest?: Digest;
  /** With which times and size it was loaded: `<ctime> <mtime> <size>`, ms and bytes. */
  readonly look?: string;
}

export interface BeginRun {
  readonly record: Omit<RunRecord, 'number'>;
  /** Absent: the run keeps no code. */
  readonly code?: SourcePackage;
  /** Results are published as long as these files are unchanged; absent: results are not published. */
  readonly watched?: readonly WatchedFile[];
}

/**
 * The hands of a run on the store. `Session` implements it over a Datastore in this thread; the runtime carries the same
 * interface over a channel to the thread that owns the store. One run at a time.
 */
export interface RunSession extends JournalPort, ValuePort, CachePort {
  /** Opens the store and returns its name. */
  open(): Promise<{ readonly store: string }>;
  /** Allocates a number, stores the code, creates the run, starts its heartbeat. Removes the listeners of the last run. */
  begin(run: BeginRun): Promise<RunRecord>;
  /** The key with which values of environment variables are hashed. Created unless that may not be. */
  envKey(mayCreate?: boolean): Promise<string>;
  /** Names bytes; unless they are small, they are durable when this resolves. */
  keep(bytes: Uint8Array, codec: string): Promise<WrittenArtifact>;
  /** Makes everything durable, then returns where these small artifacts lie; those in objects of their own are left out. */
  locate(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, Location>>;
  close(): Promise<void>;
}

type Listener<T> = (value: T) => void;

/** The listeners of one run, for both implementations of `RunSession`. */
export class SessionListeners {
  private readonly flushed: Listener<number>[] = [];
  private readonly stopped: Listener<'fenced' | 'cancelled'>[] = [];
  private readonly warned: Listener<string>[] = [];
  private readonly failed: Listener<unknown>[] = [];

  onFlushed(listener: Listener<number>): void {
    this.flushed.push(listener);
  }

  onStop(listener: Listener<'fenced' | 'cancelled'>): void {
    this.stopped.push(listener);
  }

  onError(listener: Listener<unknown>): void {
    this.failed.push(listener);
  }

  onWarning(listener: Listener<string>): void {
    this.warned.push(listener);
  }

  protected emitFlushed(sequence: number): void {
    for (const listener of this.flushed) listener(sequence);
  }

  protected emitStop(reason: 'fenced' | 'cancelled'): void {
    for (const listener of this.stopped) listener(reason);
  }

  protected emitError(error: unknown): void {
    for (const listener of this.failed) listener(error);
  }

  protected emitWarning(message: string): void {
    for (const listener of this.warned) listener(message);
  }

  protected removeListeners(): void {
    for (const listeners of [this.flushed, this.stopped, this.failed, this.warned]) listeners.length = 0;
  }
}
