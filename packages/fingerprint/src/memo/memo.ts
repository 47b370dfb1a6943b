import { join } from 'node:path';
import type { CodeFingerprint, ModuleGraph } from '@varve/core/contract';
import { readChecked, writeChecked } from '../files/checked-file.ts';
import { digestOf, digestOfParts, FP_VERSION } from '../format.ts';
import type { LinkOptions } from '../link/fingerprint-step.ts';
import { type Asked, listening, stillHolds } from './asked.ts';
import { type Packed, pack, unpack } from './pack.ts';

/** What was made of a flow the last time, with all that it was made from. */
interface Remembered {
  /** Digest of all that is known before a question is asked. */
  readonly given: string;
  readonly asked: readonly Asked[];
  readonly packed: Packed;
}

/** What decides a set of fingerprints besides what is asked of the files outside. */
export interface Request {
  readonly graph: ModuleGraph;
  readonly flow: string;
  readonly steps: readonly string[];
  /** Options of the fingerprinter, as text. */
  readonly settings: string;
}

/** Fingerprints of the last time, for as long as nothing that they were made from has changed. */
export class Memo {
  readonly #last = new Map<string, Remembered>();

  /** Without a folder they are kept in memory alone. */
  constructor(readonly folder: string | undefined) {}

  /** The known fingerprints, or those that `make` makes with the options it is given. */
  async recall(
    request: Request,
    options: LinkOptions,
    make: (options: LinkOptions) => Promise<readonly CodeFingerprint[]>,
  ): Promise<readonly CodeFingerprint[]> {
    const [place, given] = [placeOf(request), givenOf(request)];
    const known = this.#last.get(place) ?? this.#read(place);
    if (known?.given === given && stillHolds(options, known.asked)) return unpack(known.packed);
    const ear = listening(options);
    const made = await make(ear.options);
    if (isLasting(made)) this.#keep(place, { given, asked: ear.asked, packed: pack(made) });
    return made;
  }

  #keep(place: string, remembered: Remembered): void {
    this.#last.set(place, remembered);
    const file = this.#file(place);
    if (file !== undefined) writeChecked(file, JSON.stringify(remembered));
  }

  #read(place: string): Remembered | undefined {
    const file = this.#file(place);
    const text = file === undefined ? undefined : readChecked(file);
    return text === undefined ? undefined : (JSON.parse(text) as Remembered);
  }

  #file(place: string): string | undefined {
    return this.folder === undefined ? undefined : join(this.folder, `steps-${FP_VERSION}-${place}.json`);
  }
}

/** One set is kept for each of these: the next version of a flow takes the place of the last one. */
function placeOf({ graph, flow, steps, settings }: Request): string {
  return digestOfParts([graph.root, graph.entry, flow, settings, ...steps]).slice(7, 39);
}

function givenOf({ graph }: Request): string {
  const modules = graph.modules.map(({ path, loader, digest, imports }) => [path, loader, digest, imports]);
  return digestOf(JSON.stringify([graph.root, graph.entry, graph.emit, modules]));
}

/** What went wrong today may be right tomorrow, with the same files. */
function isLasting(made: readonly CodeFingerprint[]): boolean {
  return made.every(({ hazards }) => hazards.every(({ kind }) => kind !== 'widened' && kind !== 'no-parser'));
}
