import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Project, RunEventLine } from './project.ts';

/** What a run did about each of its tasks. */
export interface Ran {
  readonly events: readonly RunEventLine[];
  /** By label: `cached`, `succeeded`, `failed`, `skipped`; of a task that ended more than once, the last. */
  readonly status: Readonly<Record<string, string>>;
  /** By label: why it was executed, `READ rows changed`; of several attempts, the first. */
  readonly why: Readonly<Record<string, string>>;
  /** Labels of tasks that were executed, once an attempt, in order. */
  readonly executed: readonly string[];
  readonly warnings: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface RanOptions {
  /** Exit code that is expected. */
  readonly code?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a flow, expects its exit code, and tells what became of its tasks. */
export async function ran(project: Project, args: readonly string[], options: RanOptions = {}): Promise<Ran> {
  return outcomeOf(await project.events(args, options.code ?? 0, options.env ?? {}));
}

export function outcomeOf(events: readonly RunEventLine[]): Ran {
  const status: Record<string, string> = {};
  const why: Record<string, string> = {};
  const executed: string[] = [];
  const warnings: string[] = [];
  let counts: Record<string, number> = {};
  for (const event of events) {
    const label = String(event.label);
    if (event.type === 'task-ended') status[label] = String(event.status);
    if (event.type === 'task-skipped') status[label] = 'skipped';
    if (event.type === 'warning') warnings.push(String(event.message));
    if (event.type === 'run-ended') counts = (event.summary as { counts: Record<string, number> }).counts;
    if (event.type !== 'task-started') continue;
    executed.push(label);
    const reason = event.why as { code: string; text: string } | undefined;
    if (reason) why[label] ??= `${reason.code} ${reason.text}`;
  }
  return { events, status, why, executed, warnings, counts };
}

/** Every file of the store under a folder of it. */
export function storeFiles(project: Project, folder = '', root = '.varve/store'): string[] {
  const path = join(project.path(root), folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

export function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

/** Objects that hold artifacts: large ones, and batches with small ones. */
function artifactFiles(project: Project): string[] {
  return [...storeFiles(project, 'cas'), ...storeFiles(project, 'runs').filter((file) => file.includes('batch'))];
}

/** How stored values get lost. */
export type Loss = 'flip' | 'delete';
export const LOSSES: readonly Loss[] = ['flip', 'delete'];

/** Damages or deletes every object in which this text is stored; at least one there must be. Returns which they were. */
export function lose(project: Project, text: string, loss: Loss): string[] {
  const holders = artifactFiles(project).filter((file) => readFileSync(file).includes(text));
  expect(holders.length, `objects that hold '${text}'`).toBeGreaterThan(0);
  for (const file of holders) loss === 'delete' ? rmSync(file) : flipAll(file, text);
  return holders;
}

function flipAll(file: string, text: string): void {
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
  }
  writeFileSync(file, bytes);
}
