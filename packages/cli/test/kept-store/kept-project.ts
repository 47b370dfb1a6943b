import { cpSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ageHeartbeats } from '../support/heartbeats.ts';
import { Project } from '../support/project.ts';
import { folderStore } from '../support/stores.ts';

const FIXTURES = fileURLToPath(new URL('fixtures/', import.meta.url));
const STORE = '.varve/store';

/** Environment in which the store was written. */
export const KEPT_ENV = { TZ: 'UTC', KEPT_MODE: 'kept' };

/** Creates a project with the flows of the kept store and a copy of the store, its killed run long silent. */
export function keptProject(): Project {
  const project = new Project();
  cpSync(join(FIXTURES, 'project'), project.root, { recursive: true });
  cpSync(join(FIXTURES, 'project/tiny'), project.path('node_modules/tiny'), { recursive: true });
  cpSync(join(FIXTURES, 'store'), project.path(STORE), { recursive: true });
  ageHeartbeats(folderStore(project.path(STORE)));
  return project;
}

/** Dates every object of the store back by some hours: in a fresh copy all of them are new. */
export function ageStore(project: Project, hours: number): void {
  const then = Date.now() / 1000 - hours * 3600;
  for (const file of filesOfStore(project)) utimesSync(project.path(`${STORE}/${file}`), then, then);
}

/** Paths of all files in the store, sorted. */
export function filesOfStore(project: Project): string[] {
  return readdirSync(project.path(STORE), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(project.path(STORE).length + 1))
    .sort();
}
