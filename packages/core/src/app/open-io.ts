import { ArtifactStore, sha256Hasher, withRetry } from '../artifact/index.ts';
import { VarveError } from '../contract/index.ts';
import type { IoParts } from '../runner/index.ts';
import { openParts } from './open-parts.ts';
import type { Setup } from './setup.ts';

/** Opens what reads and writes: the store with its retries, artifacts over it, the journal's home, the serializer. */
export async function openIo(setup: Setup): Promise<IoParts> {
  const { parts, context, close } = await openParts(setup, ['datastore', 'metadata', 'serializer', 'hasher']);
  if (!parts.datastore.capabilities.conditionalPut) {
    throw new VarveError('VARVE_STORE_UNFIT', `${parts.datastore.name} cannot create an object only if it is absent`, {
      hint: 'Runs need that to number themselves and to fence each other: choose another store.',
    });
  }
  const store = withRetry(parts.datastore, { clock: context.clock });
  return {
    store,
    artifacts: new ArtifactStore({ store, hasher: parts.hasher ?? sha256Hasher }),
    metadata: parts.metadata,
    serializer: parts.serializer,
    clock: context.clock,
    close,
  };
}
