import { randomBytes } from 'node:crypto';
import type { AmbientPort } from '@varve/core/internal';
import { createAmbientPort } from '../observe/look.ts';
import type { Preparation } from './prepare.ts';

/**
 * Opens what lies outside of a run of this flow. `mayWrite`: false for a run that leaves nothing in the cache. A store that
 * does not give the key that hides values costs only those results that read a variable: they are found by nobody.
 */
export function openAmbient({ engine }: Pick<Preparation, 'engine'>, mayWrite = true): AmbientPort {
  return createAmbientPort(engine.observe, () =>
    engine.io.envKey(mayWrite).catch(() => randomBytes(32).toString('hex')),
  );
}
