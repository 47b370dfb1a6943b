/** Content-addressed values over a Datastore, and the layers that wrap one. */
export { ArtifactError, type ArtifactErrorCode } from './artifact-error.ts';
export { ArtifactStore, type ArtifactStoreOptions } from './artifact-store.ts';
export type { KnownBody } from './blob-writer.ts';
export { bodyOf, joinBytes, type OwnBytes, readObject } from './body.ts';
export { CODE_CODEC, type CodeFile, type CodeManifest, decodeCode, encodeCode } from './code-manifest.ts';
export { createOnce, requireConditionalPut } from './create-once.ts';
export { formatDigest, isDigest, type ParsedDigest, parseDigest } from './digest.ts';
export { DIR_CODEC, type DirEntry, decodeManifest, encodeManifest, FILE_CODEC } from './dir-manifest.ts';
export { sha256Hasher } from './hasher.ts';
export * from './key.ts';
export { decodeName, encodeName } from './name.ts';
export { moveToQuarantine } from './quarantine.ts';
export { withLimit } from './with-limit.ts';
export { withLog } from './with-log.ts';
export { type RetryOptions, withRetry } from './with-retry.ts';
