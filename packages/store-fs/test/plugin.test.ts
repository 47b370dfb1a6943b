import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Body, Datastore, PluginContext } from '@varve/core/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fsStore } from '../src/index.ts';

let projectRoot: string;
beforeEach(() => {
  projectRoot = mkdtempSync(join(tmpdir(), 'varve-fs-'));
});
afterEach(() => rmSync(projectRoot, { recursive: true }));

function open(root: string): Datastore {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const clock = { now: () => Date.now(), sleep: async () => undefined };
  const get = () => Promise.reject(new Error('there is no other part'));
  const context: PluginContext = { logger: silent, clock, projectRoot, stateDir: join(projectRoot, '.varve'), get };
  return fsStore({ root }).provides.datastore(context) as Datastore;
}

function body(text: string): Body {
  const bytes = new TextEncoder().encode(text);
  return {
    size: bytes.length,
    bytes,
    async *open() {
      yield bytes;
    },
  };
}

async function text(store: Datastore, key: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.get(key)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('store-fs resolves a relative root against the project, and keeps each object as a file named by its key', async () => {
  const store = open('state/store');
  await store.put('runs/hello/batch', body('laid down once'));
  expect(readFileSync(join(projectRoot, 'state/store/runs/hello/batch'), 'utf8')).toBe('laid down once');
  expect(await text(store, 'runs/hello/batch')).toBe('laid down once');
});

it('store-fs touches no file before the first write', async () => {
  const store = open('store');
  expect(await store.stat('a')).toBeUndefined();
  for await (const found of store.list('')) expect(found).toBeUndefined();
  await store.delete('a');
  expect(readdirSync(projectRoot)).toEqual([]);
});

it('store-fs keeps a new root out of git, and leaves an existing folder alone', async () => {
  await open('fresh').put('a', body('1'));
  expect(readFileSync(join(projectRoot, 'fresh/.gitignore'), 'utf8')).toBe('*\n');
  mkdirSync(join(projectRoot, 'mine'));
  await open('mine').put('a', body('1'));
  expect(existsSync(join(projectRoot, 'mine/.gitignore'))).toBe(false);
});

it('store-fs neither lists nor overwrites its own files', async () => {
  const store = open('store');
  await store.put('a/b', body('1'));
  const keys: string[] = [];
  for await (const found of store.list('')) keys.push(found.key);
  expect(keys).toEqual(['a/b']);
  await expect(store.put('.gitignore', body('x'))).rejects.toMatchObject({ code: 'unsupported' });
});
