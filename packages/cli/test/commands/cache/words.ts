import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project } from '../../support/project.ts';

/** An element with all characters in its name that could confuse a selector. */
export const ODD = 'a/b é #1 @last';

const FLOW = `
import { Flow, param, step, type View } from 'varve';
import { split } from './lib/split.ts';
export default class Words extends Flow {
  texts = param.json<string[]>({ default: ['one', 'two words', '${ODD}'] });
  big!: number[]; words!: string[]; sum!: number;
  @step() load() {
    this.big = Array.from({ length: 20_000 }, (_, i) => i);
    console.log('loading');
  }
  @step({ after: 'load', foreach: 'texts' }) count(text: string) { this.words = split(text); }
  @step({ join: 'count' }) total(tasks: readonly View<Words>[]) {
    this.sum = tasks.reduce((sum, task) => sum + task.words.length, 0);
  }
}
`;

export function wordsProject(): Project {
  return new Project({ 'words.ts': FLOW, 'lib/split.ts': LIB });
}

export const LIB = `export function split(text: string): string[] { return text.split(' '); }\n`;
/** Does the same by other code. */
export const OTHER_LIB = `export function split(text: string): string[] { return text.split(/ /); }\n`;

/** Files of the project's store whose path contains the text. */
export function stored(project: Project, part: string): string[] {
  return readdirSync(project.path('.varve/store'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file.replaceAll('\\', '/').includes(part));
}

export function flipBit(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

/** Lines of progress without their time. */
export function said(stderr: string): string[] {
  return stderr
    .replace(/^\d\d:\d\d:\d\d /gm, '')
    .trimEnd()
    .split('\n');
}

export interface ResultDocument {
  readonly name: string;
  readonly key: string;
  readonly step: string;
  readonly label: string;
  readonly generation: number;
  readonly withdrawn?: { readonly id: string; readonly why: string };
}
