/** URL of the module with the default plugins. Threads load it themselves, so it is passed on as a URL. */
export const DEFAULTS = new URL('./default-stack.js', import.meta.url).href;
