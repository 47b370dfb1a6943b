import type { Progress } from '@varve/core';
import { plain } from '../print/text.ts';
import type { Report } from './report.ts';

/** Version of the event schema in `docs/reference/events.md`; raised when a field changes its meaning. */
const SCHEMA = 1;

/** Characters that JSON leaves unescaped, although terminals interpret some and tools break lines at others. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

export interface JsonReportOptions {
  readonly write: (text: string) => void;
  /** Writes messages for humans. */
  readonly say: (text: string) => void;
  /** Ms since the Unix epoch. */
  readonly now: () => number;
}

/** Writes one JSON object per line: `{"v":1,"t":"2026-…Z","run":"Penguins/3","type":"task-ended",…}`. */
export function jsonReport({ write, say, now }: JsonReportOptions): Report {
  let run = '';
  const onProgress = (progress: Progress) => {
    if (progress.type === 'run-started') run = `${progress.flow}/${progress.number}`;
    const line = JSON.stringify({ v: SCHEMA, t: new Date(now()).toISOString(), run, ...progress });
    write(`${line.replace(UNSAFE, escaped)}\n`);
    if (progress.type === 'warning') say(`! ${plain(progress.message)}\n`);
  };
  return { onProgress, showMessage: say, close: () => {} };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
