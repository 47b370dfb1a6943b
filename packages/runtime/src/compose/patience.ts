import { type Logger, VarveError } from '@varve/core/contract';
import { parseDuration, systemClock, type withRetry } from '@varve/core/internal';

/** `long`: a run outlives a network that is gone for a while. `short`: somebody waits for the answer. */
export type Patience = 'long' | 'short';

/** Ms that a call is repeated. */
const FOR_MS: Readonly<Record<Patience, number>> = { long: 60_000, short: 6_000 };
const LEAST_ATTEMPTS: Readonly<Record<Patience, number>> = { long: 5, short: 2 };
/** Ms. Many calls fail together; one message is enough for all. */
const SAY_AGAIN_MS = 60_000;

/** How the calls of one stack to its store are repeated. Says so on the logger when it takes long. */
export function retryOptions(patience: Patience, logger: Logger): Parameters<typeof withRetry>[1] {
  let toldAt = Number.NEGATIVE_INFINITY;
  const forMs = Math.min(patienceMs(process.env), patience === 'short' ? FOR_MS.short : Number.POSITIVE_INFINITY);
  return {
    clock: systemClock,
    forMs,
    leastAttempts: LEAST_ATTEMPTS[patience],
    onWait: ({ message }) => {
      const now = systemClock.now();
      if (now - toldAt < SAY_AGAIN_MS) return;
      toldAt = now;
      logger.warn(`the store does not answer; trying again for up to ${forMs / 1000} s. ${message}`);
    },
  };
}

/** Ms that a run repeats a call to a store that does not answer: by VARVE_STORE_PATIENCE, else a minute. Throws `VARVE_CONFIG`. */
export function patienceMs({ VARVE_STORE_PATIENCE: text }: Readonly<Record<string, string | undefined>>): number {
  if (text === undefined || text === '') return FOR_MS.long;
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new VarveError('VARVE_CONFIG', `VARVE_STORE_PATIENCE is ${text}, which is no duration`, {
      cause,
      hint: "Write '30s' or '5m', or leave it out for a minute.",
    });
  }
}
