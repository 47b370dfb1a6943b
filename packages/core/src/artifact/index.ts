/** Content-addressed values over a Datastore, and the layers that wrap one. */
export { ArtifactError, type ArtifactErrorCode } from '../store/artifacts/artifact-error.ts';
export { ArtifactStore, type ArtifactStoreOptions } from '../store/artifacts/artifact-store.ts';
export { type KnownBody, moveToQuarantine } from '../store/artifacts/blobs.ts';
export {
  CODE_CODEC,
  type CodeFile,
  type CodeManifest,
  decodeCode,
  encodeCode,
} from '../store/artifacts/code-manifest.ts';
export {
  DIR_CODEC,
  type DirEntry,
  decodeManifest,
  encodeManifest,
  FILE_CODEC,
} from '../store/artifacts/dir-manifest.ts';

export {
  bodyOf,
  createOnce,
  joinBytes,
  type OwnBytes,
  readObject,
  requireConditionalPut,
} from '../store/objects/body.ts';

export { formatDigest, isDigest, type ParsedDigest, parseDigest, sha256Hasher } from '../store/objects/digest.ts';

export * from '../store/objects/keys.ts';
export { decodeName, encodeName } from '../store/objects/keys.ts';
export { withLimit } from '../store/objects/with-limit.ts';
export { withLog } from '../store/objects/with-log.ts';
export { type RetryOptions, withRetry } from '../store/objects/with-retry.ts';
