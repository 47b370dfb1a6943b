import type { Defaults } from '@varve/runtime';

/** Default plugins, for kinds that `varve.config.ts` leaves out. Each is imported only when it is needed. */
const defaults: Defaults = {
  datastore: async () => (await import('@varve/store-fs')).fsStore({ root: '.varve/store' }),
  serializer: async () => (await import('@varve/serializer-exact')).exact(),
  loader: async () => (await import('@varve/loader')).esbuildLoader(),
  fingerprinter: async () => (await import('@varve/fingerprint')).sliceFingerprinter(),
};

export default defaults;
