/** The hands of a run on the store: begin, append, read, pages, leases. */
export { locateReferences } from './locate-references.ts';
export { makePart, missingMembers, type SessionParts } from './parts.ts';
export {
  type BeginRun,
  type RunSession,
  SessionListeners,
  type SourcePackage,
  type WatchedFile,
} from './run-session.ts';
export { Session } from './session.ts';
export { SessionBlobs } from './session-blobs.ts';
export { elementsOf } from './value-port.ts';
