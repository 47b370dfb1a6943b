import type { ModuleImport } from '@varve/core/contract';

export interface OrderedModules {
  readonly entry: string;
  /** What a local file imports, in the order of its text. */
  readonly importsOf: (path: string) => readonly ModuleImport[];
  /** False for a local file whose evaluation nothing can notice. */
  readonly acts: (path: string) => boolean;
}

/**
 * Finds the packages that Node evaluates after a local module: a bundle would evaluate them before all of them. Real paths
 * of their files. Left out is varve, which is loaded before any flow, and what a local module imports that is asked for with
 * `require`, which cannot wait.
 */
export function laterPackages(modules: OrderedModules): ReadonlySet<string> {
  const { importsOf } = modules;
  const { early, late, eager } = evaluate(modules);
  if (late.size === 0) return late;
  const dynamic = targets(eager, importsOf, 'dynamic-import');
  const lazy = closure(dynamic, importsOf);
  const all = new Set([...eager, ...lazy]);
  const waitless = closure(targets(all, importsOf, 'require'), importsOf);
  // Modules that wait for each other in a circle would wait for ever; those of the bundle's own level do not.
  const bound = hasCircle(lazy, importsOf) ? [...waitless, ...lazy] : waitless;
  const fixed = new Set([...early, ...[...bound].flatMap((path) => packagesOf(importsOf(path)))]);
  return new Set([...late].filter((file) => !fixed.has(file)));
}

/** Walks what is evaluated with the entry, as Node does. */
function evaluate({ entry, importsOf, acts }: OrderedModules) {
  const eager = new Set<string>();
  const early = new Set<string>();
  const late = new Set<string>();
  let acted = false;
  const visit = (path: string): void => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const { kind, target } of importsOf(path)) {
      if (kind !== 'import') continue;
      if (target.type === 'module') visit(target.path);
      else if (target.type === 'package' && isMovable(target) && !early.has(target.file))
        (acted ? late : early).add(target.file);
    }
    acted ||= acts(path);
  };
  visit(entry);
  return { early, late, eager };
}

function isMovable({ name, file }: { readonly name: string; readonly file: string }): boolean {
  return name !== 'varve' && !name.startsWith('@varve/') && !/\.(json|node)$/.test(file);
}

type ImportsOf = OrderedModules['importsOf'];

function targets(paths: Iterable<string>, importsOf: ImportsOf, wanted: ModuleImport['kind']): readonly string[] {
  return [...paths].flatMap((path) =>
    importsOf(path).flatMap(({ kind, target }) => (kind === wanted && target.type === 'module' ? [target.path] : [])),
  );
}

/** The modules themselves and all that they can lead to. */
function closure(roots: readonly string[], importsOf: ImportsOf): ReadonlySet<string> {
  const found = new Set(roots);
  for (const path of found)
    for (const { target } of importsOf(path)) if (target.type === 'module') found.add(target.path);
  return found;
}

function packagesOf(imports: readonly ModuleImport[]): readonly string[] {
  return imports.flatMap(({ kind, target }) => (kind === 'import' && target.type === 'package' ? [target.file] : []));
}

function hasCircle(paths: ReadonlySet<string>, importsOf: ImportsOf): boolean {
  const done = new Set<string>();
  const open = new Set<string>();
  const visit = (path: string): boolean => {
    if (open.has(path)) return true;
    if (done.has(path)) return false;
    open.add(path);
    const found = targets([path], importsOf, 'import').some(visit);
    open.delete(path);
    done.add(path);
    return found;
  };
  return [...paths].some(visit);
}
