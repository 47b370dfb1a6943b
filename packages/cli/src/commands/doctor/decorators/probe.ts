import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A class with a decorator, which notes the kind that called it: a legacy decorator is handed the name of a method, a standard
 * one a description of it.
 */
const PROBE = `const kinds: string[] = [];
function mark() {
  return (_target: unknown, described: unknown): void => {
    kinds.push(typeof described === 'string' ? 'legacy' : 'standard');
  };
}
export class Probe {
  field: number = 1;
  @mark() method(): void {}
}
export default kinds;
`;
/** What is left in the code of the probe by a compiler that does not take decorators. */
export const DECORATOR_LEFT = /@\s*mark\b/;

const TSCONFIGS = ['tsconfig.json', 'jsconfig.json'];

/** Writes the probe to a folder where the compiler options of a project are in force, and takes it away again. */
export async function withProbe<T>(projectRoot: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'varve-doctor-')));
  try {
    const options = nearestOptions(projectRoot);
    const tsconfig = { ...(options !== undefined && { extends: options }), include: ['*'], files: ['probe.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'probe.ts'), PROBE);
    return await use(join(folder, 'probe.ts'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nearestOptions(folder: string): string | undefined {
  const found = TSCONFIGS.map((name) => join(folder, name)).find((file) => existsSync(file));
  return found ?? (dirname(folder) === folder ? undefined : nearestOptions(dirname(folder)));
}
