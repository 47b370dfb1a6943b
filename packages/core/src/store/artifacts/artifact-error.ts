import { type Digest, type Reference, VarveError, type VarveErrorOptions } from '../../contract/index.ts';

export type ArtifactErrorCode = 'VARVE_CORRUPT_ARTIFACT' | 'VARVE_MISSING_ARTIFACT';

/** A stored artifact is damaged or gone. `digest` and `key` say which, so that its producer can run again. */
export class ArtifactError extends VarveError {
  readonly digest: Digest;
  /** The object that holds it, or should. */
  readonly key: string;

  constructor(
    code: ArtifactErrorCode,
    message: string,
    options: VarveErrorOptions & { readonly digest: Digest; readonly key: string },
  ) {
    super(code, message, options);
    this.digest = options.digest;
    this.key = options.key;
  }
}

/** True if the bytes of an artifact are missing or damaged. */
export function isLoss(error: unknown): error is VarveError {
  return VarveError.is(error, 'VARVE_MISSING_ARTIFACT') || VarveError.is(error, 'VARVE_CORRUPT_ARTIFACT');
}

/** The bytes that were found in the place of a reference. */
export interface Found {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

const RERUN = 'Run the task that made it again: its result is stored anew.';
const PUT_BACK = 'A machine that has a local copy (tiered) puts it back with varve cache verify.';

export function missingArtifact(reference: Reference, key: string, store: string): ArtifactError {
  const message = `An artifact is gone from ${store}.\n  wanted  ${describe(reference)}\n  at      ${key}`;
  return new ArtifactError('VARVE_MISSING_ARTIFACT', message, {
    digest: reference.digest,
    key,
    hint: `${RERUN} ${PUT_BACK}`,
  });
}

export function corruptArtifact(reference: Reference, key: string, found: Found, movedTo?: string): ArtifactError {
  const message = `A stored artifact is damaged; nothing of it was used.\n  wanted  ${describe(reference)}\n  found   ${describe(found)}\n  at      ${key}`;
  const hint = movedTo === undefined ? RERUN : `The damaged object is now at ${movedTo}. ${RERUN}`;
  return new ArtifactError('VARVE_CORRUPT_ARTIFACT', message, { digest: reference.digest, key, hint });
}

function describe(what: Found): string {
  return `${what.digest}, ${what.size} bytes`;
}
