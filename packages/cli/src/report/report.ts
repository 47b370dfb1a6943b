import type { ProgressListener } from '@varve/core/internal';

/** Shows a run while it executes. */
export interface Report {
  readonly onProgress: ProgressListener;
  /** Shows a message of varve itself, between the events. */
  showMessage(text: string): void;
  /** Releases the screen, also when the run did not end by itself. Calling it again is NOT an error. */
  close(): void;
}

/** Clock of a report; tests replace it. */
export interface ReportClock {
  /** Ms since the Unix epoch. */
  now(): number;
  /** Calls `act` every `ms` milliseconds until the returned function is called. Does not keep the process alive. */
  every(ms: number, act: () => void): () => void;
}
