import { claimStrayErrors } from './stray-errors.ts';
import { teeOutput } from './tee-output.ts';

let watching = 0;
let undo: readonly (() => void)[] = [];

/**
 * From the first task of any test until the last one that is under way has ended, what steps print is kept beside being
 * printed, and what they throw past their own promise is theirs. Once for all that runs at the same time: what one puts
 * back must not be what another one has put there.
 */
export function watchProcess(): () => void {
  if (watching++ === 0) undo = [teeOutput(), claimStrayErrors()];
  return () => {
    if (--watching > 0) return;
    for (const one of undo) one();
    undo = [];
  };
}
