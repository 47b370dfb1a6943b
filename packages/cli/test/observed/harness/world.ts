import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Project } from '../../support/project.ts';

/** State of a project and of the process that runs it. */
export interface World {
  /** By path: the content; a path that ends with `/` is an empty folder, a content `-> target` a symbolic link. */
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Folder inside the project from which the flow is run. */
  readonly cwd?: string;
}

/** One change of a world. */
export interface Change {
  readonly name: string;
  /** Parts of the world that differ afterwards: rows which read one of them are executed again, no others. */
  readonly touches: readonly string[];
  apply(world: World): World;
}

const LINK = '-> ';

/** Puts worlds on disk, one after the other; files with the same content are left alone. */
export class Stage {
  private readonly project: Project;
  private placed: Readonly<Record<string, string>> = {};

  constructor(project: Project) {
    this.project = project;
  }

  place({ files }: World): void {
    for (const [path, text] of Object.entries(this.placed)) if (!isEdit(text, files[path])) this.remove(path);
    for (const [path, text] of Object.entries(files)) if (this.placed[path] !== text) this.put(path, text);
    this.placed = files;
  }

  private put(path: string, text: string): void {
    const full = this.project.path(path);
    mkdirSync(path.endsWith('/') ? full : dirname(full), { recursive: true });
    if (path.endsWith('/')) return;
    if (text.startsWith(LINK)) symlinkSync(text.slice(LINK.length), full);
    else writeFileSync(full, text);
  }

  /** Folders go with their last file. */
  private remove(path: string): void {
    const full = this.project.path(path);
    rmSync(full, { recursive: true, force: true });
    for (let above = dirname(full); above !== this.project.root && isEmpty(above); above = dirname(above)) {
      rmdirSync(above);
    }
  }
}

/** Files are edited in place; links are made anew. */
function isEdit(before: string, after: string | undefined): boolean {
  return after === before || (after !== undefined && !after.startsWith(LINK) && !before.startsWith(LINK));
}

function isEmpty(folder: string): boolean {
  if (!existsSync(folder) || !lstatSync(folder).isDirectory()) return false;
  return readdirSync(folder).length === 0;
}

/** Puts files into a world; `undefined` removes one. */
export function withFiles(world: World, changed: Readonly<Record<string, string | undefined>>): World {
  return { ...world, files: merged(world.files, changed) };
}

/** Sets variables of a world; `undefined` removes one. */
export function withEnv(world: World, changed: Readonly<Record<string, string | undefined>>): World {
  return { ...world, env: merged(world.env, changed) };
}

function merged(before: Readonly<Record<string, string>>, changed: Readonly<Record<string, string | undefined>>) {
  const all = { ...before, ...changed };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
