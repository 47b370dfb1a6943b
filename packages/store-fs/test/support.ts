import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Body, Datastore } from '@varve/core/contract';
import { afterEach } from 'vitest';
import type { FileSystem } from '../src/file-system.ts';

/** Makes a folder that is removed after the test. */
export function useFolders(): () => string {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'varve-fs-'));
    folders.push(folder);
    return folder;
  };
}

export function bodyOf(bytes: Uint8Array | string): Body {
  const whole = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return { ...streamOf(whole), bytes: whole };
}

export function streamOf(bytes: Uint8Array, chunk = 100_000): Body {
  return {
    size: bytes.length,
    async *open() {
      for (let start = 0; start < bytes.length; start += chunk) yield bytes.subarray(start, start + chunk);
    },
  };
}

export async function readAll(store: Datastore, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.get(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Names of the temporary files in a root. */
export function tempFiles(root: string): string[] {
  return readdirSync(join(root, '~tmp'));
}

/** An error as Node throws it. */
export function systemError(code: string, words: string, call: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${words}, ${call}`), { code, syscall: call });
}

/** The n-th call (from 1) of one function fails with `error`; all others go through. */
export function failing(fs: FileSystem, call: keyof FileSystem, nth: number, error: Error): FileSystem {
  let count = 0;
  const real = fs[call] as (...args: unknown[]) => unknown;
  const faulty = (...args: unknown[]): unknown => {
    count += 1;
    if (count === nth) throw error;
    return real(...args);
  };
  return { ...fs, [call]: faulty };
}
