import type { Clock, Datastore, MetadataProvider, RunRecord } from '../../contract/index.ts';

export interface CommitWriterOptions {
  readonly store: Datastore;
  /** Where events go; absent: into the store, together with the bytes. */
  readonly metadata?: MetadataProvider;
  readonly run: RunRecord;
  readonly clock: Clock;
  /** Ms an event waits for company. Default 40. */
  readonly flushMs?: number;
  /** Events in one batch at most. Default 4,096; from 512 on a batch does not wait for more. */
  readonly maxEvents?: number;
  /** Bytes of one batch at which it is full; one event with its artifacts may exceed it. Default 4 MiB. */
  readonly maxBytes?: number;
  /** Ms. Default 5,000. */
  readonly heartbeatMs?: number;
  /** Unlike any other process's; default random. */
  readonly writer?: string;
  /** Everything up to this sequence number is durable. */
  readonly onFlushed?: (sequence: number) => void;
  /** Somebody else ended the run from outside. Each reason is told once. */
  readonly onStop?: (reason: 'fenced' | 'cancelled') => void;
  /** A write failed; told once until a write succeeds. Nothing is lost: `flush` tries again. */
  readonly onError?: (error: unknown) => void;
}
