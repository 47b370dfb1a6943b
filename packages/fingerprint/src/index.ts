export { createFingerprinter, type FingerprintOptions, sliceFingerprinter } from './fingerprinter.ts';
export { checkFingerprints, type HazardReport, type PurityReport } from './report/check.ts';
export { type Cause, diffFingerprints } from './report/diff.ts';
export { renderTree } from './report/tree.ts';
export { whyReached } from './report/why.ts';
