import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnosis, problem } from './diagnosis.ts';

/** Finds a package.json that neither Node nor npm can read. Nothing to say of any other, or where there is none. */
export function checkPackage(projectRoot: string): Diagnosis[] {
  const file = join(projectRoot, 'package.json');
  if (!existsSync(file)) return [];
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof found === 'object' && found !== null && !Array.isArray(found)) return [];
    return [unreadable(file, 'it holds no object')];
  } catch (error) {
    return [unreadable(file, error instanceof Error ? error.message : String(error))];
  }
}

function unreadable(file: string, why: string): Diagnosis {
  return problem('package', `${file} cannot be read: ${why}`, 'Correct the file: imports of packages depend on it.');
}
