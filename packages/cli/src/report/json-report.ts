import type { ProgressListener } from '@varve/core/app';

/** Version of the events' schema; raised when a field changes its meaning. */
const SCHEMA = 1;

/** One JSON object a line: `{"v":1,"t":"2026-…Z","type":"task-ended",…}`. */
export function jsonReport(write: (text: string) => void): ProgressListener {
  return (progress) => write(`${JSON.stringify({ v: SCHEMA, t: new Date().toISOString(), ...progress })}\n`);
}
