import type { Target } from '@varve/core/app';

/** Where the default plugins are. */
export const DEFAULTS = new URL('./default-stack.js', import.meta.url).href;

/** `flow.ts#Name` to file and flow. */
export function parseTarget(text: string): Target {
  const at = text.lastIndexOf('#');
  return at > 0 ? { file: text.slice(0, at), flow: text.slice(at + 1) } : { file: text };
}
