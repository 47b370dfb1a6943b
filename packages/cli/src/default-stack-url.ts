import type { Target } from '@varve/core/app';

/** Where the default plugins are. */
export const DEFAULTS = new URL('./default-stack.js', import.meta.url).href;

/** `flow.ts#Name` to file and flow. */
export function parseTarget(text: string): Target {
  const [, file, flow] = /^(.+)#([\p{ID_Start}_$][\p{ID_Continue}$]*)$/u.exec(text) ?? [];
  return file !== undefined && flow !== undefined ? { file, flow } : { file: text };
}
