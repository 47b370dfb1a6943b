import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Project, RunEventLine } from './project.ts';

/** Outcome of a run by task. */
export interface Ran {
  readonly events: readonly RunEventLine[];
  /** By label: `cached`, `succeeded`, `failed`, `skipped`; the last status of tasks that ended more than once. */
  readonly status: Readonly<Record<string, string>>;
  /** By label: reason of the first attempt, e.g. `READ rows changed`. */
  readonly why: Readonly<Record<string, string>>;
  /** Labels of executed tasks, one per attempt, in order. */
  readonly executed: readonly string[];
  readonly warnings: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface RanOptions {
  /** Expected exit code. */
  readonly code?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a flow, expects its exit code, and returns the outcome of its tasks. */
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

/** All files of the store under a folder. */
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

/** Keys of batches, which hold small artifacts. */
export function batchKeys({ store }: Project): string[] {
  return store.keys('runs/').filter((key) => key.includes('batch'));
}

/** Way to lose stored values. */
export type Loss = 'flip' | 'delete';
export const LOSSES: readonly Loss[] = ['flip', 'delete'];

/** Damages or deletes all objects that contain this text, of which there must be one. Returns their keys. */
export function lose(project: Project, text: string, loss: Loss): string[] {
  const { store } = project;
  const artifacts = [...store.keys('cas/'), ...batchKeys(project)];
  const holders = artifacts.filter((key) => store.read(key)?.includes(text));
  expect(holders.length, `objects that hold '${text}'`).toBeGreaterThan(0);
  for (const key of holders) {
    const bytes = Buffer.from(store.read(key) ?? '');
    store.write(key, loss === 'delete' ? undefined : flipAll(bytes, text));
  }
  return holders;
}

function flipAll(bytes: Buffer, text: string): Buffer {
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1;
  }
  return bytes;
}
