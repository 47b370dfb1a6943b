import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AmbientInputs, unobserved } from '@varve/core/internal';
import { existsSync, statSync } from '../shared/originals.ts';
import { isInside, portableName } from '../shared/portable.ts';
import { commonJs, type LoadedModule, type RequiredFiles, requiredFiles, resolveOrNothing } from './common-js.ts';
import { childrenAt, type ModuleOptions, ModuleReads, type Reads } from './module-reads.ts';
import { NativeModules } from './native-modules.ts';
import { type Entry, importedEntries, importedEntry } from './packages/follow-imports.ts';
import { bareName, globalToken } from './packages/global-modules.ts';
import { InstalledPackages, isInstalled } from './packages/installed.ts';
import type { ChangedState } from './state/changed-state.ts';

/** Marks that a task loads something: what that reads is known at its end. */
export const MODULES = '@modules';

/** What one task has loaded. */
interface Seen {
  /** Importers by file. */
  readonly required: Map<string, string>;
  readonly missed: (readonly [request: string, from: string])[];
  readonly imported: Entry[];
  /** Absolute paths of `package.json`s that decided, or could, what a name leads to. */
  readonly manifests: Set<string>;
  /** Absolute paths of files that a name would have led to before the one that it did. */
  readonly overlooked: Set<string>;
  /** Names of what was found in none of the folders `node_modules` around the code that asks. */
  readonly global: Set<string>;
  /** Absolute paths of files that were found and not loaded. */
  readonly found: Set<string>;
}

/** A local file that was compiled with others of its folder, with all that comes with it. */
export interface BundledModule {
  /** By absolute path: SHA-256, hex, of what was compiled; `-` for a file that would have counted if it had been there. */
  readonly files: readonly (readonly [path: string, digest: string])[];
  readonly packages: readonly Entry[];
}

/** Notes the modules that a task loads, with all that comes with them, although the thread may have loaded them before. */
export class TaskModules {
  private readonly seen = new WeakMap<AmbientInputs, Seen>();
  private readonly reads: ModuleReads;
  private readonly native = new NativeModules();
  /** Files by importer and specifier, as Node keeps them itself. */
  private readonly resolved = new Map<string, string>();
  /** By folder and name: whether no `node_modules` has a package. */
  private readonly global = new Map<string, boolean>();
  /** What local files asked for while they were evaluated, which happens once, and where that led. */
  private readonly asked = new Map<string, Map<string, string | undefined>>();

  constructor(
    private readonly options: ModuleOptions,
    readonly state: ChangedState,
  ) {
    this.reads = new ModuleReads(options);
  }

  /** Passes a `require` on, and notes it. */
  requires(inputs: AmbientInputs, request: string, parent: LoadedModule | undefined, pass: () => unknown): unknown {
    if (isBuiltin(request)) return pass();
    const from = parent?.filename ?? request;
    const path = this.resolve(request, from, parent);
    const seen = this.seenBy(inputs);
    inputs.mark(MODULES);
    this.asksManifest(seen, request, from, path);
    if (parent?.loaded === false && commonJs._cache[from] === parent) this.remember(from, request, path);
    if (path === undefined) {
      seen.missed.push([request, from]);
      return pass();
    }
    if (!seen.required.has(path)) seen.required.set(path, from);
    this.asksGlobal(seen, request, from);
    overlooks(seen, request, from, path);
    if (commonJs._cache[path] !== undefined) {
      this.native.asks(inputs, path);
      return this.uses(inputs, path, pass());
    }
    const loads = () => this.loads(path, pass);
    return this.uses(inputs, path, this.native.evaluate(inputs, path, loads));
  }

  private uses<T>(inputs: AmbientInputs, path: string, exported: T): T {
    if (!isInstalled(path) && commonJs._cache[path]?.loaded !== false) this.state.usesNative(path, exported, inputs);
    return exported;
  }

  /** Notes a name that was resolved and not loaded. */
  resolves(inputs: AmbientInputs, request: string, parent: LoadedModule | undefined, path: string | undefined): void {
    const from = parent?.filename ?? undefined;
    if (from === undefined || isBuiltin(request) || isInstalled(from)) return;
    const seen = this.seenBy(inputs);
    this.asksManifest(seen, request, from, path);
    if (path !== undefined) this.asksGlobal(seen, request, from);
    if (path === undefined) seen.missed.push([request, from]);
    else if (isInstalled(path)) seen.required.set(path, from);
    else {
      seen.found.add(path);
      overlooks(seen, request, from, path);
    }
  }

  /** Notes the `package.json` of an alias, and of a folder that is loaded. */
  private asksManifest(seen: Seen, request: string, from: string, path: string | undefined): void {
    if (request.startsWith('#')) seen.manifests.add(unobserved(() => manifestAbove(from)));
    else if (isPath(request)) {
      const folder = resolve(dirname(from), request);
      if (path === undefined ? isFolder(folder) : isInside([folder], path))
        seen.manifests.add(join(folder, 'package.json'));
    }
  }

  /** `NODE_PATH` decides, once no `node_modules` does. */
  private asksGlobal(seen: Seen, request: string, from: string): void {
    const name = bareName(request);
    if (name === undefined) return;
    const key = `${dirname(from)}\0${name}`;
    const isGlobal =
      this.global.get(key) ?? unobserved(() => new InstalledPackages().find(dirname(from), name) === undefined);
    this.global.set(key, isGlobal);
    if (isGlobal) seen.global.add(name);
  }

  /** Functions that require a module whenever they are called are common. */
  private resolve(request: string, from: string, parent: LoadedModule | undefined): string | undefined {
    const key = `${from}\0${request}`;
    const known = this.resolved.get(key);
    if (known !== undefined && commonJs._cache[known] !== undefined) return known;
    const path = unobserved(() => resolveOrNothing(request, parent));
    if (path !== undefined) this.resolved.set(key, path);
    return path;
  }

  private loads(path: string, pass: () => unknown): unknown {
    this.reads.begins(path);
    try {
      return pass();
    } finally {
      this.reads.ends(path, childrenAt(path));
    }
  }

  /** Files that `require` has loaded, each with those that it loaded while it was evaluated. Call it when a flow is loaded. */
  requiredAtLoad(): RequiredFiles {
    return this.reads.settle(requiredFiles());
  }

  /** Passes an `import()` on whose specifier was computed, and notes it. */
  imports(inputs: AmbientInputs, target: string, from: string, pass: () => unknown): unknown {
    const seen = this.seenBy(inputs);
    inputs.mark(MODULES);
    seen.imported.push([target, from]);
    this.asksManifest(seen, target, from, undefined);
    const [entry] = unobserved(() => importedEntry(new InstalledPackages(), target, from));
    if (entry === undefined)
      return target.startsWith('data:') ? this.native.import(inputs, target, target, pass) : pass();
    const [path] = entry;
    const loaded = this.native.import(inputs, path, target, pass);
    if (!(loaded instanceof Promise) || isInstalled(path)) return loaded;
    return loaded.then((exported: unknown) => {
      this.state.usesNative(path, exported, inputs, target);
      return exported;
    });
  }

  /** Notes a file that was compiled with the flow and is loaded by a computed name. */
  takes(inputs: AmbientInputs, { files }: BundledModule): void {
    this.state.uses(
      files.map(([path]) => portableName(this.options.root, path)),
      inputs,
    );
    for (const [path, digest] of files) {
      if (digest === '-' && isInside(this.options.own, path)) continue;
      inputs.read(`@file ${portableName(this.options.root, path)}`, digest);
    }
  }

  takesPackages(inputs: AmbientInputs, { packages }: BundledModule): void {
    for (const [file, importer] of packages) this.seenBy(inputs).required.set(file, importer);
  }

  /** Notes a name that leads to nothing. */
  misses(inputs: AmbientInputs, request: string, from: string): void {
    this.seenBy(inputs).missed.push([request, from]);
  }

  /** Notes an `import()` while a flow is loaded that leads to nothing: what it leads to is followed otherwise. */
  importsAtLoad(inputs: AmbientInputs, target: string, from: string): void {
    const found = unobserved(() => importedEntry(new InstalledPackages(), target, from));
    if (found.length === 0 && !isBuiltin(target)) this.misses(inputs, target, from);
  }

  private seenBy(inputs: AmbientInputs): Seen {
    const known = this.seen.get(inputs);
    if (known) return known;
    const fresh: Seen = {
      ...{ required: new Map(), missed: [], imported: [] },
      ...{ manifests: new Set<string>(), overlooked: new Set<string>(), found: new Set<string>() },
      global: new Set<string>(),
    };
    this.seen.set(inputs, fresh);
    inputs.atEnd(() => this.settle(inputs, fresh));
    return fresh;
  }

  private async settle(inputs: AmbientInputs, seen: Seen): Promise<void> {
    const { required, missed, imported, manifests } = seen;
    const packages = new InstalledPackages();
    const entries: Entry[] = [...required];
    const modules = new Set<string>();
    for (const [target, from] of imported) {
      const { entries: found, refusal } = await importedEntries(packages, this.options.files, target, from);
      if (refusal !== undefined) inputs.refuse(refusal);
      entries.push(...found);
      for (const [path] of found) modules.add(path);
      if (found.length === 0 && !isBuiltin(target)) missed.push([target, from]);
    }
    await this.noteManifests(inputs, manifests);
    const covered = new Set<string>();
    for (const entry of entries) {
      if (covered.has(entry[0])) continue;
      const { paths, tokens, refusal, missed: lost } = await this.reads.of(entry, packages);
      for (const path of paths) {
        covered.add(path);
        this.asksAgain(seen, path);
      }
      for (const [name, token] of tokens) inputs.read(name, token);
      if (refusal !== undefined) inputs.refuse(refusal);
      missed.push(...lost);
      if (modules.has(entry[0])) await this.native.share(inputs, entry[0], paths);
    }
    for (const [request, from] of missed) this.noteMissed(inputs, packages, request, from);
    for (const name of seen.global)
      if (packages.find(this.options.root, name) === undefined)
        inputs.read(`@package ${name}`, await globalToken(packages, this.options.files, name));
    for (const path of seen.overlooked) this.noteAbsent(inputs, path);
    for (const path of seen.found) this.noteFound(inputs, path);
  }

  private remember(file: string, request: string, path: string | undefined): void {
    if (isInstalled(file)) return;
    const asked = this.asked.get(file) ?? new Map<string, string | undefined>();
    this.asked.set(file, asked.set(request, path));
  }

  /** Adds what a file asked for when it was evaluated, maybe by an earlier task. */
  private asksAgain(seen: Seen, file: string): void {
    for (const [request, path] of this.asked.get(file) ?? []) {
      if (path === undefined) seen.missed.push([request, file]);
      else overlooks(seen, request, file, path);
    }
  }

  private async noteManifests(inputs: AmbientInputs, manifests: ReadonlySet<string>): Promise<void> {
    const reads: Pick<Reads, 'tokens' | 'refusal'> = { tokens: new Map() };
    for (const path of manifests) if (!isInstalled(path)) await this.reads.addManifest(reads, path);
    for (const [name, token] of reads.tokens) inputs.read(name, token);
    if (reads.refusal !== undefined) inputs.refuse(reads.refusal);
  }

  private noteMissed(inputs: AmbientInputs, packages: InstalledPackages, request: string, from: string): void {
    if (isPath(request)) for (const path of candidates(request, from)) this.noteAbsent(inputs, path);
    else if (request.startsWith('file:')) this.noteAbsent(inputs, fileURLToPath(request));
    const name = bareName(request);
    // Elsewhere in the project there may be a package of this name, which says nothing of this place.
    if (name !== undefined && packages.find(this.options.root, name) === undefined)
      inputs.read(`@package ${name}`, '-');
  }

  private noteFound(inputs: AmbientInputs, path: string): void {
    if (!isInside(this.options.own, path)) inputs.read(`@exists ${portableName(this.options.root, path)}`, 'yes');
  }

  private noteAbsent(inputs: AmbientInputs, path: string): void {
    if (isInstalled(path) || isInside(this.options.own, path)) return;
    if (statSync(path, { throwIfNoEntry: false })) return;
    inputs.read(`@file ${portableName(this.options.root, path)}`, '-');
  }
}

/** Notes the files that `require` looks for before the one that it finds. */
function overlooks({ overlooked }: Seen, request: string, from: string, path: string): void {
  if (!isPath(request) || isInstalled(path) || resolve(dirname(from), request) === path) return;
  for (const candidate of unobserved(() => candidates(request, from))) {
    if (candidate === path) return;
    overlooked.add(candidate);
  }
}

/** The nearest `package.json` upward, or the place for one beside the file. */
function manifestAbove(file: string): string {
  const own = join(dirname(file), 'package.json');
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) return own;
  }
}

function isPath(request: string): boolean {
  return /^(\.{0,2}[/\\]|\.{1,2}$|[a-z]:[/\\])/i.test(request);
}

/** Files that `require` looks for, in its order. */
function candidates(request: string, from: string): readonly string[] {
  const path = resolve(dirname(from), request);
  const inside = isFolder(path) ? ['index.js', 'index.json', 'index.node'].map((name) => join(path, name)) : [];
  return [path, `${path}.js`, `${path}.json`, `${path}.node`, ...inside];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
