/** Content-addressed values over a Datastore, and the layers that wrap one. */
export { ArtifactError, type ArtifactErrorCode } from '../store/artifacts/artifact-error.ts';
export { ArtifactStore, type ArtifactStoreOptions } from '../store/artifacts/artifact-store.ts';
export type { KnownBody } from '../store/artifacts/blob-writer.ts';
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
export { moveToQuarantine } from '../store/artifacts/quarantine.ts';
export { bodyOf, joinBytes, type OwnBytes, readObject } from '../store/objects/body.ts';
export { createOnce, requireConditionalPut } from '../store/objects/create-once.ts';
export { formatDigest, isDigest, type ParsedDigest, parseDigest } from '../store/objects/digest.ts';
export { sha256Hasher } from '../store/objects/hasher.ts';
export * from '../store/objects/key.ts';
export { decodeName, encodeName } from '../store/objects/name.ts';
export { withLimit } from '../store/objects/with-limit.ts';
export { withLog } from '../store/objects/with-log.ts';
export { type RetryOptions, withRetry } from '../store/objects/with-retry.ts';
