import { describeFingerprinter } from '@varve/conformance/vitest';
import { sliceFingerprinter } from '../src/index.ts';

describeFingerprinter('fingerprint', () => sliceFingerprinter());
