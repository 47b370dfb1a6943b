import { sourceTier } from '../slice/code-hash.ts';
import { changesSince, keepsLinks } from './changes.ts';
import type { Given } from './inputs.ts';
import type { Packed } from './pack.ts';
import { patch } from './patch.ts';
import { type Asked, askAgain } from './query-log.ts';
import { type Request, safely } from './request.ts';

/** What was made, with all that it was made from. */
export interface Made {
  readonly given: Given;
  readonly asked: readonly Asked[];
}

export interface Remembered extends Made {
  readonly packed: Packed;
}

/** Fingerprints that are remembered, brought to what is given now; nothing when that takes linking. */
export async function revise(known: Remembered, given: Given, request: Request): Promise<Remembered | undefined> {
  const { graph, options, summaries } = request;
  if (known.given.frame !== given.frame || known.given.links !== given.links) return undefined;
  const asked = askAgain(options, known.asked);
  const files = asked && (await changesSince(known.given, graph, summaries));
  if (!asked || !files) return undefined;
  const isSame = asked === known.asked;
  if (files.length === 0 && isSame) return known;
  return safely(() => {
    if (!keepsLinks(files)) return undefined;
    const changes = { files, assets: isSame ? undefined : options.assets };
    return { given, asked, packed: patch(known.packed, changes, sourceTier(graph, options.overrides)) };
  });
}
