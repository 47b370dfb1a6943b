import { createHash } from 'node:crypto';
import type {
  CodeFingerprint,
  Fingerprinter,
  ImportTarget,
  ModuleGraph,
  ModuleImport,
  SourceModule,
} from '@varve/core/contract';

/** Source files by their path in the project; `flow.ts` is the entry. */
export type Files = Readonly<Record<string, string>>;

const IMPORT = /\b(?:from|import)\s*(\(?)\s*'([^']+)'/g;

/** Builds the graph of these files as a loader would; no file has to exist. */
export function makeGraph(files: Files, root = '/project'): ModuleGraph {
  const modules: SourceModule[] = [];
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const imports = importsOf(files, root, file);
    for (const { target } of imports) if (target.type === 'module') visit(target.path.slice(root.length + 1));
    const contents = new TextEncoder().encode(files[file] ?? '');
    const digest = `sha256:${createHash('sha256').update(contents).digest('hex')}`;
    modules.push({ path: `${root}/${file}`, loader: 'ts', contents, digest, imports });
  };
  visit('flow.ts');
  return { root, entry: `${root}/flow.ts`, modules, emit: {} };
}

function importsOf(files: Files, root: string, file: string): ModuleImport[] {
  return [...(files[file] ?? '').matchAll(IMPORT)].map(([, bracket, specifier = '']) => ({
    specifier,
    kind: bracket === '(' ? 'dynamic-import' : 'import',
    target: targetOf(files, root, specifier),
  }));
}

function targetOf(files: Files, root: string, specifier: string): ImportTarget {
  if (specifier.startsWith('node:')) return { type: 'builtin', name: specifier };
  const file = specifier.replace(/^\.\//, '');
  if (file in files) return { type: 'module', path: `${root}/${file}` };
  if (specifier.startsWith('.')) return { type: 'unresolved' };
  const directory = `${root}/node_modules/${specifier}`;
  return { type: 'package', name: specifier, version: '1.0.0', directory, file: `${directory}/index.js` };
}

/** Writes a flow with the steps `load` and `report` around some code before the class and in it. */
export function flowOf(parts: {
  readonly top?: string;
  readonly load?: string;
  readonly report?: string;
  readonly members?: string;
}): string {
  return `import { Flow, step } from 'varve';
${parts.top ?? ''}
export default class Penguins extends Flow {
  rows!: unknown;
  @step() async load() { ${parts.load ?? 'this.rows = 1;'} }
  @step({ after: 'load' }) report() { ${parts.report ?? 'this.rows = 2;'} }
  ${parts.members ?? ''}
}
`;
}

/** Fingerprints the step `load`. */
export async function fingerprintOf(
  fingerprinter: Fingerprinter,
  files: Files | string,
  root?: string,
): Promise<CodeFingerprint> {
  const graph = makeGraph(typeof files === 'string' ? { 'flow.ts': files } : files, root);
  const [found] = await fingerprinter.fingerprint(graph, 'Penguins', ['load']);
  if (found === undefined) throw new Error('there is no fingerprint of the step');
  return found;
}
