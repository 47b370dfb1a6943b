export { createFingerprinter, type FingerprintOptions, sliceFingerprinter } from './fingerprinter.ts';
