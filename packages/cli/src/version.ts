import manifest from '../package.json' with { type: 'json' };

/** Version of the command. Its own: `varve --help` loads nothing else of varve for it. */
export const VERSION: string = manifest.version;
/** The versions of Node that it runs on, as in `engines`. */
export const NODE_RANGE: string = manifest.engines.node;
