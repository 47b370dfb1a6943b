import { join } from 'node:path';
import type { CodeFingerprint, ModuleGraph } from '@varve/core/contract';
import { readChecked, writeChecked } from '../files/checked-file.ts';
import { digestOfParts, FP_VERSION } from '../format.ts';
import type { Linked, LinkOptions } from '../link/fingerprint-step.ts';
import type { Summaries } from '../summary/summaries.ts';
import type { FileSummary } from '../summary/summary.ts';
import { askAgain, listening } from './asked.ts';
import { givenOf } from './given.ts';
import { pack, unpack } from './pack.ts';
import { type Remembered, revise } from './revise.ts';

/** What decides a set of fingerprints. */
export interface Request {
  readonly graph: ModuleGraph;
  readonly flow: string;
  readonly steps: readonly string[];
  /** Options of the fingerprinter, as text. */
  readonly settings: string;
  readonly options: LinkOptions;
}

/** Makes fingerprints from nothing, with the options it is given. */
type Make = (summaries: ReadonlyMap<string, FileSummary>, options: LinkOptions) => Linked;

/** Fingerprints of the last time, used again as they are, or with new pieces in the place of those that changed. */
export class Memo {
  readonly #last = new Map<string, Remembered>();

  constructor(
    readonly summaries: Summaries,
    /** Without a folder they are kept in memory alone. */
    readonly folder: string | undefined,
  ) {}

  /** What `make` makes; it is asked only when what is remembered does not say. */
  async recall(request: Request, make: Make): Promise<readonly CodeFingerprint[]> {
    const { graph, options } = request;
    const [place, given] = [placeOf(request), givenOf(graph)];
    const known = this.#last.get(place) ?? this.#read(place);
    const asked = known?.given.frame === given.frame ? askAgain(options, known.asked) : undefined;
    const revised = known && asked && (await revise(known, { given, asked }, graph, options, this.summaries));
    if (revised) {
      this.#keep(place, revised, revised === known);
      return unpack(revised.packed);
    }
    const summaries = await this.summaries.of(graph.modules);
    const ear = listening(options);
    const made = make(summaries, ear.options);
    if (isLasting(made)) this.#keep(place, { given, asked: ear.asked, packed: pack(made) }, false);
    return made.steps.map(({ fingerprint }) => fingerprint);
  }

  #keep(place: string, remembered: Remembered, isWritten: boolean): void {
    this.#last.set(place, remembered);
    const file = isWritten ? undefined : this.#file(place);
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

/** What went wrong today may be right tomorrow, with the same files. */
function isLasting({ steps }: Linked): boolean {
  const hazards = steps.flatMap(({ fingerprint }) => fingerprint.hazards);
  return hazards.every(({ kind }) => kind !== 'widened' && kind !== 'no-parser');
}
