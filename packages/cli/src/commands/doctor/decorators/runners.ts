import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a project says of its tests, from its `package.json` and those above it. */
export interface TestFacts {
  /** Names of all packages it depends on. */
  readonly packages: ReadonlySet<string>;
  /** Its scripts. */
  readonly scripts: readonly string[];
}

interface Manifest {
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly scripts?: Readonly<Record<string, unknown>>;
}

/** Reads the manifests from a folder upward: in a monorepo the test runner may stand in the one at the top. */
export function readTestFacts(projectRoot: string): TestFacts {
  const manifests = manifestsFrom(projectRoot);
  return {
    packages: new Set(
      manifests.flatMap(({ dependencies = {}, devDependencies = {} }) => [
        ...Object.keys(dependencies),
        ...Object.keys(devDependencies),
      ]),
    ),
    scripts: manifests.flatMap(({ scripts = {} }) => Object.values(scripts).map(String)),
  };
}

function manifestsFrom(folder: string): Manifest[] {
  const above = dirname(folder) === folder ? [] : manifestsFrom(dirname(folder));
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return above;
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? [manifest, ...above] : above;
  } catch {
    // npm itself complains about it.
    return above;
  }
}
