import { definePlugin } from '@varve/core/contract';
import { createFingerprinter } from '@varve/fingerprint';
import { plantedFault } from './faults.mjs';
import { memoryStore } from './memory-store.mjs';

/** The default plugins but for the store, and a fingerprinter that need not read its cache from a file each time. */
const fingerprinter = createFingerprinter();

const planted = {
  id: fingerprinter.id,
  fingerprint: async (...asked) => {
    const found = await fingerprinter.fingerprint(...asked);
    return plantedFault.fingerprint ? found.map(plantedFault.fingerprint) : found;
  },
};

export default {
  datastore: memoryStore(),
  fingerprinter: definePlugin({ name: 'audited', provides: { fingerprinter: () => planted } }),
};
