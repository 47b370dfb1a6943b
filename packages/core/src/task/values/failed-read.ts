import { type Digest, VarveError } from '../../contract/index.ts';
import { isDigest } from '../../store/objects/digest.ts';
import { currentScope } from '../scope.ts';

const LOST = ['VARVE_MISSING_ARTIFACT', 'VARVE_CORRUPT_ARTIFACT'];

/** Which bytes are missing or damaged, if that is what an error says. */
export function lostDigest(error: unknown): Digest | undefined {
  if (!VarveError.is(error) || !LOST.includes(error.code)) return undefined;
  const { digest } = error as { readonly digest?: unknown };
  return isDigest(digest) ? digest : undefined;
}

/**
 * Reads an input in the name of the attempt that runs. When that fails the attempt fails, also if the step catches the
 * error: what it makes without its inputs must not be taken for its result. `artifact` is what it was reading: a file of
 * a stored folder is lost with the folder.
 */
export function reading<T>(artifact: Digest, read: () => T): T {
  try {
    return read();
  } catch (error) {
    currentScope()?.failRead(error, lostDigest(error) && artifact);
    throw error;
  }
}

/** The same for what comes later. */
export async function readingLater<T>(artifact: Digest, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    currentScope()?.failRead(error, lostDigest(error) && artifact);
    throw error;
  }
}
