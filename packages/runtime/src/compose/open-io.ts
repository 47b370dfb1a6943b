import { ArtifactStore, type IoParts, requireConditionalPut, sha256Hasher, withRetry } from '@varve/core/internal';

import { openParts } from './open-parts.ts';
import type { Setup } from './setup.ts';

/** Opens what reads and writes: the store with its retries, artifacts over it, the journal's home, the serializer. */
export async function openIo(setup: Setup): Promise<IoParts> {
  const { parts, context, close } = await openParts(setup, ['datastore', 'metadata', 'serializer', 'hasher']);
  requireConditionalPut(parts.datastore);
  const store = withRetry(parts.datastore, { clock: context.clock });
  return {
    store,
    artifacts: new ArtifactStore({ store, hasher: parts.hasher ?? sha256Hasher }),
    metadata: parts.metadata,
    serializer: parts.serializer,
    clock: context.clock,
    stateDir: context.stateDir,
    close,
  };
}
