import type { ModuleOptions } from '../module-reads.ts';
import { globalToken } from './global-modules.ts';
import { InstalledPackages } from './installed.ts';
import { readContent } from './package-content.ts';
import { packageAt } from './package-place.ts';

/** Looks at installed packages, for one lookup: each package is read once. */
export function lookModules({
  root,
  files,
}: Pick<ModuleOptions, 'root' | 'files'>): (place: string) => Promise<string> {
  const packages = new InstalledPackages();
  const tokens = new Map<string, Promise<string>>();
  const look = async (place: string) => {
    const one = packageAt(packages, root, place);
    return one ? (await readContent(files, one)).token : globalToken(packages, files, place);
  };
  return (place) => {
    const token = tokens.get(place) ?? look(place);
    tokens.set(place, token);
    return token;
  };
}
