import type { IoParts } from '../../session/parts.ts';
import { ArtifactStore } from '../../store/artifacts/artifact-store.ts';
import { requireConditionalPut } from '../../store/objects/body.ts';
import { sha256Hasher } from '../../store/objects/digest.ts';
import { withRetry } from '../../store/objects/with-retry.ts';

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
