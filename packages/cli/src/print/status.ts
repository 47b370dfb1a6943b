import type { RunStatus, TaskStatus } from '@varve/core/contract';
import type { Paint } from './format.ts';

/** A glyph and a word for each status: colour is never the only sign. */
export const STATUS: Readonly<Record<RunStatus | TaskStatus, (paint: Paint) => string>> = {
  queued: (paint) => paint('dim', '◌ queued'),
  running: (paint) => paint('cyan', '● running'),
  succeeded: (paint) => paint('green', '✔ succeeded'),
  cached: (paint) => paint('green', '≡ cached'),
  cloned: (paint) => paint('green', '≡ cloned'),
  failed: (paint) => paint('red', '✖ failed'),
  skipped: (paint) => paint('dim', '⊘ skipped'),
  cancelled: (paint) => paint('yellow', '◌ cancelled'),
  lost: (paint) => paint('red', '✖ lost'),
};
