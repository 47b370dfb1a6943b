import type { ProgressListener } from '@varve/core/internal';

/** What shows a run while it goes on. */
export interface Report {
  readonly onProgress: ProgressListener;
  /** A message of varve's own, between the others. */
  say(text: string): void;
  /** Lets go of the screen, also of a run that did not end by itself. Calling it again is NOT an error. */
  close(): void;
}

/** Time as a report needs it. */
export interface ReportClock {
  /** Ms since the Unix epoch. */
  now(): number;
  /** Calls `act` every so many ms, without keeping the process alive, until the returned function is called. */
  every(ms: number, act: () => void): () => void;
}
