import type { Datastore, Digest, Reference } from '../contract/index.ts';
import {
  type ArtifactStore,
  blobKey,
  DIR_CODEC,
  decodeManifest,
  FILE_CODEC,
  joinBytes,
  readAhead,
} from '../store/index.ts';

/** Questions to the store under way at once. */
const WIDTH = 16;

/**
 * Digests of those artifacts whose bytes are not in the store, without reading the bytes of more than folders' lists. An
 * object that the store cannot say anything about counts as there: reading it will tell.
 */
export async function findMissing(
  store: Datastore,
  artifacts: ArtifactStore,
  references: readonly Reference[],
): Promise<Digest[]> {
  const sizes = new Map<string, Promise<number | undefined>>();
  const sizeOf = (key: string, expected: number | undefined) => {
    const known =
      sizes.get(key) ??
      store.stat(key, expected === undefined ? {} : { size: expected }).then(
        (info) => info?.size,
        () => Number.POSITIVE_INFINITY,
      );
    sizes.set(key, known);
    return known;
  };
  const isMissing = async ({ digest, at, ...artifact }: Reference): Promise<boolean> => {
    const size = await (at ? sizeOf(at.object, undefined) : sizeOf(blobKey(digest), artifact.size));
    return size === undefined || (at !== undefined && size < at.offset + at.length);
  };
  const look = async (reference: Reference): Promise<Digest[]> => {
    if (await isMissing(reference)) return [reference.digest];
    if (reference.codec !== DIR_CODEC) return [];
    const files = await filesIn(artifacts, reference);
    const gone = await Promise.all(files.map(isMissing));
    return gone.includes(true) ? [reference.digest] : [];
  };
  const missing: Digest[] = [];
  for await (const found of readAhead(references, WIDTH, look)) missing.push(...found);
  return missing;
}

/** A list that cannot be read names no files: reading the folder tells why. */
async function filesIn(artifacts: ArtifactStore, folder: Reference): Promise<Reference[]> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of artifacts.open(folder)) chunks.push(chunk);
    return decodeManifest(joinBytes(chunks)).map(({ digest, size }) => ({ digest, size, codec: FILE_CODEC }));
  } catch {
    return [];
  }
}
