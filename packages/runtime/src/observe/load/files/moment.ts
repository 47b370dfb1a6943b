import { wallNow } from '@varve/core/internal';

/** The end of this millisecond, ms since the Unix epoch: what was changed before has an earlier time on any file system. */
export function momentNow(): number {
  return wallNow() + 1;
}
