import manifest from '../package.json' with { type: 'json' };

/** Version of varve, as runs record it. */
export const VERSION: string = manifest.version;
