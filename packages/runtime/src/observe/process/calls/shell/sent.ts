import { basename } from 'node:path';

/** What a command makes of its input, as far as it matters which files and variables that names. */
export type Sent = 'script' | 'names' | undefined;

/** Characters of an input beyond which nobody looks for names in it. */
export const SENT_MAX = 256 * 1024;

/** A shell, or another program that takes its program from its input when it is given no other. */
const TAKES_SCRIPT =
  /(?:^|[\s;&|({/"'`])(?:(?:ba|da|z|k|mk|a|fi|c|tc)?sh|node|deno|bun|python[\d.]*|perl|ruby|php|lua|Rscript|source)(?:\.exe)?(?=$|[\s;&|)}"'`<])|\/dev\/(?:stdin|fd\/0)|(?:^|[\s;&|])-(?:f|-file)[\s=]?-(?=$|\s)/;
/** Programs that take names of files from their input. */
const TAKES_NAMES =
  /(?:^|[\s;&|({/"'`])(?:xargs|parallel|read|mapfile|readarray|cpio|pax|afio)(?=$|[\s;&|)}"'`<])|(?:^|\s)(?:-T|--(?:files0?-from|file-list|from-file|arg-file|stdin-paths|stdin|batch))[\s=]?-?(?=$|\s)/;
const SCRIPT_FLAG = /^(?:-[a-z]*c|\/c|-Command)$/i;

/** Tells what a command makes of its input by its text. */
export function useOfInput(file: string, args: readonly string[]): Sent {
  const words = SCRIPT_FLAG.test(args[0] ?? '') ? args : [basename(file), ...args];
  const text = words.join(' ');
  if (TAKES_NAMES.test(text)) return 'names';
  return TAKES_SCRIPT.test(text) ? 'script' : undefined;
}

/** The lines of a text and the words in them, without quotes. */
export function wordsOf(text: string): readonly string[] {
  const lines = text.split(/[\n\0]/).map((line) => line.trim());
  const words = lines.flatMap((line) => line.split(/\s+/).map((word) => word.replace(/^(["'])(.*)\1$/s, '$2')));
  return [...new Set([...lines, ...words])].filter((word) => word !== '');
}
