import { relative, sep } from 'node:path';
import type { ImportTarget, ModuleGraph, SourceModule } from '@varve/core/contract';
import { partsOfUnit } from '../summary/parts.ts';
import type { FileSummary, Unit } from '../summary/summary.ts';

/** A file of the graph with its summary and lookup tables. */
export interface LinkedModule {
  readonly source: SourceModule;
  /** Relative to the project, with `/`. */
  readonly file: string;
  /** `undefined` for files that are not code. */
  readonly summary: FileSummary | undefined;
  /** Indices of the units that bind each name. */
  readonly names: ReadonlyMap<string, readonly number[]>;
  /** Import targets by kind and specifier; the first of each specifier also by specifier alone. */
  readonly targets: ReadonlyMap<string, ImportTarget>;
  /** Names that code of the file assigns. */
  readonly assigned: ReadonlySet<string>;
}

/** Summaries of the files that are code, by path. */
export interface SummaryTable {
  /** `undefined` for files that are not code. */
  get(path: string): FileSummary | undefined;
}

/** The files of a graph, each linked on first access. */
export class Modules {
  readonly #graph: ModuleGraph;
  readonly #summaries: SummaryTable;
  readonly #sources: ReadonlyMap<string, SourceModule>;
  readonly #linked = new Map<string, LinkedModule>();

  constructor(graph: ModuleGraph, summaries: SummaryTable) {
    this.#graph = graph;
    this.#summaries = summaries;
    this.#sources = new Map(graph.modules.map((source) => [source.path, source]));
  }

  get(path: string): LinkedModule | undefined {
    const known = this.#linked.get(path);
    const source = known ? undefined : this.#sources.get(path);
    if (!source) return known;
    const linked = linkModule(projectPath(this.#graph.root, path), source, this.#summaries.get(path));
    this.#linked.set(path, linked);
    return linked;
  }

  /** All files in evaluation order. */
  all(): readonly LinkedModule[] {
    return this.#graph.modules.flatMap(({ path }) => this.get(path) ?? []);
  }
}

function linkModule(file: string, source: SourceModule, summary: FileSummary | undefined): LinkedModule {
  const units = summary?.units ?? [];
  return { source, file, summary, names: namesOf(units), targets: targetsOf(source), assigned: assignedIn(units) };
}

/** A path relative to the project, with `/` on every system, as messages show it and hashes contain it. */
export function projectPath(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

/** Indices of the units that bind each name. */
export function namesOf(units: readonly Unit[]): ReadonlyMap<string, readonly number[]> {
  const names = new Map<string, number[]>();
  units.forEach((unit, index) => {
    for (const name of unit.binds) names.set(name, [...(names.get(name) ?? []), index]);
  });
  return names;
}

/** The target of a specifier, as the loader resolved it. */
export function targetOf(
  module: LinkedModule,
  specifier: string,
  kind: 'import' | 'dynamic' | 'require',
): ImportTarget | undefined {
  const wanted = kind === 'dynamic' ? 'dynamic-import' : kind;
  return module.targets.get(`${wanted}\0${specifier}`) ?? module.targets.get(specifier);
}

function targetsOf({ imports }: SourceModule): ReadonlyMap<string, ImportTarget> {
  const targets = new Map<string, ImportTarget>();
  for (const { specifier, kind, target } of imports) {
    for (const key of [specifier, `${kind}\0${specifier}`]) if (!targets.has(key)) targets.set(key, target);
  }
  return targets;
}

function assignedIn(units: readonly Unit[]): ReadonlySet<string> {
  return new Set(units.flatMap(partsOfUnit).flatMap(({ facts }) => facts.assigns ?? []));
}
