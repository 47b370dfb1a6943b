/** The cases that every varve plugin must pass, as data: run them with any test runner, or with `varve check-store`. */

export type { Case, Deviation, Kit } from './case.ts';
export { missingNeed } from './case.ts';
export type { CheckDatastoreOptions } from './check-datastore.ts';
export { checkDatastore } from './check-datastore.ts';
export { datastoreKit } from './datastore/index.ts';
export type { DatastoreSubject } from './datastore/subject.ts';
export { fingerprinterKit } from './fingerprinter/index.ts';
export { hasherKit } from './hasher.ts';
export { type IndexSubject, indexKit } from './index-kit.ts';
export { metadataKit } from './metadata/index.ts';
export type { MetadataSubject } from './metadata/subject.ts';
export type { CaseResult, Opened, RunCasesOptions, Verdict } from './run-cases.ts';
export { runCases } from './run-cases.ts';
export { runnerKit } from './runner/index.ts';
export { type RunnerSubject, runnerFlow } from './runner/subject.ts';
export { serializerKit } from './serializer/index.ts';
