/** Version of varve, as runs record it. */
export const VERSION = '0.0.0';
