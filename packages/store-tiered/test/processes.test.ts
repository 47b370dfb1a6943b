import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf } from '@varve/test-support';
import { describe, expect, it } from 'vitest';
import { blob, copiesIn, drafts, freshRoot, pathOf, readAll, remoteBlob, world } from './support.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

/** Opens the built package over a folder `far`, with copies in `near`, and has `body` work on `store`. */
function start(root: string, body: string): ChildProcess {
  const script = `
import { fsStore } from '@varve/store-fs';
import { tiered } from '@varve/store-tiered';
const root = ${JSON.stringify(root)};
const context = { projectRoot: root, logger: { warn: console.error, debug() {} }, get: async () => { throw new Error('none'); } };
const far = await fsStore({ root: root + '/far' }).provides.datastore(context);
const part = tiered({ local: 'near', remote: far, maxBytes: '2MB' });
const store = await part.provides.datastore(context);
${body}
`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: PACKAGE, stdio: 'pipe' });
  child.stderr?.on('data', (text: Buffer) => process.stderr.write(text));
  return child;
}

function put(root: string, { key, bytes }: ReturnType<typeof blob>): string {
  const path = join(root, 'far', key);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, bytes);
  return key;
}

function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly stdout: string }> {
  let stdout = '';
  child.stdout?.on('data', (text: Buffer) => {
    stdout += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout })));
}

/** Bytes that begin to come and then hang: the process is killed in the middle, whatever the machine does. */
const HANGING = `
async function* hanging() {
  yield new Uint8Array(300_000);
  process.stdout.write('begun');
  setInterval(() => {}, 1000);
  await new Promise(() => {});
}`;

describe('a process that is killed while it copies a blob', () => {
  it.each([
    ['writes', (key: string) => `await store.put(${JSON.stringify(key)}, { size: 900_000, open: hanging });`],
    [
      'reads',
      (key: string) => `far.get = async () => hanging();
for await (const chunk of await store.get(${JSON.stringify(key)}));`,
    ],
  ])('that it %s leaves no part of it as a copy, and the next process fetches it', async (_, act) => {
    const root = freshRoot();
    const { bytes, key } = blob(900_000);
    const child = start(root, `${HANGING}\n${act(key)}`);
    const end = ended(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const near = join(root, 'near');
    expect(drafts(near)).toHaveLength(1);
    child.kill('SIGKILL');
    await end;
    expect(copiesIn(near)).toEqual([]);
    const next = world({ root: near, maxBytes: 2e6 });
    remoteBlob(next.remote, 900_000);
    expect((await readAll(next.store, key)).equals(bytes)).toBe(true);
    expect(readFileSync(pathOf(near, key)).equals(bytes)).toBe(true);
  });
});

describe('processes that share a folder of copies', () => {
  it('read right bytes while all of them write and sweep, and stay below its size together', async () => {
    const root = freshRoot();
    const keys = Array.from({ length: 40 }, (_, i) => put(root, blob(100_000, i + 1)));
    const work = (shift: number) => `
import { createHash } from 'node:crypto';
const keys = ${JSON.stringify(keys)};
let wrong = 0;
for (let i = 0; i < 400; i++) {
  const key = keys[(i * 7 + ${shift}) % keys.length];
  const hash = createHash('sha256');
  for await (const chunk of await store.get(key)) hash.update(chunk);
  if (!key.endsWith(hash.digest('hex'))) wrong += 1;
}
await store.close();
console.log(JSON.stringify({ wrong }));`;
    const both = await Promise.all([ended(start(root, work(0))), ended(start(root, work(20)))]);
    for (const { code, stdout } of both) expect([code, stdout.trim()]).toEqual([0, '{"wrong":0}']);
    const near = join(root, 'near');
    expect(drafts(near)).toEqual([]);
    // One of them may have ended while the other swept: a next write finds what is left to do.
    const last = world({ root: near, maxBytes: 2e6 });
    await readAll(last.store, remoteBlob(last.remote, 100_000, 100).key);
    await last.store.close();
    let total = 0;
    for (const key of copiesIn(near)) {
      expect(hashOf(readFileSync(pathOf(near, key))).endsWith(key.slice(-64))).toBe(true);
      total += statSync(pathOf(near, key)).size;
    }
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThanOrEqual(2e6);
  });
});
