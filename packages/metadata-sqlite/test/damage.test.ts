import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunEvent, RunRecord, VarveError } from '@varve/core/contract';
import { runRecord } from '@varve/test-support';
import { afterAll, describe, expect, it } from 'vitest';
import { Connection } from '../src/database/connection.ts';
import { loadDriver } from '../src/database/load-driver.ts';
import { JOURNALS } from '../src/database/schema.ts';
import { SqliteMetadata } from '../src/provider.ts';
import { openIndex, openMetadata } from './open.ts';

const root = mkdtempSync(join(tmpdir(), 'varve-sqlite-'));
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const event = (n: number): RunEvent => ({ type: 'task-started', at: 1, task: 'a', attempt: n });
const driver = await loadDriver();

/** A file with these runs, closed. */
async function fileWith(name: string, ...runs: RunRecord[]): Promise<string> {
  const file = join(root, name, 'runs.db');
  const provider = await openMetadata(file);
  for (const run of runs) {
    await provider.createRun(run);
    await provider.append(run, [event(1), event(2)], { expectedLength: 0 });
    await provider.append(run, [event(3)], { expectedLength: 2 });
  }
  await provider.close?.();
  return file;
}

function change(file: string, sql: string): void {
  const database = driver.open(file);
  database.exec(sql);
  database.close();
}

async function failure(call: () => Promise<unknown>): Promise<VarveError> {
  return call().then(
    () => Promise.reject(new Error('it succeeded')),
    (error: VarveError) => error,
  );
}

async function drain(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const item of items) count += item === undefined ? 0 : 1;
  return count;
}

describe('a damaged file', () => {
  it('is refused by name, with the mend, and left as it is', async () => {
    for (const [name, spoil] of [
      ['garbage', (bytes: Buffer) => bytes.fill('no database at all ')],
      ['pages', (bytes: Buffer) => bytes.fill(0xff, 4096)],
    ] as const) {
      const file = await fileWith(name, runRecord());
      const bytes = spoil(readFileSync(file));
      writeFileSync(file, bytes);
      const provider = await openMetadata(file);
      for (const call of [
        () => provider.run('Penguins', runRecord().id),
        () => drain(provider.runs({})),
        () => provider.createRun(runRecord({ id: 'another' })),
      ]) {
        const error = await failure(call);
        expect(error).toMatchObject({ code: 'VARVE_DATABASE_DAMAGED', hint: 'Put the file back from a backup.' });
        expect(error.message).toContain(file);
      }
      await provider.close?.();
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }
  });

  it('has a changed value noticed, and the other runs listed', async () => {
    const [good, bad] = [runRecord(), runRecord({ id: '01j9zq0000000000000000000b', number: 2 })];
    const file = await fileWith('value', good, bad);
    change(file, `UPDATE runs SET record = replace(record, '"user":"ada"', '"user":"eve"') WHERE id = '${bad.id}'`);
    change(file, `UPDATE events SET events = replace(events, '"attempt":3', '"attempt":4')`);
    const provider = await openMetadata(file);
    expect(await failure(() => drain(provider.runs({})))).toMatchObject({ code: 'VARVE_CORRUPT_JOURNAL' });
    const damage: VarveError[] = [];
    expect(await drain(provider.runs({ onDamage: (error) => damage.push(error) }))).toBe(1);
    expect(damage.map(({ message }) => message).join()).toContain(bad.id);
    const error = await failure(() => drain(provider.events(good)));
    expect(error).toMatchObject({ code: 'VARVE_CORRUPT_JOURNAL' });
    expect(error.message).toContain('event 2');
    await provider.close?.();
  });

  it('has a missing append noticed', async () => {
    const file = await fileWith('gap', runRecord());
    change(file, 'DELETE FROM events WHERE first = 0');
    const provider = await openMetadata(file);
    expect(await failure(() => drain(provider.events(runRecord())))).toMatchObject({ code: 'VARVE_CORRUPT_JOURNAL' });
    await provider.close?.();
  });

  it('is made anew when it is an index, and put aside', async () => {
    const folder = join(root, 'index');
    const index = await openIndex(folder);
    const run = { key: 'records/a/b', listing: { record: runRecord() } };
    await index.put([run]);
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.db')) ?? '');
    await index.close?.();
    const garbage = readFileSync(file).fill('no database at all ');
    writeFileSync(file, garbage);
    const others = await Promise.all([openIndex(folder), openIndex(folder)]);
    const [again] = others;
    const error = await failure(() => again?.snapshot() ?? Promise.resolve());
    expect(error).toMatchObject({ code: 'VARVE_DATABASE_DAMAGED' });
    expect(error.hint).toContain('varve index --rebuild');
    await Promise.all(others.map((one) => one.clear()));
    await again?.put([run]);
    const snapshot = await again?.snapshot();
    expect([...((await snapshot?.known()) ?? [])]).toEqual([['records/a/b', false]]);
    await snapshot?.close();
    for (const one of others) await one.close?.();
    const aside = readdirSync(folder).filter((name) => /\.damaged-\d+$/.test(name));
    expect(aside).toHaveLength(1);
    expect(readFileSync(join(folder, aside[0] ?? '')).equals(garbage)).toBe(true);
  });
});

describe('the file of something else', () => {
  it('is not touched', async () => {
    const [other, newer] = ['other', 'newer'].map((name) => join(root, `${name}.db`));
    change(other ?? '', 'CREATE TABLE customers (name TEXT)');
    await (await openMetadata(newer ?? '')).run('a', 'b');
    change(newer ?? '', 'PRAGMA user_version = 99');
    expect(await failure(async () => (await openMetadata(other ?? '')).run('a', 'b'))).toMatchObject({
      code: 'VARVE_DATABASE_FOREIGN',
      message: expect.stringContaining('the file of another program'),
    });
    expect(await failure(async () => (await openMetadata(newer ?? '')).run('a', 'b'))).toMatchObject({
      code: 'VARVE_FORMAT_VERSION',
      message: expect.stringContaining('format 99'),
    });
    const folder = join(root, 'mixed');
    const index = await openIndex(folder);
    await index.put([]);
    await index.close?.();
    const name = readdirSync(folder).find((one) => one.endsWith('.db')) ?? '';
    rmSync(join(folder, name));
    const provider = await openMetadata(join(folder, name));
    await provider.createRun(runRecord());
    await provider.close?.();
    expect(await failure(() => index.clear())).toMatchObject({ code: 'VARVE_CLOSED' });
    expect(await failure(async () => (await openIndex(folder)).clear())).toMatchObject({
      code: 'VARVE_DATABASE_FOREIGN',
      message: expect.stringContaining('the history of runs'),
    });
    expect(await (await openMetadata(join(folder, name))).run('Penguins', runRecord().id)).toBeDefined();
  });
});

describe('a place that cannot be written', () => {
  it('is reported as full, and keeps what was stored', async () => {
    const file = join(root, 'full', 'runs.db');
    const small = {
      open: (path: string) => {
        const database = driver.open(path);
        database.exec('PRAGMA max_page_count = 24');
        return database;
      },
    };
    const purpose = { name: `SQLite in ${file}`, mend: '' };
    const provider = new SqliteMetadata(new Connection(small, file, JOURNALS, purpose));
    const run = runRecord();
    await provider.createRun(run);
    let length = 0;
    const error = await failure(async () => {
      for (; ; length++)
        await provider.append(run, [{ ...event(1), task: 'x'.repeat(900) } as RunEvent], { expectedLength: length });
    });
    expect(error).toMatchObject({ code: 'no-space', message: expect.stringContaining('Free space') });
    expect(length).toBeGreaterThan(3);
    expect(await drain(provider.events(run))).toBe(length);
    await provider.close();
    const again = await openMetadata(file);
    await again.append(run, [event(1)], { expectedLength: length });
    expect(await drain(again.events(run))).toBe(length + 1);
    await again.close?.();
  });

  it.skipIf(process.getuid === undefined)('is reported as read-only', async () => {
    const file = await fileWith('read-only', runRecord());
    const folder = dirname(file);
    mkdirSync(join(root, 'closed'));
    chmodSync(file, 0o444);
    for (const path of [folder, join(root, 'closed')]) chmodSync(path, 0o555);
    await asNobody(async () => {
      const provider = await openMetadata(file);
      const error = await failure(() => provider.createRun(runRecord({ id: 'another' })));
      expect(error).toMatchObject({ code: 'permission-denied', message: expect.stringContaining(file) });
      const missing = await openMetadata(join(root, 'closed', 'new', 'runs.db'));
      expect(await failure(() => missing.createRun(runRecord()))).toMatchObject({ code: 'permission-denied' });
    });
  });
});

/** Root may write everywhere. */
async function asNobody(work: () => Promise<void>): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
