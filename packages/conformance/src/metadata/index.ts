/** The cases of the MetadataProvider contract: runs and journals. */

import type { Kit } from '../case.ts';
import { journalCases } from './journals.ts';
import { runCases } from './runs.ts';
import { type MetadataSubject, metadataHas } from './subject.ts';

export const metadataKit: Kit<MetadataSubject> = {
  kind: 'MetadataProvider',
  cases: [...runCases, ...journalCases],
  has: metadataHas,
};
