import { isBuiltin } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AmbientInputs, ambientInputs, type ThreadChange, unobserved } from '@varve/core/internal';
import { commonJs, type LoadedModule, resolveOrNothing } from './common-js.ts';
import { momentNow } from './files/moment.ts';
import { LazyModules } from './lazy-modules.ts';
import type { LoadedScripts, Patched } from './loaded-scripts.ts';
import type { Entry } from './packages/follow-imports.ts';
import { isInstalled } from './packages/installed.ts';
import { compareState, type ProcessState, takeProcessState } from './realm/process-state.ts';
import { Realm } from './realm/realm.ts';
import { observeResolving, whileLoading } from './resolving.ts';
import type { Bridge } from './state/inner-values.ts';
import type { Getters, Variables } from './state/variables.ts';
import type { BundledModule, TaskModules } from './task-modules.ts';

interface Load {
  readonly since: number;
  readonly before: ReadonlySet<string>;
  readonly asked: Entry[];
  readonly imported: [string, string][];
  /** What packages have patched, and what the flow's own modules have. */
  packages: readonly string[];
  modules: readonly string[];
}

/** What a compiled module tells, see `BODY_BEGINS` in the loader. */
interface Listener {
  bodyBegins(): void;
  /** Evaluates a package that comes after some of the user's modules. */
  laterPackage<T>(load: () => Promise<T>): Promise<T>;
  imports(from: string, target: string, pass: () => unknown): unknown;
  /** `from`: absolute path of the file that loads `name`, one of a folder that was compiled as a whole. */
  bundled(from: string, name: string, found: BundledModule): void;
  /** `path`: of the module, without the root of the file system. */
  lazy(init: () => unknown, path?: string): () => unknown;
  variables(path: string, getters: Getters, patterns: readonly (readonly string[])[]): void;
}

/** Listens to what is loaded in this thread: while a flow is loaded, and by its tasks. */
export class LoadListener implements Listener {
  readonly bridge: Bridge;
  private readonly loads = new WeakMap<AmbientInputs, Load>();
  private readonly modules = new LazyModules(
    (inputs) => this.loads.has(inputs),
    (path, data, inputs) => this.tasks.state.usesNative(resolve('/', path), data, inputs),
  );
  private readonly shown: Variables;
  private realm: Realm | undefined;
  private state: ProcessState | undefined;

  constructor(
    private readonly tasks: TaskModules,
    { variables, bridge }: { readonly variables: Variables; readonly bridge: Bridge },
  ) {
    this.shown = variables;
    this.bridge = bridge;
  }

  /** Begins to listen. Call it once a thread. */
  install(): void {
    Object.defineProperty(globalThis, Symbol.for('varve.load'), { value: this, configurable: true });
    const load = commonJs._load;
    const listener = this;
    commonJs._load = function _load(request: string, parent: LoadedModule | undefined, isMain: boolean) {
      const inputs = ambientInputs();
      const pass = () => Reflect.apply(load, this, [request, parent, isMain]);
      if (inputs === undefined) return pass();
      return listener.requires(inputs, request, parent, () => whileLoading(request, parent, pass));
    };
    observeResolving((inputs, request, parent, path) => this.tasks.resolves(inputs, request, parent, path));
  }

  /** Begins to listen to a load, whose inputs these are. */
  begin(inputs: AmbientInputs): void {
    this.realm ??= Realm.take();
    this.realm.look();
    const before = new Set(Object.keys(commonJs._cache));
    this.loads.set(inputs, { since: momentNow(), before, asked: [], imported: [], packages: [], modules: [] });
  }

  /** Ends what `begin` began. */
  end(inputs: AmbientInputs): { readonly patched: Patched; readonly scripts: LoadedScripts } {
    const load = this.loads.get(inputs);
    if (load === undefined) throw new Error('this load did not begin');
    const { since, before, asked, imported, packages, modules } = load;
    const required = this.tasks.requiredAtLoad();
    const fresh = [...required.keys()].filter((file) => !before.has(file) && !isInstalled(file));
    this.state = takeProcessState();
    for (const file of fresh) this.tasks.state.loaded(file, commonJs._cache[file]);
    return {
      patched: { packages, modules: [...modules, ...(this.realm?.look() ?? [])] },
      scripts: {
        required: [...required],
        asked: [...asked, ...fresh.map((file) => [file, file] as const)],
        imported,
        since,
      },
    };
  }

  /** True while no built-in was patched since the last load ended, and the state of the process is as it was. */
  isThreadIntact(): boolean {
    return this.changes().length === 0;
  }

  /** Names what `isThreadIntact` looks at, except where nobody's result depends on it: see `isRegistry`. */
  changesForOthers(): readonly string[] {
    return this.changes().filter((name) => !isRegistry(name) && !isMark(name));
  }

  private changes(): readonly string[] {
    const patched = this.realm?.changes() ?? [];
    return this.state ? [...patched, ...compareState(this.state, takeProcessState())] : patched;
  }

  /**
   * Names what tasks have changed for others since the last look: built-ins, and state of the process. What the
   * program itself changes is named as well: look once before the first task.
   */
  lookAround(): readonly ThreadChange[] {
    const { state } = this;
    this.realm ??= Realm.take();
    const patched = this.realm.look();
    this.state = takeProcessState();
    const names = state ? [...patched, ...compareState(state, this.state)] : patched;
    return names.map((name) => ({ name, isRegistry: isRegistry(name) || isMark(name) }));
  }

  bodyBegins(): void {
    const load = this.currentLoad();
    if (load) load.packages = (this.realm?.look() ?? []).filter((name) => !isRegistry(name));
  }

  async laterPackage<T>(evaluate: () => Promise<T>): Promise<T> {
    const load = this.currentLoad();
    if (load === undefined) return evaluate();
    load.modules = [...load.modules, ...(this.realm?.look() ?? [])];
    const namespace = await evaluate();
    load.packages = [...load.packages, ...(this.realm?.look() ?? []).filter((name) => !isRegistry(name))];
    return namespace;
  }

  imports(from: string, target: string, pass: () => unknown): unknown {
    const inputs = ambientInputs();
    if (inputs === undefined) return pass();
    const load = this.loads.get(inputs);
    const importer = fileURLToPath(from);
    if (load === undefined) return this.tasks.imports(inputs, target, importer, pass);
    load.imported.push([target, importer]);
    this.tasks.importsAtLoad(inputs, target, importer);
    return pass();
  }

  bundled(_from: string, _name: string, found: BundledModule): void {
    const inputs = ambientInputs();
    if (inputs === undefined) return;
    this.tasks.takes(inputs, found);
    const load = this.loads.get(inputs);
    if (load) load.asked.push(...found.packages);
    else this.tasks.takesPackages(inputs, found);
  }

  /** Takes the variables of a module, which outlive tasks. */
  variables(path: string, getters: Getters, patterns: readonly (readonly string[])[]): void {
    this.shown.declare(path, getters, patterns);
  }

  /** Watches a module that is evaluated when it is first asked for. */
  lazy(init: () => unknown, path?: string): () => unknown {
    return this.modules.watch(init, path);
  }

  private currentLoad(): Load | undefined {
    const inputs = ambientInputs();
    return inputs && this.loads.get(inputs);
  }

  private requires(
    inputs: AmbientInputs,
    request: string,
    parent: LoadedModule | undefined,
    pass: () => unknown,
  ): unknown {
    const load = this.loads.get(inputs);
    if (load === undefined) return this.tasks.requires(inputs, request, parent, pass);
    // A module that made its `require` itself has no place in the tree of modules.
    const from = parent?.filename;
    if (from && (commonJs._cache[from] !== parent || !isInstalled(from)) && !isBuiltin(request)) {
      const path = unobserved(() => resolveOrNothing(request, parent));
      if (path === undefined) this.tasks.misses(inputs, request, from);
      else if (commonJs._cache[from] !== parent) load.asked.push([path, from]);
    }
    return pass();
  }
}

/** True for marks and measures, which tell nothing but times. */
function isMark(name: string): boolean {
  return /^performance\.(mark|measure)/.test(name);
}

/**
 * True for a place where a package keeps what its copies share: zod, effect and graceful-fs do so under a symbol, or a
 * global that nobody else would name so. True, too, for `reflect-metadata`, which comes with varve itself.
 */
function isRegistry(name: string): boolean {
  return /^(\w*\[|__|@@|[^ .]*\/|Reflect\.(decorate|\w*metadata(keys)?) ).*added$/i.test(name);
}
