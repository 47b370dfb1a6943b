/** The code fingerprint of a step: a hash of exactly the code it can reach. */

export { createFingerprinter, type FingerprintOptions, sliceFingerprinter } from './fingerprinter.ts';
export { checkFingerprints, type HazardReport, type PurityReport, renderTree, whyReached } from './report.ts';
