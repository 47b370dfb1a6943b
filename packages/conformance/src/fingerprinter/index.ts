/** The cases of the Fingerprinter contract: reached code and findings. */

import type { Fingerprinter } from '@varve/core/contract';
import type { Kit } from '../case.ts';
import { findingCases } from './findings.ts';
import { reachCases } from './reach.ts';

export const fingerprinterKit: Kit<Fingerprinter> = {
  kind: 'Fingerprinter',
  cases: [...reachCases, ...findingCases],
  has: () => true,
};
